#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/state_change.hpp"
#include "orrery/policies/placement/kube_default/config.hpp"
#include "orrery/policies/placement/kube_default/node_index.hpp"
#include "orrery/policies/placement/kube_default/node_rules.hpp"
#include "orrery/policies/placement/kube_default/pod_counters.hpp"
#include "orrery/policies/placement/kube_default/spread.hpp"
#include "orrery/policies/placement/kube_default/topology.hpp"

namespace orrery::policies::kube {

/// A pod template with all that does not change from pod to pod.
struct CompiledTemplate {
  std::shared_ptr<const PodTemplate> spec;
  NodeRulesId rules;
  SpreadRules hard;  ///< constraints that filter
  SpreadRules soft;  ///< constraints that score
  /// The only nodes that its node affinity names, if every term names some (metadata.name).
  std::optional<std::set<std::string>> named_nodes;
};

/// What the scheduler keeps between cycles, mended with each change of the cluster.
class SchedulerCache {
 public:
  explicit SchedulerCache(KubeSchedulerProfile profile);
  SchedulerCache(const SchedulerCache&) = delete;
  SchedulerCache& operator=(const SchedulerCache&) = delete;
  ~SchedulerCache() = default;

  /// `change` has just been applied to `state`.
  void apply(const StateChange& change, const ClusterState& state, Time now);

  /// The template, with its spread rules up to date.
  CompiledTemplate& compiled(PodTemplateId id, const ClusterState& state);

  [[nodiscard]] const KubeSchedulerProfile& profile() const { return profile_; }
  [[nodiscard]] const Topology& topology() const { return topology_; }
  [[nodiscard]] const PodCounters& counters() const { return counters_; }
  [[nodiscard]] NodeRules& node_rules() { return node_rules_; }
  [[nodiscard]] NodeIndex& nodes() { return nodes_; }
  [[nodiscard]] const NodeIndex& nodes() const { return nodes_; }
  /// When the pod's containers started; nothing before.
  [[nodiscard]] std::optional<Time> started(PodId pod) const;

 private:
  void add_template(PodTemplateId id, const std::shared_ptr<const PodTemplate>& spec,
                    const ClusterState& state);
  [[nodiscard]] SpreadRules spread_rules(PodTemplateId id, const PodTemplate& spec,
                                         WhenUnsatisfiable action, const ClusterState& state);
  void place(PodId pod, NodeId node, const ClusterState& state);
  void take_off(PodId pod, NodeId node, const ClusterState& state);
  void remove_node(NodeId node, const ClusterState& state);

  KubeSchedulerProfile profile_;
  Topology topology_;
  PodCounters counters_;
  NodeRules node_rules_;
  NodeIndex nodes_;
  IdVector<PodTemplateId, CompiledTemplate> templates_;
  IdRows<PodId, Time> started_;
};

}  // namespace orrery::policies::kube
