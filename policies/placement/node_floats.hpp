#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/policies/placement/room_index.hpp"
#include "orrery/policies/placement/scorer.hpp"

namespace orrery::policies {

/// Single-precision mirror of the node columns that scorers read, kept up to date node by node. A
/// pod that fits always fits by these numbers too (conversion is monotone); ClusterState::unfit has
/// the last word. 36 bytes a node.
class NodeFloats {
 public:
  void refresh(const ClusterState& state, NodeId node);
  [[nodiscard]] std::size_t size() const { return cpu_free_.size(); }
  [[nodiscard]] NodeSlice slice(std::size_t first, std::size_t count) const;
  /// fits[i] = 1 where node first + i holds `asked`, else 0.
  void mark_fitting(const Room& asked, std::size_t first, std::span<std::uint8_t> fits) const;

 private:
  void set_inverses(const ClusterState& state, NodeId node);

  std::vector<float> cpu_free_;  ///< −1 while blocked
  std::vector<float> memory_free_;
  std::vector<float> gpu_free_;
  std::vector<float> cpu_inverse_;
  std::vector<float> memory_inverse_;
  std::vector<float> gpu_inverse_;
  std::vector<float> gpu_room_;  ///< as Room::gpu
  std::vector<float> pods_free_;
};

}  // namespace orrery::policies
