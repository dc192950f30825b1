// The API server as the controllers of a simulated Kubernetes see and change it.
#include <algorithm>
#include <memory>

#include "orrery/models/check.hpp"
#include "orrery/models/stream.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"

namespace orrery::sim {
namespace {

/// A point of a loop's period at which it happens to have started.
Duration phase(Stream stream, Duration period) {
  if (period == Duration::zero()) return period;
  return Duration{
      static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(period.count())))};
}

/// Zones as the node lifecycle controller tells them apart: nodes without one are in one together.
std::size_t zone_of(const NodeColumns& nodes, NodeId node) {
  const ZoneId zone = nodes.zone[node];
  return zone.is_none() ? 0 : zone.index() + 1;
}

}  // namespace

void ClusterSimulation::start_kubernetes() {
  const NodeLifecycleConfig& config = setup_.kubernetes->nodes;
  const auto loop = [&](std::uint64_t number, Duration period) {
    const std::uint64_t entity = (static_cast<std::uint64_t>(cluster_.index()) << 40) | number;
    return phase(Stream{seed_, Purpose::ControllerPhase, entity}, period);
  };
  ApiServer& api = *this;
  controllers_ = std::make_unique<ControllerManager>(
      *setup_.kubernetes,
      ControllerPhases{.node_monitor = loop(0, config.monitor_period),
                       .garbage_collection = loop(1, config.garbage_collection_period)},
      setup_.delays.watch, api);
  for (std::size_t i = 0; i < world_.node_count(); ++i) {
    const NodeId node{i};
    controllers_->add_node(zone_of(orchestrator_.state().nodes(), node));
    taints_.push_back(setup_.nodes[i]->taints);
    const std::uint64_t entity = (static_cast<std::uint64_t>(cluster_.index()) << 40) | i;
    world_.kubelet(node).lease_phase =
        phase(Stream{seed_, Purpose::LeasePhase, entity}, config.lease_renewal);
  }
}

bool ClusterSimulation::is_ready(NodeId node) const { return world_.node(node).looks_ready; }

const std::vector<Taint>& ClusterSimulation::taints(NodeId node) const { return taints_[node]; }

std::vector<PodRef> ClusterSimulation::pods_on(NodeId node) const {
  std::vector<PodRef> pods;
  for (const PodId pod : world_.node(node).pods) pods.push_back(ref(pod));
  return pods;
}

bool ClusterSimulation::exists(PodRef pod) const { return world_.pod(pod.id).uid == pod.uid; }

bool ClusterSimulation::is_terminating(PodRef pod) const {
  return world_.pod(pod.id).is_terminating;
}

bool ClusterSimulation::has_started(PodRef pod) const { return world_.pod(pod.id).is_reported; }

const std::vector<Toleration>& ClusterSimulation::tolerations(PodRef pod) const {
  return spec(pod.id).tolerations;
}

/// A gang goes as a whole as soon as one of its members is missed: whoever owns it makes it anew.
void ClusterSimulation::set_unknown(NodeId id) {
  const Time now = engine_.now();
  WorldNode& node = world_.node(id);
  if (!node.looks_ready) return;
  node.looks_ready = false;
  metrics_.node_ready(id, false, now);
  metrics_.recorder().sample(Sample::Detection, (now - world_.kubelet(id).lost_at).count(), now);
  publish(StateChange{change::NodeReadyChanged{.id = id, .is_ready = false}});
  controllers_->node_changed(id, now);
  for (const PodRef pod : pods_on(id)) {
    if (!exists(pod)) continue;  // it went with its gang
    const WorldPod& row = world_.pod(pod.id);
    if (row.gang && row.state == PodState::Dead && !row.has_finished) lose_gang(row.gang);
  }
}

void ClusterSimulation::set_taint(NodeId node, const Taint& taint, bool is_there) {
  std::vector<Taint>& taints = taints_[node];
  const auto same = [&](const Taint& one) {
    return one.key == taint.key && one.effect == taint.effect;
  };
  if (std::any_of(taints.begin(), taints.end(), same) == is_there) return;
  if (is_there) {
    taints.push_back(taint);
  } else {
    std::erase_if(taints, same);
  }
  publish(StateChange{change::NodeTaintsChanged{
      .id = node, .taints = std::make_shared<const std::vector<Taint>>(taints)}});
  controllers_->node_changed(node, engine_.now());
}

void ClusterSimulation::set_not_ready(PodRef pod) {
  if (!is_ready(world_.pod(pod.id).node)) set_listed(pod.id, false);
}

/// Its random draws are keyed from the other end, so that they meet no work item's.
PodRef ClusterSimulation::create_pod(const NewPod& pod) {
  const Time now = engine_.now();
  const WorldPod work{
      .arrival = now, .service = Duration::max(), .is_owned = true, .work = ~owned_pods_++};
  metrics_.pod_arrived(*pod.pod_template, now);
  return ref(add_pod(
      work, {.cpu = pod.cpu, .memory = pod.memory, .pod_template = intern(pod.pod_template)}));
}

void ClusterSimulation::delete_pod(PodRef pod, bool is_wanted) {
  const PodId id = pod.id;
  WorldPod& row = world_.pod(id);
  if (row.is_terminating) return;
  if (!is_wanted) metrics_.recorder().count(Count::PodsEvicted, engine_.now());
  if (row.gang) {
    if (!world_.gang(row.gang).is_broken) break_gang(row.gang);
    return lose_gang(row.gang);
  }
  if (row.node.is_none()) {
    kill(id);
    return lose_pod(id);
  }
  row.is_terminating = true;
  set_listed(id, false);
  publish(StateChange{change::PodTerminating{.id = id}});
  const NodeId node = row.node;
  controllers_->pod_terminates(pod, node, engine_.now());
  if (setup_.replaces_lost_pods && !row.is_owned) {
    const WorldPod old = row;  // the rows may move
    replace_pod(old, request(id));
  }
  if (world_.node(node).is_in_touch) begin_termination(id);
}

void ClusterSimulation::remove_pod(PodRef pod) {
  kill(pod.id);
  end_pod(pod.id, PodPhase::Failed);
}

EventHandle ClusterSimulation::wake(Time at, EventPayload payload) {
  ++active_events_;
  payload.kind += static_cast<std::uint32_t>(Kind::Controller);
  return engine_.schedule_at(at, *this, payload);
}

void ClusterSimulation::cancel_wake(EventHandle handle) {
  if (engine_.cancel(handle)) --active_events_;
}

}  // namespace orrery::sim
