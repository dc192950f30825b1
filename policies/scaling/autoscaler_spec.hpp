#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/policies/scaling/scaling_signals.hpp"

/// The spec of a HorizontalPodAutoscaler (k8s.io/api v0.36.3, autoscaling/v2), read from JSON with
/// the defaults and the rules of kubernetes v1.36.3, pkg/apis/autoscaling (v2/defaults.go,
/// validation/validation.go), where the gate HPAScaleToZero is off.
namespace orrery::policies {

/// autoscaling/v2 MetricTargetType.
enum class TargetType : std::uint8_t { Utilization, Value, AverageValue };

/// A metric and what it should be.
struct MetricSpec {
  MetricQuery query;
  TargetType target_type = TargetType::AverageValue;
  std::int64_t target = 0;  ///< percent of the request, or thousandths; above 0
};

enum class ScalingPolicySelect : std::uint8_t { Max, Min, Disabled };

/// No more than so many pods, or percent of the pods, in a period.
struct RateLimit {
  enum class Unit : std::uint8_t { Pods, Percent };
  Unit unit = Unit::Pods;
  std::int32_t value = 0;
  Duration period{};
};

/// How one direction behaves.
struct ScalingRules {
  ScalingPolicySelect select = ScalingPolicySelect::Max;
  std::optional<Duration> stabilization;  ///< none: what the controller is set to
  std::vector<RateLimit> limits;
  std::optional<double> tolerance;  ///< none: what the controller is set to
};

struct ScalingBehavior {
  ScalingRules up;
  ScalingRules down;
};

struct AutoscalerSpec {
  std::int32_t replicas_min = 1;
  std::int32_t replicas_max = 1;
  std::vector<MetricSpec> metrics;
  std::optional<ScalingBehavior> behavior;
};

/// A metric without a target, for policies that calculate otherwise: as in a spec, but for that.
[[nodiscard]] Result<MetricQuery> read_metric_query(const nlohmann::json& value,
                                                    const Location& at);

/// Each reads one member of the spec; errors point at what is wrong. No metrics at all means 80 %
/// of the requested CPU; `null` is no behavior.
[[nodiscard]] Result<MetricSpec> read_metric(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<std::vector<MetricSpec>> read_metrics(const nlohmann::json& value,
                                                           const Location& at);
[[nodiscard]] Result<std::optional<ScalingBehavior>> read_behavior(const nlohmann::json& value,
                                                                   const Location& at);

}  // namespace orrery::policies
