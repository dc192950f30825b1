#include "orrery/sim/kubernetes/taint_eviction.hpp"

#include <algorithm>

namespace orrery::sim {

bool has_no_execute(const std::vector<Taint>& taints) {
  return std::any_of(taints.begin(), taints.end(),
                     [](const Taint& taint) { return taint.effect == TaintEffect::NoExecute; });
}

std::optional<Duration> tolerated_for(const std::vector<Taint>& taints,
                                      const std::vector<Toleration>& tolerations) {
  std::optional<Duration> shortest;
  for (const Taint& taint : taints) {
    if (taint.effect != TaintEffect::NoExecute) continue;
    const auto used = std::find_if(tolerations.begin(), tolerations.end(),
                                   [&](const Toleration& one) { return one.tolerates(taint); });
    if (used == tolerations.end()) return Duration::zero();
    if (!used->lasts) continue;
    const Duration lasts = std::max(*used->lasts, Duration::zero());
    shortest = std::min(shortest.value_or(lasts), lasts);
  }
  return shortest;
}

void TaintEviction::node_changed(NodeId node, Time now) {
  const std::vector<Taint>& taints = api_.taints(node);
  const bool evicts = has_no_execute(taints);
  for (const PodRef pod : api_.pods_on(node)) {
    if (evicts) {
      consider(pod, taints, now);
    } else {
      pod_gone(pod.id);
    }
  }
}

void TaintEviction::pod_bound(PodRef pod, NodeId node, Time now) {
  const std::vector<Taint>& taints = api_.taints(node);
  if (has_no_execute(taints)) consider(pod, taints, now);
}

/// A timer that runs already counts from its own beginning, however the taints change meanwhile.
void TaintEviction::consider(PodRef pod, const std::vector<Taint>& taints, Time now) {
  if (api_.is_terminating(pod)) return;
  const std::optional<Duration> lasts = tolerated_for(taints, api_.tolerations(pod));
  const auto running = timers_.find(pod.id);
  if (!lasts) return pod_gone(pod.id);
  if (running != timers_.end()) {
    if (*lasts > Duration::zero()) return;
    pod_gone(pod.id);
  }
  const EventHandle event = api_.wake(
      saturating_add(now, *lasts),
      {.kind = due_, .subject = static_cast<std::uint32_t>(pod.id.index()), .data = pod.uid});
  timers_[pod.id] = {.uid = pod.uid, .event = event};
}

void TaintEviction::pod_gone(PodId pod) {
  const auto timer = timers_.find(pod);
  if (timer == timers_.end()) return;
  api_.cancel_wake(timer->second.event);
  timers_.erase(timer);
}

bool TaintEviction::take(PodRef pod) {
  const auto timer = timers_.find(pod.id);
  if (timer == timers_.end() || timer->second.uid != pod.uid) return false;
  timers_.erase(timer);
  return api_.exists(pod);
}

}  // namespace orrery::sim
