#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "orrery/policies/placement/kube_default/node_trial.hpp"
#include "orrery/policies/placement/kube_default/refusal.hpp"
#include "orrery/policies/placement/kube_default/scheduler_cache.hpp"
#include "orrery/policies/placement/placement_policy.hpp"

namespace orrery::policies::kube {

/// The filters of one scheduling cycle: what depends on the pod but not on the node is worked out
/// once, then any node can be asked in O(1). Valid until the cluster changes.
class Cycle {
 public:
  /// The sums lend their memory from cycle to cycle.
  using SumsMemory = std::vector<SpreadSums>;

  Cycle(SchedulerCache& cache, const ClusterView& view, PodId pod, SumsMemory& memory);

  /// The first filter that refuses the node, with the nominated pods that count there and without.
  [[nodiscard]] Refusal refusal(NodeId node) const;
  /// The same for a node on which other pods are gone.
  [[nodiscard]] Refusal refusal(NodeId node, const NodeTrial& trial) const;
  /// As refusal(), in the words of kube-scheduler; one entry for each resource that lacks.
  [[nodiscard]] std::vector<std::string> reasons(NodeId node) const;

  [[nodiscard]] NodeTrial trial(NodeId node) const { return {cache_, state_, compiled_, node}; }
  [[nodiscard]] PodId pod() const { return pod_; }
  [[nodiscard]] const Pod& row() const { return row_; }
  [[nodiscard]] const PodTemplate& spec() const { return *compiled_.spec; }
  [[nodiscard]] const CompiledTemplate& compiled() const { return compiled_; }
  [[nodiscard]] const AffinityReads& affinity() const { return affinity_; }
  [[nodiscard]] const IdVector<NodeId, NodeVerdict>& verdicts() const { return verdicts_; }
  [[nodiscard]] const ClusterState& state() const { return state_; }
  [[nodiscard]] SchedulerCache& cache() const { return cache_; }

 private:
  [[nodiscard]] Refusal check(NodeId node, const NodeTrial* trial) const;
  [[nodiscard]] Refusal check_rules(NodeId node) const;
  [[nodiscard]] bool has_free_ports(NodeId node, const NodeTrial* trial) const;
  [[nodiscard]] Refusal check_room(NodeId node, const NodeTrial* trial) const;
  [[nodiscard]] Refusal check_special_room(NodeId node, const NodeRoom& room) const;
  [[nodiscard]] Refusal check_spread(NodeId node, const NodeTrial* trial) const;
  [[nodiscard]] Refusal check_pod_affinity(NodeId node, const NodeTrial* trial) const;
  [[nodiscard]] bool has_company(NodeId node, const NodeTrial* trial) const;
  [[nodiscard]] std::int64_t count(CounterId counter, NodeId node, const NodeTrial* trial) const;
  [[nodiscard]] bool is_ignored(const std::string& resource) const;
  [[nodiscard]] bool has_nominated(NodeId node) const;
  [[nodiscard]] Refusal with_nominated(NodeId node, NodeTrial trial) const;
  void note_nominations();

  SchedulerCache& cache_;
  const ClusterState& state_;
  PodId pod_;
  const Pod& row_;
  const CompiledTemplate& compiled_;
  const AffinityReads& affinity_;
  const IdVector<NodeId, NodeVerdict>& verdicts_;
  SumsMemory& sums_;  // of the hard constraints
  bool checks_spread_;
  bool checks_pod_affinity_;
  bool is_special_;                 // asks for more than CPU, memory and a place
  bool first_of_its_kind_ = false;  // nobody matches its required affinity, but itself does
  std::vector<std::pair<NodeId, PodId>> nominated_;  // that it must yield to, by node
};

}  // namespace orrery::policies::kube
