#include "orrery/policies/placement/cached_score_policy.hpp"

namespace orrery::policies {

GpuDeviceMask CachedScorePolicy::devices(const ClusterState& state, NodeId node,
                                         const Pod& pod) const {
  return best_fit_devices(state.nodes().gpu_devices[node],
                          state.resolved(pod.pod_template).spec->gpu);
}

bool CachedScorePolicy::follow(const ClusterView& /*view*/, const StateChange& /*change*/) {
  return false;
}

void CachedScorePolicy::prepare(const ClusterView& /*view*/) {}

Placement CachedScorePolicy::place(const ClusterView& view, PodId id) {
  prepare(view);
  const ClusterState& state = view.state;
  const Pod& pod = state.pod(id);
  const NodeId node = cache_.best(pod.cpu, pod.memory, pod.pod_template, [&](NodeId candidate) {
    return state.fits(candidate, pod) ? score(state, candidate, pod) : -1;
  });
  if (!node) return Placement::wait(WaitReason::NoFeasibleNode);
  if (state.resolved(pod.pod_template).spec->gpu.count == 0) return Placement::bind(node);
  return Placement::bind(node, devices(state, node, pod));
}

void CachedScorePolicy::on_change(const ClusterView& view, const StateChange& change) {
  if (follow(view, change)) forget_scores();
  const NodeId node = changed_node(view, change);
  if (node) cache_.touch(node);
}

Explanation CachedScorePolicy::explain(const ClusterView& view, PodId id) {
  prepare(view);
  const Pod& pod = view.state.pod(id);
  Explanation explanation = explain_filters(view, id);
  explanation.columns = {"score"};
  for (Explanation::Row& row : explanation.rows) {
    if (!view.state.fits(row.node, pod)) continue;
    row.total = score(view.state, row.node, pod);
    row.scores = {row.total};
  }
  explanation.placement = place(view, id);
  return explanation;
}

}  // namespace orrery::policies
