#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "orrery/models/labels.hpp"
#include "orrery/models/node.hpp"
#include "orrery/models/pod_spec.hpp"
#include "orrery/models/units.hpp"

/// Objects of the Kubernetes API as manifests say them (k8s.io/api v0.36.3), with the API's
/// defaults. What a Node and a Pod are to a scheduler stands in node.hpp and pod.hpp.
namespace orrery {

/// A number of pods, or a percentage of them (apimachinery, util/intstr).
struct IntOrPercent {
  std::int32_t value = 0;
  bool is_percent = false;

  /// Of `total` pods, a part of one rounded up or down.
  [[nodiscard]] constexpr std::int32_t rounded_up(std::int32_t total) const {
    return is_percent ? part(total, 99) : value;
  }
  [[nodiscard]] constexpr std::int32_t rounded_down(std::int32_t total) const {
    return is_percent ? part(total, 0) : value;
  }
  friend bool operator==(const IntOrPercent&, const IntOrPercent&) = default;

 private:
  [[nodiscard]] constexpr std::int32_t part(std::int32_t total, std::int64_t more) const {
    return static_cast<std::int32_t>((std::int64_t{value} * total + more) / 100);
  }
};

/// What every object of a namespace is known by.
struct ObjectName {
  std::string name_space = "default";
  std::string name;

  friend auto operator<=>(const ObjectName&, const ObjectName&) = default;
};

/// The controller of an object (meta/v1 OwnerReference); an empty kind: it has none.
struct ControllerReference {
  std::string kind;
  std::string name;

  [[nodiscard]] bool is(const std::string& a_kind, const std::string& a_name) const {
    return kind == a_kind && name == a_name;
  }
  friend bool operator==(const ControllerReference&, const ControllerReference&) = default;
};

/// A Node and its state.
struct NodeObject {
  Node node;
  bool is_ready = true;      ///< condition Ready; true where no condition is given
  bool is_cordoned = false;  ///< spec.unschedulable

  friend bool operator==(const NodeObject&, const NodeObject&) = default;
};

struct PodObject {
  ObjectName name;
  PodBlueprint pod;
  ControllerReference controller;
  std::string node;  ///< that it is bound to; empty: none yet
  PodPhase phase = PodPhase::Pending;
  bool is_gated = false;        ///< has scheduling gates
  bool is_terminating = false;  ///< metadata.deletionTimestamp

  friend bool operator==(const PodObject&, const PodObject&) = default;
};

/// apps/v1 ReplicaSet.
struct ReplicaSet {
  ObjectName name;
  ControllerReference controller;
  std::int32_t replicas = 1;
  LabelSelector selector;
  PodBlueprint pod;
  Duration ready_min{};  ///< minReadySeconds

  friend bool operator==(const ReplicaSet&, const ReplicaSet&) = default;
};

/// apps/v1 Deployment.
struct Deployment {
  ObjectName name;
  std::int32_t replicas = 1;
  LabelSelector selector;
  PodBlueprint pod;
  bool recreates = false;  ///< strategy Recreate instead of RollingUpdate
  IntOrPercent surge_max{.value = 25, .is_percent = true};
  IntOrPercent unavailable_max{.value = 25, .is_percent = true};
  Duration ready_min{};
  Duration progress_deadline = std::chrono::seconds{600};
  std::int32_t revision_history_limit = 10;
  bool is_paused = false;

  friend bool operator==(const Deployment&, const Deployment&) = default;
};

/// apps/v1 StatefulSet.
struct StatefulSet {
  ObjectName name;
  std::int32_t replicas = 1;
  LabelSelector selector;
  PodBlueprint pod;
  bool is_parallel = false;  ///< podManagementPolicy Parallel instead of OrderedReady
  Duration ready_min{};

  friend bool operator==(const StatefulSet&, const StatefulSet&) = default;
};

/// batch/v1 Job.
struct Job {
  ObjectName name;
  std::int32_t parallelism = 1;
  std::optional<std::int32_t> completions = 1;  ///< none: done when one pod has succeeded
  std::int32_t backoff_limit = 6;
  bool is_indexed = false;
  std::optional<Duration> active_deadline;
  bool is_suspended = false;
  std::int32_t succeeded = 0;  ///< status: pods that have
  bool is_finished = false;    ///< status: condition Complete or Failed
  PodBlueprint pod;

  friend bool operator==(const Job&, const Job&) = default;
};

/// autoscaling/v2 HorizontalPodAutoscaler. The policy `horizontal-pod-autoscaler` takes `spec`.
struct HorizontalPodAutoscaler {
  ObjectName name;
  ControllerReference target;  ///< scaleTargetRef
  std::string spec;            ///< JSON text

  friend bool operator==(const HorizontalPodAutoscaler&, const HorizontalPodAutoscaler&) = default;
};

/// policy/v1 PodDisruptionBudget; one of the two limits may be given.
struct PodDisruptionBudget {
  ObjectName name;
  LabelSelector selector;
  std::optional<IntOrPercent> available_min;
  std::optional<IntOrPercent> unavailable_max;
  bool always_evicts_unhealthy = false;  ///< unhealthyPodEvictionPolicy AlwaysAllow

  friend bool operator==(const PodDisruptionBudget&, const PodDisruptionBudget&) = default;
};

/// scheduling/v1 PriorityClass.
struct PriorityClass {
  std::string name;
  std::int32_t value = 0;
  bool is_default = false;  ///< globalDefault
  bool preempts = true;

  friend bool operator==(const PriorityClass&, const PriorityClass&) = default;
};

/// core/v1 Service; one without selector selects nothing.
struct Service {
  ObjectName name;
  LabelSelector selector;

  friend bool operator==(const Service&, const Service&) = default;
};

/// core/v1 Namespace.
struct Namespace {
  std::string name;
  Labels labels;  ///< kubernetes.io/metadata.name is among them

  friend bool operator==(const Namespace&, const Namespace&) = default;
};

}  // namespace orrery
