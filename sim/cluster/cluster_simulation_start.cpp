// What is there already when a run begins.
#include "orrery/sim/cluster/cluster_simulation.hpp"

namespace orrery::sim {

/// The scheduler begins with a list of all that there is, not with a watch: it knows it at once.
void ClusterSimulation::take_over() {
  is_listing_ = true;
  for (const NodeId node : setup_.not_ready) begin_not_ready(node);
  for (const NodeId node : setup_.cordoned) {
    publish(StateChange{change::NodeCordonChanged{.id = node, .is_cordoned = true}});
  }
  for (const BoundPod& bound : setup_.bound) take_over(bound);
  is_listing_ = false;
}

/// Its kubelet is silent, but nothing says that it is down: what runs there goes on.
void ClusterSimulation::begin_not_ready(NodeId node) {
  const Time now = engine_.now();
  world_.node(node).looks_ready = false;
  metrics_.node_ready(node, false, now);
  publish(StateChange{change::NodeReadyChanged{.id = node, .is_ready = false}});
  if (controllers_ != nullptr) lose_touch(node);
}

/// How long it has waited is not known, so it is no sample of that.
void ClusterSimulation::take_over(const BoundPod& bound) {
  const Time now = engine_.now();
  const traces::WorkloadItem& item = bound.pod;
  const PodTemplateId pod_template = intern(item.pod_template);
  WorldPod work{.arrival = now, .started = now, .service = item.service};
  work.work = work_items_++;
  work.has_started_before = true;
  if (work_items_ == 1) first_arrival_ = now;
  metrics_.pod_arrived(*item.pod_template, now);
  const PodId id = world_.add_pod(work);
  world_.put_on_node(id, bound.node);
  WorldPod& row = world_.pod(id);
  row.state = PodState::Running;
  publish(StateChange{change::PodAdded{.id = id,
                                       .pod = {.uid = row.uid,
                                               .cpu = item.cpu,
                                               .memory = item.memory,
                                               .created = now,
                                               .estimated_duration = item.estimate,
                                               .pod_template = pod_template,
                                               .devices = bound.devices,
                                               .node = bound.node,
                                               .phase = PodPhase::Running}}});
  metrics_.pod_stops_waiting(now);
  metrics_.pod_bound(row, request(id), spec(id), now);
  metrics_.pod_started(row, request(id), spec(id), now);
  metrics_.node_reserved(orchestrator_.state(), bound.node, now);
  if (controllers_ != nullptr) {
    row.is_reported = true;
    set_listed(id, is_ready(bound.node));
    controllers_->pod_bound(ref(id), bound.node, now);
  }
  if (item.service != Duration::max()) {
    row.event = after(item.service, Kind::Finished, id.index());
  }
}

}  // namespace orrery::sim
