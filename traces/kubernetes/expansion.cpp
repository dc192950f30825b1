#include "orrery/traces/kubernetes/expansion.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace orrery::traces::kubernetes {
namespace {

bool has_ended(const PodObject& pod) {
  return pod.phase == PodPhase::Succeeded || pod.phase == PodPhase::Failed;
}

/// A pod that leaves is not one of its controller's any more.
bool is_counted(const PodObject& pod) { return !has_ended(pod) && !pod.is_terminating; }

class Expansion {
 public:
  explicit Expansion(const Manifests& manifests) : manifests_(manifests) {
    for (const PodObject& pod : manifests.pods) {
      if (!has_ended(pod)) pods.push_back(pod);
      if (is_counted(pod)) ++counted_[key(pod.name.name_space, pod.controller)];
    }
  }

  std::vector<PodObject> pods;

  void add(const ReplicaSet& set) {
    add_missing(set.name, {.kind = "ReplicaSet", .name = set.name.name}, set.replicas, set.pod);
  }
  /// One whose ReplicaSets are there leaves its pods to them.
  void add(const Deployment& deployment) {
    const bool has_sets = std::any_of(
        manifests_.replica_sets.begin(), manifests_.replica_sets.end(), [&](const ReplicaSet& set) {
          return set.name.name_space == deployment.name.name_space &&
                 set.controller.is("Deployment", deployment.name.name);
        });
    if (has_sets) return;
    add_missing(deployment.name, {.kind = "Deployment", .name = deployment.name.name},
                deployment.replicas, deployment.pod);
  }
  void add(const StatefulSet& set) {
    add_missing(set.name, {.kind = "StatefulSet", .name = set.name.name}, set.replicas, set.pod);
  }
  void add(const Job& job) {
    if (job.is_finished || job.is_suspended) return;
    const std::int32_t left =
        job.completions.value_or(std::numeric_limits<std::int32_t>::max()) - job.succeeded;
    add_missing(job.name, {.kind = "Job", .name = job.name.name}, std::min(job.parallelism, left),
                job.pod);
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  static Key key(const std::string& name_space, const ControllerReference& controller) {
    return {name_space, controller.kind, controller.name};
  }

  void add_missing(const ObjectName& owner, const ControllerReference& controller,
                   std::int32_t wanted, const PodBlueprint& pod) {
    for (std::int32_t i = counted_[key(owner.name_space, controller)]; i < wanted; ++i) {
      pods.push_back(
          {.name = {.name_space = owner.name_space, .name = fmt::format("{}-{}", owner.name, i)},
           .pod = pod,
           .controller = controller});
    }
  }

  const Manifests& manifests_;
  std::map<Key, std::int32_t> counted_;
};

}  // namespace

std::vector<PodObject> pods_at_start(const Manifests& manifests) {
  Expansion expansion(manifests);
  for (const Deployment& one : manifests.deployments) expansion.add(one);
  for (const ReplicaSet& one : manifests.replica_sets) expansion.add(one);
  for (const StatefulSet& one : manifests.stateful_sets) expansion.add(one);
  for (const Job& one : manifests.jobs) expansion.add(one);
  return std::move(expansion.pods);
}

}  // namespace orrery::traces::kubernetes
