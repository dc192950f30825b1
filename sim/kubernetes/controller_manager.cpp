#include "orrery/sim/kubernetes/controller_manager.hpp"

#include <algorithm>

namespace orrery::sim {
namespace {

// k8s.io/api v0.36.3, core/v1/well_known_taints.go.
constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";
constexpr const char* kOutOfService = "node.kubernetes.io/out-of-service";

Taint unreachable(TaintEffect effect) {
  return {.key = kUnreachable, .value = "", .effect = effect};
}

bool has_key(const std::vector<Taint>& taints, std::string_view key) {
  return std::any_of(taints.begin(), taints.end(),
                     [&](const Taint& taint) { return taint.key == key; });
}

// Calls of the API that one action takes: pkg/controller/util/node/controller_utils.go reads a node
// and patches it for a taint; pkg/controller/tainteviction reads the pod, patches its condition and
// deletes it.
constexpr int kCallsPerTaint = 2;
constexpr int kCallsPerDeletion = 3;

Time reserve(TokenBucket& client, Time now, int calls) {
  Time at = now;
  for (int i = 0; i < calls; ++i) at = client.reserve(now);
  return at;
}

}  // namespace

ControllerManager::ControllerManager(const KubernetesSetup& setup, ControllerPhases phases,
                                     Duration watch_delay, ApiServer& api)
    : setup_(setup),
      phases_(phases),
      watch_delay_(watch_delay),
      api_(api),
      lifecycle_(setup.nodes, kTimeZero + phases.node_monitor),
      evictions_(api, static_cast<std::uint32_t>(Kind::EvictionDue)),
      workloads_(setup, watch_delay, api, static_cast<std::uint32_t>(Kind::Workloads)),
      lifecycle_client_(setup.controller_client.calls_per_second, setup.controller_client.burst),
      eviction_client_(setup.controller_client.calls_per_second, setup.controller_client.burst) {}

EventHandle ControllerManager::wake(Time at, Kind kind, std::size_t subject, std::uint64_t data) {
  return api_.wake(at, {.kind = static_cast<std::uint32_t>(kind),
                        .subject = static_cast<std::uint32_t>(subject),
                        .data = data});
}

void ControllerManager::leases_end(NodeId node, Time last, Time now) {
  lifecycle_.leases_end(node, last);
  plan(now);
}

void ControllerManager::leases_resume(NodeId node, Time now) {
  lifecycle_.leases_resume(node);
  plan(now);
}

/// The next look and the next taint, each an event that moves with what is known.
void ControllerManager::plan(Time now) {
  const auto move = [&](Time to, Time& at, EventHandle& event, Kind kind) {
    if (to == at) return;
    if (at != kTimeMax) api_.cancel_wake(event);
    at = to;
    if (to != kTimeMax) event = wake(to, kind);
  };
  move(lifecycle_.next_look(now), look_at_, look_, Kind::Look);
  move(lifecycle_.next_taint(now), taint_at_, taint_, Kind::Taint);
}

void ControllerManager::handle(const EventPayload& payload, Time now) {
  now_ = now;
  const NodeId node{payload.subject};
  const PodRef pod{.id = PodId{payload.subject}, .uid = payload.data};
  switch (static_cast<Kind>(payload.kind)) {
    case Kind::Look:
      look_at_ = kTimeMax;
      lifecycle_.look(now, *this);
      plan(now + Duration{1});
      break;
    case Kind::Taint:
      taint_at_ = kTimeMax;
      lifecycle_.taint(now, *this);
      plan(now);
      break;
    case Kind::WriteUnknown:
      write_unknown(node, now);
      break;
    case Kind::WritePodNotReady:
      if (api_.exists(pod)) api_.set_not_ready(pod);
      break;
    case Kind::NodeSeen:
      node_seen(node, now);
      break;
    case Kind::WriteNoSchedule:
      write_no_schedule(node);
      break;
    case Kind::WriteUnreachable:
      api_.set_taint(node, unreachable(TaintEffect::NoExecute), true);
      break;
    case Kind::WriteReachable:
      api_.set_taint(node, unreachable(TaintEffect::NoExecute), false);
      break;
    case Kind::EvictionDue:
      if (evictions_.take(pod)) {
        wake(reserve(eviction_client_, now, kCallsPerDeletion), Kind::DeletePod, pod.id.index(),
             pod.uid);
      }
      break;
    case Kind::DeletePod:
      if (api_.exists(pod)) api_.delete_pod(pod, false);
      break;
    case Kind::CollectGarbage:
      collect_garbage();
      break;
    case Kind::Workloads:
    default:  // the workload controllers' kinds follow
      workloads_.handle(payload.kind - static_cast<std::uint32_t>(Kind::Workloads), payload, now);
      break;
  }
}

void ControllerManager::mark_unknown(NodeId node) {
  wake(lifecycle_client_.reserve(now_), Kind::WriteUnknown, node.index());
}

void ControllerManager::set_unreachable(NodeId node, bool is_unreachable) {
  wake(reserve(lifecycle_client_, now_, kCallsPerTaint),
       is_unreachable ? Kind::WriteUnreachable : Kind::WriteReachable, node.index());
}

void ControllerManager::write_unknown(NodeId node, Time now) {
  if (!lifecycle_.is_lost(node)) return;  // it was heard of while the call waited its turn
  api_.set_unknown(node);
  for (const PodRef pod : api_.pods_on(node)) {
    if (api_.is_terminating(pod)) continue;
    wake(lifecycle_client_.reserve(now), Kind::WritePodNotReady, pod.id.index(), pod.uid);
  }
}

void ControllerManager::node_changed(NodeId node, Time now) {
  wake(saturating_add(now, watch_delay_), Kind::NodeSeen, node.index());
}

void ControllerManager::node_seen(NodeId node, Time now) {
  evictions_.node_changed(node, now);
  const std::vector<Taint>& taints = api_.taints(node);
  const Taint no_schedule = unreachable(TaintEffect::NoSchedule);
  const bool is_there = std::find(taints.begin(), taints.end(), no_schedule) != taints.end();
  if (is_there == api_.is_ready(node)) {
    wake(reserve(lifecycle_client_, now, kCallsPerTaint), Kind::WriteNoSchedule, node.index());
  }
  if (has_key(taints, kOutOfService)) {
    out_of_service_.insert(node);
    plan_garbage_collection(now);
  } else {
    out_of_service_.erase(node);
  }
}

void ControllerManager::write_no_schedule(NodeId node) {
  api_.set_taint(node, unreachable(TaintEffect::NoSchedule), !api_.is_ready(node));
}

void ControllerManager::pod_bound(PodRef pod, NodeId node, Time now) {
  workloads_.pod_bound(pod, node);
  evictions_.pod_bound(pod, node, now);
}

void ControllerManager::pod_gone(PodId pod, Time now) {
  evictions_.pod_gone(pod);
  workloads_.pod_gone(pod, now);
}

void ControllerManager::pod_terminates(PodRef pod, NodeId node, Time now) {
  workloads_.pod_terminates(pod, now);
  if (out_of_service_.contains(node)) plan_garbage_collection(now);
}

/// Its loop runs for ever; it is simulated while there may be something for it.
void ControllerManager::plan_garbage_collection(Time now) {
  if (is_garbage_planned_) return;
  is_garbage_planned_ = true;
  const Duration period = setup_.nodes.garbage_collection_period;
  const Duration since = now - (kTimeZero + phases_.garbage_collection);
  const auto rounds = since < Duration::zero() ? 0 : since / period + 1;
  wake(kTimeZero + phases_.garbage_collection + rounds * period, Kind::CollectGarbage);
}

/// Pods that terminate on a node that is not ready and was declared off for good
/// (pkg/controller/podgc/gc_controller.go, gcTerminating).
void ControllerManager::collect_garbage() {
  is_garbage_planned_ = false;
  for (const NodeId node : out_of_service_) {
    if (api_.is_ready(node)) continue;
    for (const PodRef pod : api_.pods_on(node)) {
      if (api_.is_terminating(pod)) api_.remove_pod(pod);
    }
  }
}

}  // namespace orrery::sim
