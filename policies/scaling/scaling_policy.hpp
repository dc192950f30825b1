#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/models/units.hpp"
#include "orrery/policies/parameters.hpp"
#include "orrery/policies/scaling/scaling_signals.hpp"

namespace orrery::policies {

/// Why a condition is as it is, spelled as the HorizontalPodAutoscaler's status spells it.
enum class ScalingReason : std::uint8_t {
  // AbleToScale
  SucceededGetScale,    ///< nothing held the decision back
  ReadyForNewScale,     ///< the recommendation stands as it is
  ScaleUpStabilized,    ///< a lower recommendation is recent enough to count
  ScaleDownStabilized,  ///< a higher recommendation is recent enough to count
  // ScalingActive
  ValidMetricFound,
  ScalingDisabled,  ///< somebody set the replicas to zero
  FailedGetResourceMetric,
  FailedGetContainerResourceMetric,
  FailedGetPodsMetric,
  FailedGetObjectMetric,
  FailedGetExternalMetric,
  // ScalingLimited
  DesiredWithinRange,
  TooFewReplicas,
  TooManyReplicas,
  ScaleUpLimit,
  ScaleDownLimit,
};
[[nodiscard]] std::string_view to_string(ScalingReason reason);
/// Why ScalingActive is false where a metric of the type cannot be had.
[[nodiscard]] ScalingReason failure_of(MetricType type);

struct ScalingCondition {
  bool is_true = false;
  ScalingReason reason = ScalingReason::SucceededGetScale;

  friend bool operator==(const ScalingCondition&, const ScalingCondition&) = default;
};

/// How many replicas the block should have, and why. A condition that is absent stays as it was.
struct ScalingDecision {
  std::int32_t replicas = 0;
  std::optional<ScalingCondition> able_to_scale;
  std::optional<ScalingCondition> scaling_active;
  std::optional<ScalingCondition> scaling_limited;
  std::optional<std::size_t> metric;  ///< the query that decided

  friend bool operator==(const ScalingDecision&, const ScalingDecision&) = default;
};

/// How a decision came about, step by step.
struct ScalingExplanation {
  struct Step {
    std::string name;                      ///< a metric, or what was done to the number
    std::optional<std::int32_t> replicas;  ///< after the step; none where it gave no number
    std::string detail;
  };
  std::vector<Step> steps;
  ScalingDecision decision;
};

/// A change of the replicas that has been made.
struct Rescale {
  Time now;
  std::int32_t from = 0;
  std::int32_t to = 0;
};

/// Decides how many replicas one block should have: one object for each block. Called by the
/// orchestrator every period(), in the simulator and live alike; what it answers depends on nothing
/// but what it was built with, the signals and its own history.
class ScalingPolicy {
 public:
  /// How the registry files what derives from this class.
  using Interface = ScalingPolicy;
  static constexpr std::string_view kKind = "scaling";
  /// `sync_period`, which make() of each policy hands to the constructor.
  [[nodiscard]] static std::vector<ParameterSpec> common_parameters();

  explicit ScalingPolicy(Duration period) : period_(period) {}
  ScalingPolicy(const ScalingPolicy&) = delete;
  ScalingPolicy& operator=(const ScalingPolicy&) = delete;
  virtual ~ScalingPolicy() = default;

  [[nodiscard]] Duration period() const { return period_; }

  /// What it wants to know, in the order in which ScalingSignals::metrics answers.
  [[nodiscard]] virtual std::span<const MetricQuery> queries() const = 0;

  /// One sync. The times of successive calls do not decrease.
  virtual ScalingDecision decide(const ScalingSignals& signals) = 0;

  /// The replicas have been changed as decided. Not called where they stay or the change failed.
  virtual void on_scaled(const Rescale& change);

  /// What decide() would answer, and why; changes nothing.
  [[nodiscard]] virtual ScalingExplanation explain(const ScalingSignals& signals) const = 0;

 private:
  Duration period_;
};

}  // namespace orrery::policies
