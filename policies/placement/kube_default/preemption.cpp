#include "orrery/policies/placement/kube_default/preemption.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

namespace orrery::policies::kube {
namespace {

std::int32_t priority_of(const Cycle& cycle, PodId pod) {
  const ClusterState& state = cycle.state();
  return state.resolved(state.pod(pod).pod_template).spec->priority;
}

/// A pod that has not started counts as starting now.
Time start_of(const Cycle& cycle, PodId pod, Time now) {
  return cycle.cache().started(pod).value_or(now);
}

bool is_more_important(const Cycle& cycle, PodId a, PodId b, Time now) {
  const std::int32_t first = priority_of(cycle, a);
  const std::int32_t second = priority_of(cycle, b);
  return first != second ? first > second : start_of(cycle, a, now) < start_of(cycle, b, now);
}

/// A pod without labels belongs to no budget. Binding gives it those of its node's topology.
bool has_labels(const Cycle& cycle, const PodTemplate& spec, NodeId node) {
  if (!spec.labels.empty()) return true;
  if (cycle.cache().profile().minor_version < kLabelsBoundPodsSince) return false;
  const Labels& labels = cycle.state().nodes().info[node]->labels;
  return labels.contains("topology.kubernetes.io/zone") ||
         labels.contains("topology.kubernetes.io/region");
}

/// Which of `pods`, all on one node and in their order, would break a budget if all went.
std::vector<bool> breaks_budget(const Cycle& cycle, const std::vector<PodId>& pods, NodeId node) {
  const ClusterState& state = cycle.state();
  std::vector<std::int32_t> allowed;
  for (const auto& budget : state.budgets()) {
    allowed.push_back(budget->disruptions_allowed);
  }
  std::vector<bool> breaks;
  for (const PodId pod : pods) {
    const PodTemplate& spec = *state.resolved(state.pod(pod).pod_template).spec;
    bool is_broken = false;
    for (std::size_t i = 0; i < allowed.size() && has_labels(cycle, spec, node); ++i) {
      const DisruptionBudget* budget = state.budgets()[BudgetId{i}].get();
      if (!budget->concerns(spec)) continue;
      if (budget->is_disrupting(state.pod(pod).uid)) continue;
      is_broken |= --allowed[i] < 0;
    }
    breaks.push_back(is_broken);
  }
  return breaks;
}

/// Gives pods back, one by one, as long as the pod still fits; the others are the victims.
class Reprieve {
 public:
  Reprieve(const Cycle& cycle, NodeTrial trial, NodeId node)
      : cycle_(cycle), trial_(std::move(trial)), node_(node) {}

  bool give_back(PodId pod) {
    trial_.add(pod);
    if (cycle_.refusal(node_, trial_) == Refusal::None) return true;
    trial_.remove(pod);
    return false;
  }

 private:
  const Cycle& cycle_;
  NodeTrial trial_;
  NodeId node_;
};

Victims select_victims(const Cycle& cycle, NodeId node, Time now) {
  std::vector<PodId> potential;
  NodeTrial trial = cycle.trial(node);
  for (const PodId pod : cycle.cache().nodes().pods(node)) {
    if (priority_of(cycle, pod) >= cycle.spec().priority) continue;
    potential.push_back(pod);
    trial.remove(pod);
  }
  Victims victims{.node = node, .pods = {}, .violations = 0};
  if (potential.empty() || cycle.refusal(node, trial) != Refusal::None) return victims;
  const auto important_first = [&](PodId a, PodId b) {
    return is_more_important(cycle, a, b, now);
  };
  std::stable_sort(potential.begin(), potential.end(), important_first);
  const std::vector<bool> breaks = breaks_budget(cycle, potential, node);
  Reprieve reprieve{cycle, std::move(trial), node};
  for (const bool violating : {true, false}) {
    for (std::size_t i = 0; i < potential.size(); ++i) {
      if (breaks[i] != violating || reprieve.give_back(potential[i])) continue;
      victims.pods.push_back(potential[i]);
      victims.violations += violating ? 1 : 0;
    }
  }
  std::stable_sort(victims.pods.begin(), victims.pods.end(), important_first);
  return victims;
}

/// Keeps the candidates of the highest score.
void keep_best(std::vector<Victims>& candidates,
               const std::function<std::int64_t(const Victims&)>& score) {
  if (candidates.size() < 2) return;
  std::int64_t best = std::numeric_limits<std::int64_t>::min();
  for (const Victims& one : candidates) best = std::max(best, score(one));
  std::erase_if(candidates, [&](const Victims& one) { return score(one) != best; });
}

std::int64_t earliest_start(const Victims& victims, const Cycle& cycle, Time now) {
  Time earliest = kTimeMax;
  for (const PodId pod : victims.pods) {
    if (priority_of(cycle, pod) != priority_of(cycle, victims.pods.front())) continue;
    earliest = std::min(earliest, start_of(cycle, pod, now));
  }
  return earliest.time_since_epoch().count();
}

}  // namespace

bool may_preempt(const Cycle& cycle) {
  if (!cycle.spec().preempts) return false;
  const auto nominated = cycle.state().nominations().find(cycle.pod());
  if (nominated == cycle.state().nominations().end()) return true;
  const NodeId node = nominated->second;
  const Refusal refusal = cycle.refusal(node);
  if (refusal != Refusal::None && !is_resolvable(refusal)) return true;
  const std::vector<PodId>& pods = cycle.cache().nodes().pods(node);
  return std::none_of(pods.begin(), pods.end(), [&](PodId pod) {
    return cycle.state().pod(pod).is_terminating && priority_of(cycle, pod) < cycle.spec().priority;
  });
}

std::vector<Victims> preemption_candidates(const Cycle& cycle, Time now, std::uint64_t lot) {
  std::vector<NodeId> potential;
  for (const NodeId node : cycle.cache().nodes().order()) {
    if (is_resolvable(cycle.refusal(node))) potential.push_back(node);
  }
  std::vector<Victims> candidates;
  if (potential.empty()) return candidates;
  const KubeSchedulerProfile& profile = cycle.cache().profile();
  const auto nodes = static_cast<std::int64_t>(potential.size());
  const std::int64_t enough = std::min(
      nodes,
      std::max(nodes * profile.candidate_nodes_percent_min / 100, profile.candidate_nodes_min));
  bool keeps_all_budgets = false;
  for (std::size_t i = 0; i < potential.size(); ++i) {
    Victims victims =
        select_victims(cycle, potential[(lot % potential.size() + i) % potential.size()], now);
    if (victims.pods.empty()) continue;
    keeps_all_budgets |= victims.violations == 0;
    candidates.push_back(std::move(victims));
    if (keeps_all_budgets && static_cast<std::int64_t>(candidates.size()) >= enough) break;
  }
  return candidates;
}

std::vector<Victims> best_candidates(std::vector<Victims> candidates, const Cycle& cycle,
                                     Time now) {
  keep_best(candidates, [](const Victims& one) { return -std::int64_t{one.violations}; });
  keep_best(candidates, [&](const Victims& one) {
    return -std::int64_t{priority_of(cycle, one.pods.front())};
  });
  keep_best(candidates, [&](const Victims& one) {
    // Shifted so that a few pods of negative priority are not worse than many.
    constexpr std::int64_t kShift = std::int64_t{1} << 31;
    std::int64_t sum = 0;
    for (const PodId pod : one.pods) sum += priority_of(cycle, pod) + kShift;
    return -sum;
  });
  keep_best(candidates,
            [](const Victims& one) { return -static_cast<std::int64_t>(one.pods.size()); });
  keep_best(candidates, [&](const Victims& one) { return earliest_start(one, cycle, now); });
  return candidates;
}

}  // namespace orrery::policies::kube
