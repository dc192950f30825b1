#pragma once

#include <vector>

#include "orrery/models/stream.hpp"
#include "orrery/policies/placement/kube_default/cycle.hpp"

namespace orrery::policies::kube {

/// The pods that would have to go from one node, the most important first.
struct Victims {
  NodeId node;
  std::vector<PodId> pods;
  std::int32_t violations = 0;  ///< of disruption budgets
};

/// The nodes where the pod would fit if pods of lower priority went, each with the fewest victims,
/// as far as the search goes from `offset` on (DefaultPreemption's SelectVictimsOnNode and
/// DryRunPreemption with one worker). Only nodes that were refused for a reason that goes with
/// other pods are looked at.
[[nodiscard]] std::vector<Victims> preemption_candidates(const Cycle& cycle, Time now,
                                                         std::uint64_t lot);

/// Those that are left when upstream's criteria have been applied in turn: fewest budget
/// violations, lowest top victim, smallest sum of priorities, fewest victims, latest start of the
/// most important victims. Any of them may be taken (pickOneNodeForPreemption).
[[nodiscard]] std::vector<Victims> best_candidates(std::vector<Victims> candidates,
                                                   const Cycle& cycle, Time now);

/// May the pod preempt now? Not with preemptionPolicy Never, nor while a pod that it has preempted
/// is still terminating on its nominated node.
[[nodiscard]] bool may_preempt(const Cycle& cycle);

}  // namespace orrery::policies::kube
