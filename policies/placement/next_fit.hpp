#pragma once

#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/policies/placement/room_index.hpp"

namespace orrery::policies {

/// Next fit: the first node that fits from the last chosen one on, round the cluster by id
/// (Johnson, J. Computer and System Sciences 8(3), 1974, made circular because pods also leave).
/// Devices by best fit. O(log n) per pod and change, see RoomIndex.
class NextFit final : public PlacementPolicy {
 public:
  Placement place(const ClusterView& view, PodId pod) override;
  void on_change(const ClusterView& view, const StateChange& change) override;
  Explanation explain(const ClusterView& view, PodId pod) override;

 private:
  [[nodiscard]] NodeId choose(const ClusterState& state, const Pod& pod);

  RoomIndex rooms_;
  NodeId last_{0};
};

}  // namespace orrery::policies
