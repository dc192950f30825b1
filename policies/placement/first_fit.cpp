#include "orrery/policies/placement/first_fit.hpp"

#include "orrery/policies/placement/binding.hpp"

namespace orrery::policies {

Placement FirstFit::place(const ClusterView& view, PodId id) {
  const Pod& pod = view.state.pod(id);
  const Room asked = room_asked(view.state, pod);
  NodeId node = rooms_.first(asked);
  while (node && !view.state.fits(node, pod)) {
    node = rooms_.first(asked, NodeId{node.index() + 1});
  }
  return node ? bind_best_fit(view.state, pod, node) : Placement::wait(WaitReason::NoFeasibleNode);
}

void FirstFit::on_change(const ClusterView& view, const StateChange& change) {
  rooms_.refresh(view.state, changed_node(view, change));
}

Explanation FirstFit::explain(const ClusterView& view, PodId pod) {
  Explanation explanation = explain_filters(view, pod);
  explanation.columns = {"position"};
  for (Explanation::Row& row : explanation.rows) {
    if (view.state.fits(row.node, view.state.pod(pod))) {
      row.scores = {-static_cast<double>(row.node.index())};
      row.total = row.scores.front();
    }
  }
  explanation.placement = place(view, pod);
  return explanation;
}

}  // namespace orrery::policies
