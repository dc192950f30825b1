#include "orrery/policies/placement/placement_policy.hpp"

#include <utility>

namespace orrery::policies {

std::string_view to_string(WaitReason reason) {
  switch (reason) {
    case WaitReason::NoFeasibleNode:
      return "no feasible node";
    case WaitReason::NeverFits:
      return "no node could ever hold it";
    case WaitReason::GangIncomplete:
      return "its gang does not fit as a whole";
    case WaitReason::PolicyChoice:
      return "the policy prefers to wait";
  }
  return "unknown";
}

std::vector<Placement> PlacementPolicy::place_gang(const ClusterView& view,
                                                   std::span<const PodId> pods,
                                                   GangScratch& scratch) {
  std::vector<Placement> placements;
  placements.reserve(pods.size());
  for (const PodId pod : pods) {
    Placement placement = place(view, pod);
    if (!placement.is_bind()) return {};
    scratch.assume(pod, placement);
    placements.push_back(std::move(placement));
  }
  return placements;
}

Preemption PlacementPolicy::preempt(const ClusterView& /*view*/, PodId /*pod*/) { return {}; }

std::vector<PodId> PlacementPolicy::helped_by(const ClusterView& /*view*/,
                                              const StateChange& /*change*/) {
  return {};
}

void PlacementPolicy::on_change(const ClusterView& /*view*/, const StateChange& /*change*/) {}

Explanation PlacementPolicy::explain(const ClusterView& view, PodId pod) {
  Explanation explanation = explain_filters(view, pod);
  explanation.placement = place(view, pod);
  return explanation;
}

void introduce(PlacementPolicy& policy, const ClusterView& view) {
  const ClusterState& state = view.state;
  for (std::size_t i = 0; i < state.template_count(); ++i) {
    const PodTemplateId id{i};
    policy.on_change(view,
                     change::TemplateAdded{.id = id, .pod_template = state.resolved(id).spec});
  }
  for (std::size_t i = 0; i < state.node_count(); ++i) {
    const NodeId id{i};
    policy.on_change(view, change::NodeAdded{.id = id, .node = state.nodes().info[id]});
    const auto removed = static_cast<std::uint8_t>(NodeBlock::Removed);
    if ((state.nodes().blocked[id] & removed) != 0) {
      policy.on_change(view, change::NodeRemoved{.id = id});
    }
  }
  for (std::size_t i = 0; i < state.pods().size(); ++i) {
    const PodId id{i};
    if (state.pod(id).uid == 0) continue;
    policy.on_change(view, change::PodAdded{.id = id, .pod = state.pod(id)});
  }
  for (std::size_t i = 0; i < state.budgets().size(); ++i) {
    policy.on_change(
        view, change::BudgetChanged{.id = BudgetId{i}, .budget = state.budgets()[BudgetId{i}]});
  }
  for (const auto& [pod, node] : state.nominations()) {
    policy.on_change(view, change::PodNominated{.id = pod, .node = node});
  }
}

Explanation explain_filters(const ClusterView& view, PodId pod) {
  Explanation explanation;
  explanation.rows.reserve(view.state.node_count());
  for (std::size_t index = 0; index < view.state.node_count(); ++index) {
    const NodeId node{index};
    const Unfit reason = view.state.unfit(node, view.state.pod(pod));
    explanation.rows.push_back(
        {.node = node, .filter = std::string{to_string(reason)}, .scores = {}, .total = 0});
  }
  return explanation;
}

NodeId changed_node(const ClusterView& view, const StateChange& change) {
  struct Visitor {
    const ClusterState& state;
    NodeId operator()(const change::TemplateAdded&) const { return {}; }
    NodeId operator()(const change::NodeAdded& added) const { return added.id; }
    NodeId operator()(const change::NodeReadyChanged& changed) const { return changed.id; }
    NodeId operator()(const change::NodeCordonChanged& changed) const { return changed.id; }
    NodeId operator()(const change::NodeTaintsChanged& changed) const { return changed.id; }
    NodeId operator()(const change::NodeRemoved& removed) const { return removed.id; }
    NodeId operator()(const change::PodAdded& added) const { return added.pod.node; }
    NodeId operator()(const change::PodAssumed& assumed) const { return assumed.node; }
    NodeId operator()(const change::PodForgotten& forgotten) const { return forgotten.node; }
    NodeId operator()(const change::PodBound& bound) const { return bound.node; }
    NodeId operator()(const change::PodStarted&) const { return {}; }
    NodeId operator()(const change::PodEnded& ended) const { return state.pod(ended.id).node; }
    NodeId operator()(const change::PodTerminating&) const { return {}; }
    NodeId operator()(const change::PodNominated&) const { return {}; }
    NodeId operator()(const change::BudgetChanged&) const { return {}; }
  };
  return visit_change(Visitor{view.state}, change);
}

WaitReason wait_reason(const ClusterView& view, PodId pod) {
  for (std::size_t index = 0; index < view.state.node_count(); ++index) {
    if (view.state.never_fits(NodeId{index}, view.state.pod(pod)) == Unfit::None) {
      return WaitReason::NoFeasibleNode;
    }
  }
  return WaitReason::NeverFits;
}

}  // namespace orrery::policies
