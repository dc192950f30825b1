#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/state_change.hpp"

namespace orrery::policies::kube {

/// The pods that wait because of other pods: rules of affinity, anti-affinity or spread refused
/// them a node. Another pod's coming or going may help them wherever it is, so it wakes those of
/// whose rules it is part (the queueing hints of plugins/{interpodaffinity,podtopologyspread},
/// v1.36.3; here namespaceSelectors of pods that go are resolved, as upstream's are not).
class RulesUnmet {
 public:
  void add(PodId pod, std::uint64_t uid) { waiting_[pod] = uid; }

  /// Those that the change may help, by id; they are forgotten until they are refused again.
  [[nodiscard]] std::vector<PodId> helped_by(const ClusterState& state, const StateChange& change);

 private:
  std::map<PodId, std::uint64_t> waiting_;
};

}  // namespace orrery::policies::kube
