#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/policies/parameters.hpp"

namespace orrery::policies {

/// The sizes that scores are relative to: the largest allocatable CPU and GPU milli of any node
/// that the cluster has had, or what the document says.
class LargestNode {
 public:
  LargestNode() = default;
  explicit LargestNode(const Parameters& parameters)
      : cpu_(parameters.integer("largest_cpu_milli")),
        gpu_(parameters.integer("largest_gpu_milli")),
        is_cpu_given_(cpu_ > 0),
        is_gpu_given_(gpu_ > 0) {}

  [[nodiscard]] static std::vector<ParameterSpec> parameters();

  /// True when `node` has made a size grow.
  bool add(const ClusterState& state, NodeId node);
  [[nodiscard]] std::int64_t cpu() const { return cpu_; }
  [[nodiscard]] std::int64_t gpu() const { return gpu_; }

 private:
  std::int64_t cpu_ = 0;
  std::int64_t gpu_ = 0;
  bool is_cpu_given_ = false;
  bool is_gpu_given_ = false;
};

}  // namespace orrery::policies
