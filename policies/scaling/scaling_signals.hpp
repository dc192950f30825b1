#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/models/pod.hpp"
#include "orrery/models/units.hpp"

namespace orrery::policies {

/// Thousandths of whatever a metric counts (cores, bytes, requests a second): the integers that
/// Kubernetes calculates with.
using MilliValue = Quantity<struct MilliValueTag>;

/// autoscaling/v2 MetricSourceType.
enum class MetricType : std::uint8_t { Resource, ContainerResource, Pods, Object, External };
[[nodiscard]] std::string_view to_string(MetricType type);

/// Something measured that a policy wants to know at each sync.
struct MetricQuery {
  MetricType type = MetricType::External;
  std::string name;         ///< of the metric, or of the resource ("cpu")
  std::string container;    ///< of a ContainerResource
  std::string object_kind;  ///< of an Object
  std::string object_name;  ///< of an Object
  std::string selector;     ///< of the metric, a LabelSelector as JSON text; empty: any

  friend bool operator==(const MetricQuery&, const MetricQuery&) = default;
};
/// "Resource cpu", "External requests": for people.
[[nodiscard]] std::string to_string(const MetricQuery& query);

/// What was measured of one pod, over the `window` that ended at `measured`.
struct PodSample {
  MilliValue value;
  Time measured;
  Duration window{};
};

/// The answer to a query. One that has neither samples nor values could not be had.
struct MetricReading {
  /// Of a type per pod: one for each pod of ScalingSignals::pods; none where it is missing.
  std::vector<std::optional<PodSample>> samples;
  /// Samples of pods that the cluster does not know, or no longer.
  std::vector<PodSample> strangers;
  /// Of a Resource or ContainerResource: what each pod requests of it (containers and sidecars
  /// together); none where one of its containers says nothing. Empty is none for all pods.
  std::vector<std::optional<MilliValue>> requests;
  /// Of an Object or External: the value, or all values that the selector matches.
  std::vector<MilliValue> values;
};

/// Status of a pod's condition Ready.
enum class ReadyStatus : std::uint8_t { Absent, False, True, Unknown };

/// One pod of the scaled block, as the API server last reported it.
struct PodSignal {
  PodPhase phase = PodPhase::Pending;
  bool is_deleting = false;
  ReadyStatus ready = ReadyStatus::Absent;
  Time ready_changed;           ///< last transition of the condition Ready
  std::optional<Time> started;  ///< status.startTime
};

/// What is known of one scaled block at a sync. Valid during the call.
struct ScalingSignals {
  Time now;
  std::int32_t spec_replicas = 0;          ///< what the block was last told to have
  std::int32_t status_replicas = 0;        ///< how many pods its controller counts
  std::span<const PodSignal> pods;         ///< those that its selector matches
  std::span<const MetricReading> metrics;  ///< one for each of the policy's queries
};

/// Pods that are Running and Ready.
[[nodiscard]] std::int64_t count_ready(std::span<const PodSignal> pods);

}  // namespace orrery::policies
