#pragma once

#include <vector>

#include "orrery/models/stream.hpp"
#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/policies/placement/room_index.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {

/// Random: any node that fits, and any devices that fit on it, each with the same probability
/// (Weng et al., USENIX ATC 2023, policy "Random"). A few nodes are drawn blindly and the first
/// that fits is taken; when none of them does, one is drawn from the list of those that fit: both
/// ways each feasible node is equally likely. O(1) in a roomy cluster, O(nodes with room) in a full
/// one.
class Random final : public PlacementPolicy {
 public:
  Random(const Parameters& parameters, const PolicyContext& context);
  Placement place(const ClusterView& view, PodId pod) override;
  void on_change(const ClusterView& view, const StateChange& change) override;
  Explanation explain(const ClusterView& view, PodId pod) override;

 private:
  [[nodiscard]] Placement draw(const ClusterState& state, const Pod& pod, Stream& stream);

  Stream stream_;
  RoomIndex rooms_;
  std::vector<NodeId> feasible_;  ///< scratch of draw()
};

}  // namespace orrery::policies
