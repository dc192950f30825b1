#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/policies/placement/kube_default/config.hpp"

namespace orrery::policies::kube {

/// What a node's labels, taints and blocks mean for pods of one set of rules.
struct NodeVerdict {
  // Bits of `refused`, in the order of the filters.
  static constexpr std::uint8_t kUnschedulable = 1;  ///< NodeUnschedulable
  static constexpr std::uint8_t kTainted = 2;        ///< TaintToleration
  static constexpr std::uint8_t kMismatched = 4;     ///< NodeAffinity
  static constexpr std::uint8_t kRemoved = 128;

  std::uint8_t refused = 0;
  bool is_tainted = false;           ///< a taint it does not tolerate, for nodeTaintsPolicy
  bool is_mismatched = false;        ///< its selector or affinity, for nodeAffinityPolicy
  std::int32_t unliked_taints = 0;   ///< PreferNoSchedule taints that it does not tolerate
  std::int32_t affinity_weight = 0;  ///< of the preferred node affinity
};

using NodeRulesId = Id<struct NodeRulesTag>;

/// The verdicts on all nodes for each set of rules (selector, node affinity, tolerations) that pods
/// have, made when first asked for and mended for nodes that have changed since.
///
/// Follows pkg/scheduler/framework/plugins/{nodeunschedulable,tainttoleration,nodeaffinity} of
/// v1.36.3. A node that is not ready is one with the taint node.kubernetes.io/not-ready.
class NodeRules {
 public:
  explicit NodeRules(const KubeSchedulerProfile& profile) : profile_(profile) {}

  /// The set of rules of a template; equal rules are one set.
  NodeRulesId rules_of(std::shared_ptr<const PodTemplate> spec);
  void node_changed(NodeId node) { changes_.push_back(node); }

  /// By node, up to date. Valid until the next call.
  const IdVector<NodeId, NodeVerdict>& verdicts(NodeRulesId id, const ClusterState& state);
  /// Changes with the verdicts of any node.
  [[nodiscard]] std::size_t version() const { return changes_.size(); }

  /// Does a preference of the pod or the profile count at all?
  [[nodiscard]] bool has_preferences(NodeRulesId id) const;

 private:
  struct Set {
    std::shared_ptr<const PodTemplate> spec;  // the first that has these rules
    IdVector<NodeId, NodeVerdict> verdicts;
    std::size_t version = 0;  // of changes_ that are in
  };
  [[nodiscard]] NodeVerdict judge(const PodTemplate& spec, NodeId node,
                                  const ClusterState& state) const;

  const KubeSchedulerProfile& profile_;
  IdVector<NodeRulesId, Set> sets_;
  std::vector<NodeId> changes_;
};

}  // namespace orrery::policies::kube
