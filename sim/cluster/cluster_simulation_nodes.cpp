// Crashes, repairs and when the API server hears of them.
#include "orrery/sim/cluster/cluster_simulation.hpp"

namespace orrery::sim {

void ClusterSimulation::schedule_outage(std::uint32_t cause) {
  const std::optional<DownInterval> outage = causes_[cause].next(engine_.now());
  if (!outage) return;
  outage_ends_at_[cause] = outage->end;
  outage_events_[cause] = after(outage->start - engine_.now(), Kind::OutageBegins, cause);
}

void ClusterSimulation::cancel_outages() {
  for (EventHandle& event : outage_events_) engine_.cancel(event);
}

void ClusterSimulation::redraw_outages() {
  for (std::uint32_t cause = 0; cause < causes_.size(); ++cause) {
    if (!causes_[cause].is_random() || !engine_.cancel(outage_events_[cause])) continue;
    const Time now = engine_.now();
    const std::optional<DownInterval> outage = causes_[cause].reseed(seed_, now);
    if (!outage) continue;
    const bool is_down = outage->start <= now;
    outage_ends_at_[cause] = outage->end;
    outage_events_[cause] = after((is_down ? outage->end : outage->start) - now,
                                  is_down ? Kind::OutageEnds : Kind::OutageBegins, cause);
  }
}

void ClusterSimulation::outage_begins(std::uint32_t cause) {
  for (const NodeId node : causes_[cause].nodes()) {
    if (causes_[cause].kind() == OutageKind::Partition) {
      cut_off(node);
    } else if (down_by_[node]++ == 0) {
      crash(node);
    }
  }
  outage_events_[cause] = after(outage_ends_at_[cause] - engine_.now(), Kind::OutageEnds, cause);
}

void ClusterSimulation::outage_ends(std::uint32_t cause) {
  for (const NodeId node : causes_[cause].nodes()) {
    if (causes_[cause].kind() == OutageKind::Partition) {
      link_again(node);
    } else if (--down_by_[node] == 0) {
      repair(node);
    }
  }
  if (is_exhausted_ && active_events_ == 0) {
    ++repairs_while_idle_;
  } else {
    repairs_while_idle_ = 0;
  }
  schedule_outage(cause);
}

void ClusterSimulation::crash(NodeId id) {
  const Time now = engine_.now();
  WorldNode& node = world_.node(id);
  node.is_up = false;
  node.crashed_at = now;
  metrics_.recorder().count(Count::NodeCrashes, now);
  metrics_.node_power(id, false, now);
  for (const PodId pod : node.pods) kill(pod);
  if (controllers_ != nullptr) {
    world_.kubelet(id).has_rebooted = true;
    lose_touch(id);
  } else if (node.looks_ready) {
    node.silence = after(setup_.delays.detection, Kind::SilenceNoticed, id.index());
  }
}

void ClusterSimulation::notice_silence(NodeId id) {
  const Time now = engine_.now();
  WorldNode& node = world_.node(id);
  node.silence = EventHandle{};
  node.looks_ready = false;
  metrics_.node_ready(id, false, now);
  metrics_.recorder().sample(Sample::Detection, (now - node.crashed_at).count(), now);
  publish(StateChange{change::NodeReadyChanged{.id = id, .is_ready = false}});
  lose_pods_on(id);
}

void ClusterSimulation::repair(NodeId id) {
  const Time now = engine_.now();
  WorldNode& node = world_.node(id);
  node.is_up = true;
  metrics_.recorder().count(Count::NodeRepairs, now);
  metrics_.node_power(id, true, now);
  if (controllers_ != nullptr) return regain_touch(id);
  if (node.silence) {
    // It was back before anyone missed it: its kubelet reports what has died.
    if (engine_.cancel(node.silence)) --active_events_;
    node.silence = EventHandle{};
    lose_pods_on(id);
    return;
  }
  node.looks_ready = true;
  metrics_.node_ready(id, true, now);
  publish(StateChange{change::NodeReadyChanged{.id = id, .is_ready = true}});
}

void ClusterSimulation::lose_pods_on(NodeId id) {
  const auto& bound = world_.node(id).pods;
  const std::vector<PodId> pods(bound.begin(), bound.end());  // the list changes on the way
  for (const PodId pod : pods) {
    // A gang goes as a whole: a member further down the list may have gone with an earlier one, and
    // its id may even be in use again.
    const WorldPod& row = world_.pod(pod);
    if (row.state != PodState::Dead || row.node != id) continue;
    if (row.gang) {
      lose_gang(row.gang);
    } else {
      lose_pod(pod);
    }
  }
}

}  // namespace orrery::sim
