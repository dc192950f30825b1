#include "orrery/policies/scaling/scaling_policy.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace orrery::policies {

std::string_view to_string(MetricType type) {
  switch (type) {
    case MetricType::Resource:
      return "Resource";
    case MetricType::ContainerResource:
      return "ContainerResource";
    case MetricType::Pods:
      return "Pods";
    case MetricType::Object:
      return "Object";
    case MetricType::External:
      return "External";
  }
  return "unknown";
}

std::string to_string(const MetricQuery& query) {
  std::string text = fmt::format("{} {}", to_string(query.type), query.name);
  if (!query.container.empty()) text += fmt::format(" of container {}", query.container);
  if (!query.object_name.empty()) {
    text += fmt::format(" of {} {}", query.object_kind, query.object_name);
  }
  return text;
}

std::int64_t count_ready(std::span<const PodSignal> pods) {
  return std::count_if(pods.begin(), pods.end(), [](const PodSignal& pod) {
    return pod.phase == PodPhase::Running && pod.ready == ReadyStatus::True;
  });
}

std::string_view to_string(ScalingReason reason) {
  switch (reason) {
    case ScalingReason::SucceededGetScale:
      return "SucceededGetScale";
    case ScalingReason::ReadyForNewScale:
      return "ReadyForNewScale";
    case ScalingReason::ScaleUpStabilized:
      return "ScaleUpStabilized";
    case ScalingReason::ScaleDownStabilized:
      return "ScaleDownStabilized";
    case ScalingReason::ValidMetricFound:
      return "ValidMetricFound";
    case ScalingReason::ScalingDisabled:
      return "ScalingDisabled";
    case ScalingReason::FailedGetResourceMetric:
      return "FailedGetResourceMetric";
    case ScalingReason::FailedGetContainerResourceMetric:
      return "FailedGetContainerResourceMetric";
    case ScalingReason::FailedGetPodsMetric:
      return "FailedGetPodsMetric";
    case ScalingReason::FailedGetObjectMetric:
      return "FailedGetObjectMetric";
    case ScalingReason::FailedGetExternalMetric:
      return "FailedGetExternalMetric";
    case ScalingReason::DesiredWithinRange:
      return "DesiredWithinRange";
    case ScalingReason::TooFewReplicas:
      return "TooFewReplicas";
    case ScalingReason::TooManyReplicas:
      return "TooManyReplicas";
    case ScalingReason::ScaleUpLimit:
      return "ScaleUpLimit";
    case ScalingReason::ScaleDownLimit:
      return "ScaleDownLimit";
  }
  return "unknown";
}

ScalingReason failure_of(MetricType type) {
  switch (type) {
    case MetricType::Resource:
      return ScalingReason::FailedGetResourceMetric;
    case MetricType::ContainerResource:
      return ScalingReason::FailedGetContainerResourceMetric;
    case MetricType::Pods:
      return ScalingReason::FailedGetPodsMetric;
    case MetricType::Object:
      return ScalingReason::FailedGetObjectMetric;
    case MetricType::External:
      break;
  }
  return ScalingReason::FailedGetExternalMetric;
}

std::vector<ParameterSpec> ScalingPolicy::common_parameters() {
  return {{.name = "sync_period",
           .type = ParameterType::Duration,
           .default_json = "\"15s\"",
           .doc = "Time from one decision to the next.",
           .minimum = 0.001}};
}

void ScalingPolicy::on_scaled(const Rescale& /*change*/) {}

}  // namespace orrery::policies
