// The way of pods and gangs on their nodes: start-up, run, end, loss.
#include <algorithm>
#include <utility>

#include "orrery/models/check.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"

namespace orrery::sim {

void ClusterSimulation::begin_start(PodId pod) {
  const WorldPod& row = world_.pod(pod);
  Duration delay{};
  if (has_start_up_) {
    // Keyed by the work and not by the pod: another policy meets the same draw.
    const std::uint64_t entity = (static_cast<std::uint64_t>(cluster_.index()) << 48) |
                                 (static_cast<std::uint64_t>(row.losses) << 32) | row.work;
    Stream stream{seed_, Purpose::PodStartUp, entity};
    delay = setup_.delays.start_up.sample(stream, false);
  }
  if (delay == Duration::zero()) {
    start_pod(pod);
  } else {
    world_.pod(pod).event = after(delay, Kind::Started, pod.index());
  }
}

void ClusterSimulation::start_pod(PodId pod) {
  const Time now = engine_.now();
  WorldPod& row = world_.pod(pod);
  row.event = EventHandle{};
  row.state = PodState::Running;
  row.started = now;
  metrics_.pod_stops_waiting(now);
  metrics_.pod_started(row, request(pod), spec(pod), now);
  if (const auto lost = recovering_.find(pod); lost != recovering_.end()) {
    metrics_.recorder().sample(Sample::Recovery, (now - lost->second).count(), now);
    recovering_.erase(lost);
  }
  row.has_started_before = true;
  if (controllers_ == nullptr) {
    publish(StateChange{change::PodStarted{.id = pod}});
  } else if (world_.node(row.node).is_in_touch) {
    report_start(pod);
  }
  if (row.gang) {
    WorldGang& gang = world_.gang(row.gang);
    if (++gang.started < gang.size) return;
    metrics_.recorder().count(Count::GangsPlaced, now);
    Duration service{};
    for (const PodId member : gang.members) {
      service = std::max(service, world_.pod(member).service);
      world_.pod(member).started = now;  // work begins when the last member is there
    }
    if (service != Duration::max()) {
      gang.finish = after(service, Kind::GangFinished, row.gang.index());
    }
  } else if (row.service != Duration::max()) {
    row.event = after(row.service, Kind::Finished, pod.index());
  }
}

void ClusterSimulation::finish_pod(PodId pod) {
  const Time now = engine_.now();
  WorldPod& row = world_.pod(pod);
  row.event = EventHandle{};
  metrics_.pod_stopped(row, request(pod), spec(pod), now);
  if (controllers_ != nullptr && !world_.node(row.node).is_in_touch) {
    row.has_finished = true;  // nobody hears of it yet
    row.state = PodState::Dead;
    return;
  }
  metrics_.pod_completed(row, now);
  last_completion_ = now;
  end_pod(pod, PodPhase::Succeeded);
}

void ClusterSimulation::finish_gang(GangId gang) {
  const std::vector<PodId> members = world_.gang(gang).members;
  for (const PodId member : members) finish_pod(member);
  world_.remove_gang(gang);
}

void ClusterSimulation::cancel_event(WorldPod& pod) {
  if (pod.event && engine_.cancel(pod.event)) --active_events_;
  pod.event = EventHandle{};
}

void ClusterSimulation::kill(PodId pod) {
  WorldPod& row = world_.pod(pod);
  if (row.state == PodState::Dead) return;
  const bool was_running = row.state == PodState::Running;
  cancel_event(row);
  if (was_running) {
    metrics_.pod_stopped(row, request(pod), spec(pod), engine_.now());
  } else {
    metrics_.pod_stops_waiting(engine_.now());
  }
  const bool is_wanted = row.is_owned && row.is_terminating;  // by the service that it is part of
  if (!is_wanted) metrics_.pod_lost(row, was_running, engine_.now());
  if (row.is_listed) metrics_.recorder().shift(Level::EndpointsStale, 1, engine_.now());
  row.state = PodState::Dead;
  if (row.gang && !world_.gang(row.gang).is_broken) break_gang(row.gang);
}

void ClusterSimulation::break_gang(GangId id) {
  WorldGang& gang = world_.gang(id);
  gang.is_broken = true;
  if (gang.finish && engine_.cancel(gang.finish)) --active_events_;
  gang.finish = EventHandle{};
  for (const PodId member : gang.members) {
    if (world_.pod(member).state != PodState::Dead) kill(member);
  }
}

void ClusterSimulation::end_pod(PodId pod, PodPhase phase) {
  WorldPod& row = world_.pod(pod);
  cancel_event(row);
  if (controllers_ != nullptr) {
    set_listed(pod, false);
    controllers_->pod_gone(pod, engine_.now());
    recovering_.erase(pod);
  }
  if (row.node) metrics_.pod_released(row, request(pod), spec(pod), engine_.now());
  world_.remove_pod(pod);
  publish(StateChange{change::PodEnded{.id = pod, .phase = phase}});
}

void ClusterSimulation::lose_pod(PodId pod) {
  ORRERY_CHECK(world_.pod(pod).state == PodState::Dead, "only dead pods are lost");
  const WorldPod old = world_.pod(pod);
  const Pod asked = request(pod);
  end_pod(pod, PodPhase::Failed);
  if (setup_.replaces_lost_pods && !old.is_owned) replace_pod(old, asked);
}

void ClusterSimulation::replace_pod(const WorldPod& old, const Pod& asked) {
  const Time now = engine_.now();
  const WorldPod again{.arrival = old.arrival,
                       .started = old.started,
                       .service = old.service,
                       .gang = old.gang,
                       .has_started_before = old.has_started_before,
                       .losses = static_cast<std::uint8_t>(std::min(old.losses + 1, 255)),
                       .work = old.work};
  metrics_.pod_waits_again(now);
  const PodId id = add_pod(again, {.cpu = asked.cpu,
                                   .memory = asked.memory,
                                   .estimated_duration = asked.estimated_duration,
                                   .pod_template = asked.pod_template});
  if (controllers_ == nullptr) return;
  const bool is_lost = old.node && !world_.node(old.node).is_in_touch;
  recovering_[id] = is_lost ? world_.kubelet(old.node).lost_at : now;
}

void ClusterSimulation::lose_gang(GangId id) {
  const std::vector<PodId> members = world_.gang(id).members;
  GangId next;
  if (setup_.replaces_lost_pods) {
    next = world_.add_gang();
    world_.gang(next).size = world_.gang(id).size;
  }
  for (const PodId member : members) {
    world_.pod(member).gang = next;
    lose_pod(member);
  }
  world_.remove_gang(id);
}

}  // namespace orrery::sim
