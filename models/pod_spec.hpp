#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orrery/models/pod.hpp"
#include "orrery/models/units.hpp"

namespace orrery {

/// Amounts of resources (core/v1 ResourceList); none: not named, which is not the same as 0.
struct ResourceAmounts {
  std::optional<MilliCpu> cpu;
  std::optional<Bytes> memory;
  std::optional<Bytes> ephemeral_storage;
  std::map<std::string, std::int64_t> others;  ///< GPUs and huge pages too, whole units

  friend bool operator==(const ResourceAmounts&, const ResourceAmounts&) = default;
};

/// core/v1 Probe, with the defaults of the API; what it asks is the model's business.
struct Probe {
  Duration initial_delay{};
  Duration period = std::chrono::seconds{10};
  Duration timeout = std::chrono::seconds{1};
  std::int32_t success_threshold = 1;
  std::int32_t failure_threshold = 3;

  friend bool operator==(const Probe&, const Probe&) = default;
};

/// core/v1 PullPolicy.
enum class ImagePullPolicy : std::uint8_t { IfNotPresent, Always, Never };
/// core/v1 RestartPolicy of a pod.
enum class RestartPolicy : std::uint8_t { Always, OnFailure, Never };

/// core/v1 Container, as far as a kubelet's behaviour depends on it.
struct ContainerSpec {
  std::string name;
  std::string image;  ///< with its tag
  ImagePullPolicy pull_policy = ImagePullPolicy::IfNotPresent;
  ResourceAmounts requests;  ///< those of the limits where none is named
  ResourceAmounts limits;
  bool is_sidecar = false;  ///< an init container that is restarted always
  std::optional<Probe> startup_probe;
  std::optional<Probe> readiness_probe;
  std::optional<Probe> liveness_probe;
  Duration pre_stop_sleep{};

  friend bool operator==(const ContainerSpec&, const ContainerSpec&) = default;
};

/// core/v1 PodSpec, as far as a kubelet's behaviour depends on it.
struct PodSpec {
  std::vector<ContainerSpec> init_containers;
  std::vector<ContainerSpec> containers;
  ResourceAmounts requests;  ///< of the pod as a whole (pod-level resources)
  ResourceAmounts overhead;
  RestartPolicy restart_policy = RestartPolicy::Always;
  Duration termination_grace = std::chrono::seconds{30};
  /// How long its containers work until they end by themselves; none: for ever.
  std::optional<Duration> run_time;

  friend bool operator==(const PodSpec&, const PodSpec&) = default;
};

/// Everything about the pods that one template makes.
struct PodBlueprint {
  MilliCpu cpu;  ///< that the scheduler reserves
  Bytes memory;  ///< likewise
  PodTemplate placement;
  PodSpec spec;

  friend bool operator==(const PodBlueprint&, const PodBlueprint&) = default;
};

/// What the scheduler reserves for a pod: the containers together with the sidecars, or an init
/// container with the sidecars before it if that is more; the pod's own requests instead where it
/// names them; and its overhead (component-helpers v0.36.3, resource/helpers.go, PodRequests).
[[nodiscard]] ResourceAmounts pod_requests(const PodSpec& spec);

/// The same with 100m and 200 MiB for each container that does not name CPU or memory: what scorers
/// count (kubernetes v1.36.3, pkg/scheduler/framework/types.go, CalculateResource).
[[nodiscard]] ResourceAmounts pod_requests_for_scoring(const PodSpec& spec);

}  // namespace orrery
