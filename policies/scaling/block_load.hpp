#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "orrery/policies/parameters.hpp"
#include "orrery/policies/scaling/scaling_behavior.hpp"
#include "orrery/policies/scaling/scaling_policy.hpp"

/// What the policies share that look at the load of a block as a whole and not at its pods.
namespace orrery::policies {

/// The load of all pods together, in units of the metric: the sum of the values, or the mean of the
/// samples times the pods that run. None where nothing is known.
[[nodiscard]] std::optional<double> total_load(const MetricReading& reading,
                                               const ScalingSignals& signals);
/// The mean of the values or samples.
[[nodiscard]] std::optional<double> mean_load(const MetricReading& reading);

/// The range, and how long a recommendation keeps the replicas from falling below it.
struct ReplicaBounds {
  ReplicaRange range;
  Duration scale_down_stabilization{};

  /// `replicas_min`, `replicas_max`, `scale_down_stabilization`.
  [[nodiscard]] static std::vector<ParameterSpec> parameters();
  /// Errors: a range that is none.
  [[nodiscard]] static Result<ReplicaBounds> read(const Parameters& parameters);
};

/// The least number of replicas that is not below `exact` but for rounding; saturates.
[[nodiscard]] std::int32_t replicas_for(double exact);

/// Of zero replicas, which mean that the block is switched off: it stays so.
[[nodiscard]] ScalingDecision disabled();
/// Of a query that was not answered: all stays as it is.
[[nodiscard]] ScalingDecision without(const MetricQuery& query, const ScalingSignals& signals);
/// Of `asked` replicas: up at once, down no further than to what was asked within the window, and
/// in the range.
[[nodiscard]] ScalingDecision bounded(std::int32_t asked, const ScalingSignals& signals,
                                      const ReplicaBounds& bounds, Recommendations& recent);
/// The only step of disabled() and without(), for explanations.
[[nodiscard]] ScalingExplanation::Step inaction(const ScalingDecision& decision);
/// The steps of bounded(), for explanations.
void explain_bounds(std::int32_t asked, const ScalingDecision& decision,
                    std::vector<ScalingExplanation::Step>& steps);

}  // namespace orrery::policies
