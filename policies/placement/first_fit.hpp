#pragma once

#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/policies/placement/room_index.hpp"

namespace orrery::policies {

/// First fit: the node with the lowest id that fits (Johnson et al., SIAM J. Computing 3(4), 1974).
/// Devices by best fit. O(log n) per pod and change, see RoomIndex.
class FirstFit final : public PlacementPolicy {
 public:
  Placement place(const ClusterView& view, PodId pod) override;
  void on_change(const ClusterView& view, const StateChange& change) override;
  Explanation explain(const ClusterView& view, PodId pod) override;

 private:
  RoomIndex rooms_;
};

}  // namespace orrery::policies
