#include "orrery/sim/kubernetes/workload_controllers.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace orrery::sim {

WorkloadControllers::WorkloadControllers(const KubernetesSetup& setup, Duration watch_delay,
                                         ApiServer& api, std::uint32_t first_kind)
    : watch_delay_(watch_delay),
      api_(api),
      first_kind_(first_kind),
      deployment_client_(setup.controller_client.calls_per_second, setup.controller_client.burst),
      set_client_(setup.controller_client.calls_per_second, setup.controller_client.burst) {
  for (const Deployment& object : setup.deployments) deployments_.push_back({.object = object});
}

EventHandle WorkloadControllers::wake(Time at, Kind kind, std::size_t subject, std::uint64_t data) {
  return api_.wake(at, {.kind = first_kind_ + static_cast<std::uint32_t>(kind),
                        .subject = static_cast<std::uint32_t>(subject),
                        .data = data});
}

void WorkloadControllers::start(Time now) {
  for (std::size_t i = 0; i < deployments_.size(); ++i) roll_out(i, now);
}

void WorkloadControllers::scale(std::size_t deployment, std::int32_t replicas, Time now) {
  deployments_[deployment].object.replicas = replicas;
  queue_deployment(deployment, seen(now));
}

void WorkloadControllers::roll_out(std::size_t deployment, Time now) {
  ++deployments_[deployment].revision;
  queue_deployment(deployment, seen(now));
}

void WorkloadControllers::queue_deployment(std::size_t deployment, Time at) {
  if (deployments_[deployment].is_queued) return;
  deployments_[deployment].is_queued = true;
  wake(at, Kind::SyncDeployment, deployment);
}

void WorkloadControllers::queue_set(std::size_t set, Time at) {
  if (sets_[set].is_queued) return;
  sets_[set].is_queued = true;
  wake(at, Kind::SyncSet, set);
}

WorkloadControllers::OwnedPod* WorkloadControllers::find(PodRef pod) {
  const auto found = pods_.find(pod.id);
  return found == pods_.end() || found->second.uid != pod.uid ? nullptr : &found->second;
}

void WorkloadControllers::pod_bound(PodRef pod, NodeId node) {
  if (OwnedPod* const owned = find(pod)) owned->node = node;
}

/// With minReadySeconds the set looks again when the pod has been ready for that long.
void WorkloadControllers::pod_ready(PodRef pod, bool is_ready, Time now) {
  OwnedPod* const owned = find(pod);
  if (owned == nullptr || owned->is_ready == is_ready) return;
  owned->is_ready = is_ready;
  owned->ready_since = now;
  queue_set(owned->set, seen(now));
  const Duration least = deployments_[sets_[owned->set].deployment].object.ready_min;
  if (is_ready && least > Duration::zero()) {
    wake(saturating_add(seen(now), least), Kind::SyncSet, owned->set);
  }
}

void WorkloadControllers::pod_terminates(PodRef pod, Time now) {
  OwnedPod* const owned = find(pod);
  if (owned == nullptr) return;
  owned->is_terminating = true;
  owned->is_ready = false;
  queue_set(owned->set, seen(now));
}

void WorkloadControllers::pod_gone(PodId pod, Time now) {
  const auto owned = pods_.find(pod);
  if (owned == pods_.end()) return;
  const std::size_t set = owned->second.set;
  if (owned->second.is_condemned) --sets_[set].on_their_way;
  sets_[set].pods.erase(pod);
  pods_.erase(owned);
  queue_set(set, seen(now));
  if (deployments_[sets_[set].deployment].object.recreates) {
    queue_deployment(sets_[set].deployment, seen(now));  // it waits for the last old pod
  }
}

void WorkloadControllers::handle(std::uint32_t kind, const EventPayload& payload, Time now) {
  const std::size_t subject = payload.subject;
  switch (static_cast<Kind>(kind)) {
    case Kind::SyncDeployment:
      deployments_[subject].is_queued = false;
      sync(deployments_[subject], now);
      break;
    case Kind::SyncSet:
      sets_[subject].is_queued = false;
      sync(subject, now);
      break;
    case Kind::Resize:
      queue_set(subject, seen(now));
      break;
    case Kind::ReportStatus:
      sets_[subject].size.available = static_cast<std::int32_t>(payload.data);
      queue_deployment(sets_[subject].deployment, seen(now));
      break;
    case Kind::CreatePod:
      create_pod(subject, now);
      break;
    case Kind::DeletePod: {
      const auto owned = pods_.find(PodId{subject});
      if (owned != pods_.end() && owned->second.uid == payload.data) {
        delete_pod({.id = owned->first, .uid = payload.data}, owned->second.set, now);
      }
      break;
    }
  }
}

/// The sizes are the specs' that the client's calls write, one each, in its turn.
void WorkloadControllers::sync(DeploymentRow& deployment, Time now) {
  if (deployment.made != deployment.revision) {
    deployment.made = deployment.revision;
    auto spec = std::make_shared<PodTemplate>(deployment.object.pod.placement);
    spec->owner = deployment.object.name.name;
    spec->name_space = deployment.object.name.name_space;
    spec->labels["pod-template-hash"] = std::to_string(deployment.revision);
    spec->default_spread_selector = LabelSelector::all_of(spec->labels);
    deployment.sets.push_back(sets_.size());
    sets_.push_back({.deployment = static_cast<std::size_t>(&deployment - deployments_.data()),
                     .size = {},
                     .pod_template = std::move(spec),
                     .pods = {}});
  }
  std::vector<ReplicaSetSize> sizes;
  bool old_pods_left = false;
  for (const std::size_t set : deployment.sets) {
    sizes.push_back(sets_[set].size);
    old_pods_left |= set != deployment.sets.back() && !sets_[set].pods.empty();
  }
  sync_deployment(deployment.object, sizes, old_pods_left);
  bool has_changed = false;
  std::int32_t available = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    SetRow& row = sets_[deployment.sets[i]];
    if (row.size.replicas != sizes[i].replicas) {
      wake(deployment_client_.reserve(now), Kind::Resize, deployment.sets[i]);
      has_changed = true;
    }
    row.size = sizes[i];
    available += row.size.available;
  }
  if (available != deployment.reported) deployment_client_.reserve(now);  // its own status
  deployment.reported = available;
  // What it has written comes back to it, and it looks whether there is more to do.
  if (has_changed) {
    queue_deployment(static_cast<std::size_t>(&deployment - deployments_.data()), seen(now));
  }
}

std::vector<PodId> WorkloadControllers::active_pods(const SetRow& set) const {
  std::vector<PodId> active;
  for (const PodId pod : set.pods) {
    if (!pods_.at(pod).is_terminating) active.push_back(pod);
  }
  return active;
}

void WorkloadControllers::sync(std::size_t set, Time now) {
  if (sets_[set].on_their_way == 0) {
    const auto active = static_cast<std::int32_t>(active_pods(sets_[set]).size());
    const std::int32_t missing = sets_[set].size.replicas - active;
    if (missing > 0) create(set, std::min(missing, kReplicasPerSync), now);
    if (missing < 0) remove(set, std::min(-missing, kReplicasPerSync), now);
  }
  report_status(set, now);
}

/// A batch begins when the one before has arrived.
void WorkloadControllers::create(std::size_t set, std::int32_t count, Time now) {
  sets_[set].on_their_way += count;
  Time begins = now;
  for (const std::int32_t batch : slow_start_batches(count)) {
    Time last = begins;
    for (std::int32_t i = 0; i < batch; ++i) {
      last = set_client_.reserve(begins);
      wake(last, Kind::CreatePod, set);
    }
    begins = last;
  }
}

std::map<NodeId, std::int32_t> WorkloadControllers::siblings_of(std::size_t deployment) const {
  std::map<NodeId, std::int32_t> siblings;
  for (const std::size_t set : deployments_[deployment].sets) {
    for (const PodId pod : active_pods(sets_[set])) ++siblings[pods_.at(pod).node];
  }
  return siblings;
}

void WorkloadControllers::remove(std::size_t set, std::int32_t count, Time now) {
  const std::map<NodeId, std::int32_t> siblings = siblings_of(sets_[set].deployment);
  std::vector<DeletionCandidate> candidates;
  for (const PodId id : active_pods(sets_[set])) {
    const OwnedPod& pod = pods_.at(id);
    candidates.push_back({.pod = {.id = id, .uid = pod.uid},
                          .node = pod.node,
                          .is_running = api_.has_started({.id = id, .uid = pod.uid}),
                          .is_ready = pod.is_ready,
                          .siblings = siblings.at(pod.node),
                          .ready_since = pod.ready_since,
                          .created = pod.created});
  }
  sort_for_deletion(candidates, now);
  candidates.resize(static_cast<std::size_t>(count));
  sets_[set].on_their_way += count;
  for (const DeletionCandidate& one : candidates) {
    pods_.at(one.pod.id).is_condemned = true;
    wake(set_client_.reserve(now), Kind::DeletePod, one.pod.id.index(), one.pod.uid);
  }
}

void WorkloadControllers::report_status(std::size_t set, Time now) {
  const Duration least = deployments_[sets_[set].deployment].object.ready_min;
  std::int32_t available = 0;
  for (const PodId id : active_pods(sets_[set])) {
    const OwnedPod& pod = pods_.at(id);
    if (pod.is_ready && now - pod.ready_since >= least) ++available;
  }
  if (available == sets_[set].reported) return;
  sets_[set].reported = available;
  wake(set_client_.reserve(now), Kind::ReportStatus, set, static_cast<std::uint64_t>(available));
}

void WorkloadControllers::create_pod(std::size_t set, Time now) {
  SetRow& row = sets_[set];
  const PodBlueprint& blueprint = deployments_[row.deployment].object.pod;
  const PodRef pod = api_.create_pod(
      {.pod_template = row.pod_template, .cpu = blueprint.cpu, .memory = blueprint.memory});
  pods_[pod.id] = {.uid = pod.uid, .set = set, .created = now};
  row.pods.insert(pod.id);
  if (--row.on_their_way == 0) queue_set(set, seen(now));
}

void WorkloadControllers::delete_pod(PodRef pod, std::size_t set, Time now) {
  pods_.at(pod.id).is_condemned = false;
  if (--sets_[set].on_their_way == 0) queue_set(set, seen(now));
  api_.delete_pod(pod, true);
}

}  // namespace orrery::sim
