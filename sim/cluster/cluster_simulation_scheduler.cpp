// The API server's watch, the scheduler and the executor of its decisions.
#include <utility>

#include "orrery/sim/cluster/cluster_simulation.hpp"

namespace orrery::sim {

using orchestration::Bind;
using orchestration::Decision;
using orchestration::Preempt;
using orchestration::Wait;

void ClusterSimulation::publish(const StateChange& change) {
  if (is_listing_ || setup_.delays.watch == Duration::zero()) return deliver_change(change);
  watch_.send(change);
  after(setup_.delays.watch, Kind::Watch);
}

void ClusterSimulation::publish(const BindRefused& refusal) {
  if (setup_.delays.watch == Duration::zero()) return deliver_refusal(refusal);
  watch_.send(refusal);
  after(setup_.delays.watch, Kind::Watch);
}

void ClusterSimulation::deliver(const WatchStream::Message& message) {
  if (const auto* change = std::get_if<StateChange>(&message)) {
    deliver_change(*change);
  } else {
    deliver_refusal(std::get<BindRefused>(message));
  }
}

void ClusterSimulation::deliver_change(const StateChange& change) {
  const Time now = engine_.now();
  if (observer_ != nullptr) observer_->before_change(change, now);
  orchestrator_.observe(change, now);
  if (const auto* ended = std::get_if<change::PodEnded>(&change)) {
    const NodeId node = orchestrator_.state().pod(ended->id).node;
    if (node) metrics_.node_reserved(orchestrator_.state(), node, now);
  }
}

void ClusterSimulation::deliver_refusal(const BindRefused& refusal) {
  const Time now = engine_.now();
  if (observer_ != nullptr) observer_->bind_failed(refusal.pod, refusal.uid, now);
  orchestrator_.bind_failed(refusal.pod, refusal.uid, now);
  metrics_.node_reserved(orchestrator_.state(), refusal.node, now);
}

void ClusterSimulation::run_scheduler() {
  if (is_scheduling_) return;
  const Time now = engine_.now();
  if (setup_.delays.scheduling == Duration::zero()) {
    while (orchestrator_.has_work(now)) cycle();
  } else if (!is_cycle_pending_ && orchestrator_.has_work(now)) {
    is_cycle_pending_ = true;
    after(setup_.delays.scheduling, Kind::Cycle);
  }
  const Time expiry = orchestrator_.next_expiry();
  if (expiry > now && expiry < backoff_wakeup_) {
    backoff_wakeup_ = expiry;
    after(expiry - now, Kind::Backoff);
  }
}

void ClusterSimulation::cycle() {
  const Time now = engine_.now();
  if (observer_ != nullptr) observer_->before_cycle(orchestrator_, now);
  decisions_.clear();
  orchestrator_.schedule_next(now, decisions_);
  metrics_.recorder().count(Count::SchedulingAttempts, now);
  is_scheduling_ = true;  // what the decisions bring about must not start the next cycle yet
  for (const Decision& decision : decisions_) {
    if (observer_ != nullptr) observer_->decided(decision, now);
    carry_out(decision);
  }
  is_scheduling_ = false;
}

void ClusterSimulation::carry_out(const Decision& decision) {
  if (const auto* bind = std::get_if<Bind>(&decision)) {
    metrics_.node_reserved(orchestrator_.state(), bind->node, engine_.now());
    begin_bind(*bind);
  } else if (const auto* wait = std::get_if<Wait>(&decision)) {
    note_wait(*wait);
  } else {
    preempt(std::get<Preempt>(decision));
  }
}

/// Without a kubelet's grace period, victims end at once.
void ClusterSimulation::preempt(const Preempt& preempt) {
  for (const Preempt::Victim& victim : preempt.victims) {
    const WorldPod& row = world_.pod(victim.pod);
    if (row.uid != victim.uid || row.is_terminating) continue;
    metrics_.recorder().count(Count::PodsPreempted, engine_.now());
    if (controllers_ != nullptr) {
      delete_pod({.id = victim.pod, .uid = victim.uid}, false);
    } else if (row.gang) {
      if (!world_.gang(row.gang).is_broken) break_gang(row.gang);
      lose_gang(row.gang);
    } else {
      kill(victim.pod);
      lose_pod(victim.pod);
    }
  }
}

void ClusterSimulation::note_wait(const Wait& wait) {
  const WorldPod& row = world_.pod(wait.pod);
  if (row.uid != wait.uid) return;
  if (wait.reason == policies::WaitReason::NeverFits) {
    metrics_.recorder().count(Count::PodsUnschedulable, engine_.now());
    ++pods_that_never_fit_;
  }
  if (!wait.is_final) return;
  if (row.gang.is_none()) return give_up(wait.pod);
  const std::vector<PodId> members = world_.gang(row.gang).members;
  const GangId gang = row.gang;
  for (const PodId member : members) give_up(member);
  world_.remove_gang(gang);
}

void ClusterSimulation::give_up(PodId pod) {
  metrics_.recorder().count(Count::PodsRejected, engine_.now());
  metrics_.pod_stops_waiting(engine_.now());
  end_pod(pod, PodPhase::Failed);
}

void ClusterSimulation::begin_bind(const Bind& bind) {
  WorldPod& row = world_.pod(bind.pod);
  if (row.uid != bind.uid) {
    metrics_.recorder().count(Count::BindsRefused, engine_.now());
    publish(BindRefused{.pod = bind.pod, .uid = bind.uid, .node = bind.node});
    return;
  }
  if (row.state == PodState::Waiting) row.state = PodState::Binding;
  if (setup_.delays.bind == Duration::zero()) {
    commit_bind(bind.pod, bind.node, bind.devices);
    return;
  }
  const std::uint64_t data =
      bind.node.index() | (static_cast<std::uint64_t>(bind.devices.bits()) << 32);
  row.event = after(setup_.delays.bind, Kind::BindCommit, bind.pod.index(), data);
}

void ClusterSimulation::commit_bind(PodId pod, NodeId node, GpuDeviceMask devices) {
  const Time now = engine_.now();
  WorldPod& row = world_.pod(pod);
  row.event = EventHandle{};
  // The real API server takes such a bind. Without a model of what then ends the pod it would wait
  // for the node's return.
  if (controllers_ == nullptr && !world_.node(node).looks_ready) {
    if (row.state == PodState::Binding) row.state = PodState::Waiting;
    metrics_.recorder().count(Count::BindsRefused, now);
    publish(BindRefused{.pod = pod, .uid = row.uid, .node = node});
    return;
  }
  world_.put_on_node(pod, node);
  metrics_.pod_bound(row, request(pod), spec(pod), now);
  publish(StateChange{change::PodBound{.id = pod, .node = node, .devices = devices}});
  if (controllers_ != nullptr) controllers_->pod_bound(ref(pod), node, now);
  if (row.state == PodState::Dead) return;  // its gang broke while it was being bound
  row.state = PodState::Starting;
  if (world_.node(node).is_up && world_.node(node).is_in_touch) {
    begin_start(pod);
  } else {
    kill(pod);
  }
}

}  // namespace orrery::sim
