// Kubelets: when they are in touch with the API server, what they report and what they are told;
// and what a script does to their nodes. Only where Kubernetes is simulated, apart from crashes.
#include <algorithm>

#include "orrery/models/check.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"

namespace orrery::sim {

void ClusterSimulation::happen(const Incident& incident) {
  if (incident.kind == Incident::Kind::Scale) {
    controllers_->workloads().scale(incident.deployment, incident.replicas, engine_.now());
  } else if (incident.kind == Incident::Kind::Rollout) {
    controllers_->workloads().roll_out(incident.deployment, engine_.now());
  }
  for (const NodeId node : incident.nodes) happen(incident.kind, node);
}

void ClusterSimulation::happen(Incident::Kind kind, NodeId node) {
  switch (kind) {
    case Incident::Kind::Crash:
      if (crashed_by_script_.insert(node).second && down_by_[node]++ == 0) crash(node);
      break;
    case Incident::Kind::Repair:
      if (crashed_by_script_.erase(node) > 0 && --down_by_[node] == 0) repair(node);
      break;
    case Incident::Kind::Partition:
      if (cut_by_script_.insert(node).second) cut_off(node);
      break;
    case Incident::Kind::Heal:
      if (cut_by_script_.erase(node) > 0) link_again(node);
      break;
    case Incident::Kind::Cordon:
    case Incident::Kind::Uncordon:
      publish(StateChange{
          change::NodeCordonChanged{.id = node, .is_cordoned = kind == Incident::Kind::Cordon}});
      break;
    case Incident::Kind::OutOfService:
      set_taint(node,
                {.key = "node.kubernetes.io/out-of-service",
                 .value = "nodeshutdown",
                 .effect = TaintEffect::NoExecute},
                true);
      break;
    case Incident::Kind::Scale:
    case Incident::Kind::Rollout:
      break;  // no node's
  }
}

void ClusterSimulation::cut_off(NodeId id) {
  if (cut_by_[id]++ > 0) return;
  world_.node(id).is_linked = false;
  metrics_.recorder().count(Count::NodePartitions, engine_.now());
  lose_touch(id);
}

void ClusterSimulation::link_again(NodeId id) {
  if (--cut_by_[id] > 0) return;
  world_.node(id).is_linked = true;
  regain_touch(id);
}

/// The last lease is the one of its phase before now.
void ClusterSimulation::lose_touch(NodeId id) {
  const Time now = engine_.now();
  WorldNode& node = world_.node(id);
  WorldKubelet& kubelet = world_.kubelet(id);
  if (kubelet.returns) {
    if (engine_.cancel(kubelet.returns)) --active_events_;
    kubelet.returns = EventHandle{};
    return;
  }
  if (!node.is_in_touch) return;
  node.is_in_touch = false;
  kubelet.lost_at = now;
  const Duration period = setup_.kubernetes->nodes.lease_renewal;
  const Duration since_first = now - (kTimeZero + kubelet.lease_phase);
  const Duration since_last = (since_first % period + period) % period;
  controllers_->leases_end(id, now - since_last, now);
}

/// A kubelet that starts reports at once; one that was cut off tries at its usual times, and
/// reports with its next lease.
void ClusterSimulation::regain_touch(NodeId id) {
  const Time now = engine_.now();
  WorldNode& node = world_.node(id);
  WorldKubelet& kubelet = world_.kubelet(id);
  if (!node.is_up || !node.is_linked || kubelet.returns) return;
  const Duration period = setup_.kubernetes->nodes.lease_renewal;
  if (kubelet.has_rebooted) kubelet.lease_phase = (now - kTimeZero) % period;
  const Duration wait = ((kubelet.lease_phase - (now - kTimeZero)) % period + period) % period;
  kubelet.returns = after(wait, Kind::KubeletReturns, static_cast<std::uint32_t>(id.index()));
}

void ClusterSimulation::kubelet_returns(NodeId id) {
  const Time now = engine_.now();
  WorldNode& node = world_.node(id);
  WorldKubelet& kubelet = world_.kubelet(id);
  kubelet.returns = EventHandle{};
  node.is_in_touch = true;
  kubelet.has_rebooted = false;
  controllers_->leases_resume(id, now);
  if (!node.looks_ready) {
    node.looks_ready = true;
    metrics_.node_ready(id, true, now);
    publish(StateChange{change::NodeReadyChanged{.id = id, .is_ready = true}});
    controllers_->node_changed(id, now);
  }
  const std::vector<PodRef> pods = pods_on(id);  // the list changes on the way
  for (const PodRef pod : pods) {
    if (exists(pod)) report(pod.id);
  }
}

/// What its kubelet tells of the pod, and hears of it, after it was out of touch.
void ClusterSimulation::report(PodId pod) {
  const WorldPod& row = world_.pod(pod);
  if (row.is_terminating) {
    if (row.state == PodState::Dead) return end_pod(pod, PodPhase::Failed);
    if (!row.is_ending) begin_termination(pod);
    return;
  }
  if (row.has_finished) {
    metrics_.pod_completed(row, engine_.now());
    last_completion_ = engine_.now();
    return end_pod(pod, PodPhase::Succeeded);
  }
  if (row.state == PodState::Running) return report_start(pod);
  if (row.state != PodState::Dead) return;
  if (row.gang) {
    lose_gang(row.gang);
  } else {
    restart(pod);
  }
}

/// The containers died with their node and start again in the same pod.
void ClusterSimulation::restart(PodId pod) {
  set_listed(pod, false);
  WorldPod& row = world_.pod(pod);
  row.losses = static_cast<std::uint8_t>(std::min(row.losses + 1, 255));
  row.state = PodState::Starting;
  metrics_.pod_waits_again(engine_.now());
  begin_start(pod);
}

void ClusterSimulation::report_start(PodId pod) {
  WorldPod& row = world_.pod(pod);
  if (!row.is_reported) publish(StateChange{change::PodStarted{.id = pod}});
  row.is_reported = true;
  set_listed(pod, true);
}

void ClusterSimulation::begin_termination(PodId pod) {
  WorldPod& row = world_.pod(pod);
  cancel_event(row);
  row.is_ending = true;
  if (setup_.kubernetes->shutdown == Duration::zero()) return terminated(pod);
  row.event =
      after(setup_.kubernetes->shutdown, Kind::Terminated, static_cast<std::uint32_t>(pod.index()));
}

void ClusterSimulation::terminated(PodId pod) {
  world_.pod(pod).event = EventHandle{};
  kill(pod);
  if (world_.node(world_.pod(pod).node).is_in_touch) end_pod(pod, PodPhase::Failed);
}

void ClusterSimulation::set_listed(PodId pod, bool is_listed) {
  WorldPod& row = world_.pod(pod);
  if (row.is_listed == is_listed) return;
  row.is_listed = is_listed;
  const std::int64_t sign = is_listed ? 1 : -1;
  metrics_.recorder().shift(Level::PodsReady, sign, engine_.now());
  if (row.state == PodState::Dead) {
    metrics_.recorder().shift(Level::EndpointsStale, sign, engine_.now());
  }
  controllers_->pod_ready(ref(pod), is_listed, engine_.now());
}

}  // namespace orrery::sim
