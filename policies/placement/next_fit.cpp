#include "orrery/policies/placement/next_fit.hpp"

#include "orrery/policies/placement/binding.hpp"

namespace orrery::policies {

NodeId NextFit::choose(const ClusterState& state, const Pod& pod) {
  const Room asked = room_asked(state, pod);
  NodeId node = rooms_.first(asked, last_);
  while (node && !state.fits(node, pod)) node = rooms_.first(asked, NodeId{node.index() + 1});
  if (node) return node;
  node = rooms_.first(asked);
  while (node && node < last_ && !state.fits(node, pod)) {
    node = rooms_.first(asked, NodeId{node.index() + 1});
  }
  return node && node < last_ ? node : NodeId{};
}

Placement NextFit::place(const ClusterView& view, PodId id) {
  const Pod& pod = view.state.pod(id);
  const NodeId node = choose(view.state, pod);
  if (!node) return Placement::wait(WaitReason::NoFeasibleNode);
  last_ = node;
  return bind_best_fit(view.state, pod, node);
}

void NextFit::on_change(const ClusterView& view, const StateChange& change) {
  rooms_.refresh(view.state, changed_node(view, change));
}

Explanation NextFit::explain(const ClusterView& view, PodId id) {
  const Pod& pod = view.state.pod(id);
  Explanation explanation = explain_filters(view, id);
  explanation.columns = {"steps from the last node"};
  const std::size_t nodes = view.state.node_count();
  for (Explanation::Row& row : explanation.rows) {
    if (!view.state.fits(row.node, pod)) continue;
    const std::size_t steps = (row.node.index() + nodes - last_.index()) % nodes;
    row.scores = {static_cast<double>(steps)};
    row.total = -row.scores.front();
  }
  const NodeId node = choose(view.state, pod);
  explanation.placement =
      node ? bind_best_fit(view.state, pod, node) : Placement::wait(WaitReason::NoFeasibleNode);
  return explanation;
}

}  // namespace orrery::policies
