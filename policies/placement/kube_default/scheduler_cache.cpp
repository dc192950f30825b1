#include "orrery/policies/placement/kube_default/scheduler_cache.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace orrery::policies::kube {
namespace {

/// The names that one term asks for; nothing when it asks for none.
std::optional<std::set<std::string>> names_in(const NodeSelectorTerm& term) {
  std::optional<std::set<std::string>> names;
  for (const LabelRequirement& one : term) {
    if (!one.of_field || one.op != LabelRequirement::Operator::In) continue;
    const std::set<std::string> wanted(one.values.begin(), one.values.end());
    if (!names) {
      names = wanted;
    } else {
      std::erase_if(*names, [&](const std::string& name) { return !wanted.contains(name); });
    }
  }
  return names;
}

std::optional<std::set<std::string>> nodes_named(const NodeAffinity& affinity) {
  if (affinity.required.empty()) return std::nullopt;
  std::set<std::string> all;
  for (const NodeSelectorTerm& term : affinity.required) {
    const std::optional<std::set<std::string>> names = names_in(term);
    if (!names) return std::nullopt;
    all.insert(names->begin(), names->end());
  }
  return all;
}

}  // namespace

SchedulerCache::SchedulerCache(KubeSchedulerProfile profile)
    : profile_(std::move(profile)),
      counters_(topology_, nodes_, profile_.hard_pod_affinity_weight),
      node_rules_(profile_) {}

void SchedulerCache::apply(const StateChange& change, const ClusterState& state, Time now) {
  const auto each = [&](const auto& one) {
    using Change = std::decay_t<decltype(one)>;
    if constexpr (std::is_same_v<Change, change::TemplateAdded>) {
      add_template(one.id, one.pod_template, state);
    } else if constexpr (std::is_same_v<Change, change::NodeAdded>) {
      topology_.add_node(one.id, one.node);
      nodes_.add_node(one.id, *one.node);
      node_rules_.node_changed(one.id);
    } else if constexpr (std::is_same_v<Change, change::NodeReadyChanged> ||
                         std::is_same_v<Change, change::NodeCordonChanged> ||
                         std::is_same_v<Change, change::NodeTaintsChanged>) {
      node_rules_.node_changed(one.id);
    } else if constexpr (std::is_same_v<Change, change::NodeRemoved>) {
      remove_node(one.id, state);
    } else if constexpr (std::is_same_v<Change, change::PodAdded>) {
      if (one.pod.node) place(one.id, one.pod.node, state);
    } else if constexpr (std::is_same_v<Change, change::PodAssumed> ||
                         std::is_same_v<Change, change::PodBound>) {
      place(one.id, one.node, state);  // does nothing for one that is bound after it was assumed
    } else if constexpr (std::is_same_v<Change, change::PodForgotten>) {
      take_off(one.id, one.node, state);
    } else if constexpr (std::is_same_v<Change, change::PodStarted>) {
      while (!started_.contains(one.id)) started_.push_back(kTimeMax);
      started_[one.id] = now;
    } else if constexpr (std::is_same_v<Change, change::PodEnded>) {
      const NodeId node = state.pod(one.id).node;
      if (node) take_off(one.id, node, state);
      if (started_.contains(one.id)) started_[one.id] = kTimeMax;
    } else if constexpr (std::is_same_v<Change, change::PodTerminating>) {
      const Pod& pod = state.pod(one.id);
      if (pod.node) counters_.count_terminating(pod.pod_template, pod.node);
    }
  };
  visit_change(each, change);
}

std::optional<Time> SchedulerCache::started(PodId pod) const {
  if (!started_.contains(pod) || started_[pod] == kTimeMax) return std::nullopt;
  return started_[pod];
}

void SchedulerCache::place(PodId pod, NodeId node, const ClusterState& state) {
  const Pod& row = state.pod(pod);
  const PodTemplate& spec = *state.resolved(row.pod_template).spec;
  if (!nodes_.add_pod(node, pod, row, spec)) return;
  counters_.count(row.pod_template, node, 1, row.is_terminating);
}

void SchedulerCache::take_off(PodId pod, NodeId node, const ClusterState& state) {
  const Pod& row = state.pod(pod);
  const PodTemplate& spec = *state.resolved(row.pod_template).spec;
  if (!nodes_.remove_pod(node, pod, row, spec)) return;
  counters_.count(row.pod_template, node, -1, row.is_terminating);
}

void SchedulerCache::remove_node(NodeId node, const ClusterState& state) {
  const std::vector<PodId> pods = nodes_.pods(node);
  for (const PodId pod : pods) take_off(pod, node, state);
  nodes_.remove_node(node, *state.nodes().info[node]);
  node_rules_.node_changed(node);
}

void SchedulerCache::add_template(PodTemplateId id, const std::shared_ptr<const PodTemplate>& spec,
                                  const ClusterState& state) {
  counters_.add_template(id, spec, state);
  CompiledTemplate compiled{
      .spec = spec,
      .rules = node_rules_.rules_of(spec),
      .hard = spread_rules(id, *spec, WhenUnsatisfiable::DoNotSchedule, state),
      .soft = spread_rules(id, *spec, WhenUnsatisfiable::ScheduleAnyway, state),
      .named_nodes = nodes_named(spec->affinity)};
  templates_.push_back(std::move(compiled));
}

SpreadRules SchedulerCache::spread_rules(PodTemplateId id, const PodTemplate& spec,
                                         WhenUnsatisfiable action, const ClusterState& state) {
  const bool has_own = !spec.topology_spread.empty();
  const bool has_none = !has_own && spec.default_spread_selector.is_everything();
  std::vector<SpreadRule> rules;
  for (const TopologySpreadConstraint& one :
       has_own ? spec.topology_spread : profile_.default_spread) {
    if (has_none || one.when_unsatisfiable != action) continue;
    const LabelSelector& selector = has_own ? one.selector : spec.default_spread_selector;
    const SpreadId pods = counters_.spread(spec.name_space, selector, state);
    rules.push_back({.pods = pods,
                     .key = topology_.key(one.topology_key),
                     .max_skew = one.max_skew,
                     .min_domains = one.min_domains,
                     .honors_affinity = one.honors_affinity,
                     .honors_taints = one.honors_taints,
                     .matches_itself = counters_.matches(pods, id)});
  }
  const bool is_lenient = action == WhenUnsatisfiable::ScheduleAnyway && !has_own &&
                          profile_.spreads_by_system_defaults;
  return {std::move(rules), !is_lenient};
}

CompiledTemplate& SchedulerCache::compiled(PodTemplateId id, const ClusterState& state) {
  CompiledTemplate& one = templates_[id];
  if (one.hard.empty() && one.soft.empty()) return one;
  const IdVector<NodeId, NodeVerdict>& verdicts = node_rules_.verdicts(one.rules, state);
  one.hard.refresh(verdicts, node_rules_.version(), topology_);
  one.soft.refresh(verdicts, node_rules_.version(), topology_);
  return one;
}

}  // namespace orrery::policies::kube
