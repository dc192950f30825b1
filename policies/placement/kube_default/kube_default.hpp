#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "orrery/policies/placement/kube_default/cycle.hpp"
#include "orrery/policies/placement/kube_default/preemption.hpp"
#include "orrery/policies/placement/kube_default/rules_unmet.hpp"
#include "orrery/policies/placement/kube_default/scheduler_cache.hpp"
#include "orrery/policies/placement/kube_default/scoring.hpp"
#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {

/// The placement of kube-scheduler with its default plugins: filters on nodes in the order of the
/// node tree, from where the last pod's search ended, until enough are feasible; then the weighted
/// sum of scores, ties drawn by lot; preemption when there is none. Held against the real scheduler
/// decision by decision (docs/fidelity.md).
///
/// Source: pkg/scheduler/schedule_one.go, v1.36.3, with one worker. O(nodes looked at) per pod.
class KubeDefault final : public PlacementPolicy {
 public:
  static Result<std::unique_ptr<KubeDefault>> make(const Parameters& parameters,
                                                   const PolicyContext& context);
  [[nodiscard]] static std::vector<ParameterSpec> parameters();

  KubeDefault(kube::KubeSchedulerProfile profile, std::uint64_t seed, ClusterId cluster);
  Placement place(const ClusterView& view, PodId pod) override;
  Preemption preempt(const ClusterView& view, PodId pod) override;
  void on_change(const ClusterView& view, const StateChange& change) override;
  std::vector<PodId> helped_by(const ClusterView& view, const StateChange& change) override;
  Explanation explain(const ClusterView& view, PodId pod) override;

  /// Every node that the lot may fall on, in the situation of place().
  [[nodiscard]] std::vector<NodeId> best_nodes(const ClusterView& view, PodId pod);
  /// Every node and its victims that preempt() may choose.
  [[nodiscard]] std::vector<Preemption> best_preemptions(const ClusterView& view, PodId pod);

 private:
  /// What place() answers when the search begins at `start`, which moves on.
  [[nodiscard]] Placement choose(const kube::Cycle& cycle, std::size_t& start);
  /// Fills feasible_ in the order in which the search finds them.
  void search(const kube::Cycle& cycle, std::size_t& start);
  [[nodiscard]] bool takes_nominated(const kube::Cycle& cycle);
  [[nodiscard]] std::size_t wanted(std::size_t nodes) const;
  [[nodiscard]] std::vector<NodeId> best_of(const kube::Cycle& cycle);

  kube::SchedulerCache cache_;
  kube::RulesUnmet unmet_;
  kube::Scoring scoring_;
  std::uint64_t seed_;
  ClusterId cluster_;
  std::size_t start_ = 0;  // in the order of nodes, of the next search
  kube::Cycle::SumsMemory sums_;
  std::vector<NodeId> feasible_;
  bool refused_for_others_ = false;  // by the last search: rules about other pods refused a node
};

}  // namespace orrery::policies
