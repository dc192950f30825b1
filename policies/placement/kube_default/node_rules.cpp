#include "orrery/policies/placement/kube_default/node_rules.hpp"

#include <algorithm>
#include <utility>

namespace orrery::policies::kube {
namespace {

bool has_equal_rules(const PodTemplate& a, const PodTemplate& b) {
  return a.node_selector == b.node_selector && a.affinity == b.affinity &&
         a.tolerations == b.tolerations;
}

bool has_block(const ClusterState& state, NodeId node, NodeBlock block) {
  return (state.nodes().blocked[node] & static_cast<std::uint8_t>(block)) != 0;
}

bool tolerates(const PodTemplate& pod, const Taint& taint) {
  return std::any_of(pod.tolerations.begin(), pod.tolerations.end(),
                     [&](const Toleration& one) { return one.tolerates(taint); });
}

bool is_selected(const PodTemplate& pod, const Node& node) {
  const auto has = [&](const auto& wanted) {
    const auto found = node.labels.find(wanted.first);
    return found != node.labels.end() && found->second == wanted.second;
  };
  return std::all_of(pod.node_selector.begin(), pod.node_selector.end(), has) &&
         pod.affinity.admits(node.labels, node.name);
}

std::int32_t weight_of(const NodeAffinity& affinity, const Node& node) {
  std::int32_t sum = 0;
  for (const PreferredTerm& one : affinity.preferred) {
    if (selects(one.term, node.labels, node.name)) sum += one.weight;
  }
  return sum;
}

}  // namespace

NodeRulesId NodeRules::rules_of(std::shared_ptr<const PodTemplate> spec) {
  for (std::size_t i = 0; i < sets_.size(); ++i) {
    if (has_equal_rules(*sets_[NodeRulesId{i}].spec, *spec)) return NodeRulesId{i};
  }
  return sets_.push_back({.spec = std::move(spec), .verdicts = {}, .version = 0});
}

const IdVector<NodeId, NodeVerdict>& NodeRules::verdicts(NodeRulesId id,
                                                         const ClusterState& state) {
  Set& set = sets_[id];
  if (set.verdicts.size() < state.node_count()) set.verdicts.resize(state.node_count());
  if (changes_.size() - set.version > state.node_count()) {  // cheaper than all that has happened
    for (std::size_t i = 0; i < state.node_count(); ++i) {
      set.verdicts[NodeId{i}] = judge(*set.spec, NodeId{i}, state);
    }
    set.version = changes_.size();
  }
  for (; set.version < changes_.size(); ++set.version) {
    const NodeId node = changes_[set.version];
    set.verdicts[node] = judge(*set.spec, node, state);
  }
  return set.verdicts;
}

NodeVerdict NodeRules::judge(const PodTemplate& spec, NodeId node,
                             const ClusterState& state) const {
  const Node& info = *state.nodes().info[node];
  NodeVerdict verdict;
  for (const Taint& taint : *state.nodes().taints[node]) {
    if (tolerates(spec, taint)) continue;
    if (taint.effect == TaintEffect::PreferNoSchedule) {
      ++verdict.unliked_taints;
    } else {
      verdict.is_tainted = true;
    }
  }
  if (has_block(state, node, NodeBlock::NotReady)) {
    verdict.is_tainted |= !tolerates(spec, {.key = "node.kubernetes.io/not-ready"});
  }
  verdict.is_mismatched = !is_selected(spec, info);
  verdict.affinity_weight =
      weight_of(spec.affinity, info) + weight_of(profile_.added_affinity, info);

  const bool is_closed = has_block(state, node, NodeBlock::Cordoned) &&
                         !tolerates(spec, {.key = "node.kubernetes.io/unschedulable"});
  const bool is_enforced = profile_.added_affinity.admits(info.labels, info.name);
  const auto refuse = [&](bool refuses, Plugin plugin, std::uint8_t bit) {
    if (refuses && profile_.filters[plugin]) verdict.refused |= bit;
  };
  refuse(is_closed, Plugin::NodeUnschedulable, NodeVerdict::kUnschedulable);
  refuse(verdict.is_tainted, Plugin::TaintToleration, NodeVerdict::kTainted);
  refuse(verdict.is_mismatched || !is_enforced, Plugin::NodeAffinity, NodeVerdict::kMismatched);
  if (has_block(state, node, NodeBlock::Removed)) verdict.refused |= NodeVerdict::kRemoved;
  return verdict;
}

bool NodeRules::has_preferences(NodeRulesId id) const {
  return !sets_[id].spec->affinity.preferred.empty() || !profile_.added_affinity.preferred.empty();
}

}  // namespace orrery::policies::kube
