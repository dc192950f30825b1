#include "orrery/policies/scaling/block_load.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <fmt/format.h>

namespace orrery::policies {
namespace {

constexpr double kMilli = 1000;

/// Sum and number of what was measured.
struct Measured {
  double sum = 0;
  double count = 0;
};

Measured of_samples(const MetricReading& reading) {
  Measured measured;
  for (const auto& sample : reading.samples) {
    if (!sample) continue;
    measured.sum += static_cast<double>(sample->value.count()) / kMilli;
    ++measured.count;
  }
  return measured;
}

Measured of_values(const MetricReading& reading) {
  Measured measured;
  for (const MilliValue value : reading.values) {
    measured.sum += static_cast<double>(value.count()) / kMilli;
    ++measured.count;
  }
  return measured;
}

bool is_running(const PodSignal& pod) { return pod.phase == PodPhase::Running && !pod.is_deleting; }

}  // namespace

std::optional<double> total_load(const MetricReading& reading, const ScalingSignals& signals) {
  if (!reading.values.empty()) return of_values(reading).sum;
  const Measured measured = of_samples(reading);
  if (measured.count == 0) return std::nullopt;
  const auto running = std::count_if(signals.pods.begin(), signals.pods.end(), is_running);
  return measured.sum / measured.count * std::max(static_cast<double>(running), measured.count);
}

std::optional<double> mean_load(const MetricReading& reading) {
  const Measured measured = reading.values.empty() ? of_samples(reading) : of_values(reading);
  if (measured.count == 0) return std::nullopt;
  return measured.sum / measured.count;
}

std::vector<ParameterSpec> ReplicaBounds::parameters() {
  constexpr double kMost = 2147483647;
  return {{.name = "replicas_min",
           .type = ParameterType::Integer,
           .default_json = "1",
           .doc = "No fewer replicas than this.",
           .minimum = 1,
           .maximum = kMost},
          {.name = "replicas_max",
           .type = ParameterType::Integer,
           .default_json = "1",
           .doc = "No more replicas than this.",
           .minimum = 1,
           .maximum = kMost,
           .is_required = true},
          {.name = "scale_down_stabilization",
           .type = ParameterType::Duration,
           .default_json = "\"5m\"",
           .doc = "How long a recommendation keeps the replicas from falling below it.",
           .minimum = 0,
           .maximum = 365.0 * 86400}};
}

Result<ReplicaBounds> ReplicaBounds::read(const Parameters& parameters) {
  const ReplicaBounds bounds{
      .range = {.least = static_cast<std::int32_t>(parameters.integer("replicas_min")),
                .most = static_cast<std::int32_t>(parameters.integer("replicas_max"))},
      .scale_down_stabilization = parameters.duration("scale_down_stabilization")};
  if (bounds.range.least > bounds.range.most) {
    return failure({.at = parameters.at("replicas_max"),
                    .message = "",
                    .found = std::to_string(bounds.range.most),
                    .expected = fmt::format("at least replicas_min, {}", bounds.range.least),
                    .hint = ""});
  }
  return bounds;
}

std::int32_t replicas_for(double exact) {
  constexpr double kRounding = 1e-9;
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  const double replicas = std::ceil(exact - kRounding * std::max(1.0, exact));
  if (!(replicas > 0)) return 0;
  return replicas >= static_cast<double>(kMost) ? kMost : static_cast<std::int32_t>(replicas);
}

ScalingDecision disabled() {
  ScalingDecision decision;
  decision.able_to_scale = {true, ScalingReason::SucceededGetScale};
  decision.scaling_active = {false, ScalingReason::ScalingDisabled};
  return decision;
}

ScalingDecision without(const MetricQuery& query, const ScalingSignals& signals) {
  ScalingDecision decision{.replicas = signals.spec_replicas};
  decision.able_to_scale = {true, ScalingReason::SucceededGetScale};
  decision.scaling_active = {false, failure_of(query.type)};
  return decision;
}

ScalingDecision bounded(std::int32_t asked, const ScalingSignals& signals,
                        const ReplicaBounds& bounds, Recommendations& recent) {
  const std::int32_t stable = recent.between(signals.now, asked, signals.spec_replicas,
                                             Duration::zero(), bounds.scale_down_stabilization);
  const std::int32_t replicas = std::clamp(stable, bounds.range.least, bounds.range.most);
  const ScalingReason limit = stable < replicas   ? ScalingReason::TooFewReplicas
                              : stable > replicas ? ScalingReason::TooManyReplicas
                                                  : ScalingReason::DesiredWithinRange;
  ScalingDecision decision{.replicas = replicas};
  decision.able_to_scale = {
      true, stable == asked ? ScalingReason::ReadyForNewScale : ScalingReason::ScaleDownStabilized};
  decision.scaling_active = {true, ScalingReason::ValidMetricFound};
  decision.scaling_limited = {stable != replicas, limit};
  decision.metric = 0;
  return decision;
}

ScalingExplanation::Step inaction(const ScalingDecision& decision) {
  return {"nothing", decision.replicas, std::string{to_string(decision.scaling_active->reason)}};
}

void explain_bounds(std::int32_t asked, const ScalingDecision& decision,
                    std::vector<ScalingExplanation::Step>& steps) {
  steps.push_back({"load", asked, "the fewest that can carry it"});
  steps.push_back({"bounds", decision.replicas,
                   fmt::format("{}, {}", to_string(decision.able_to_scale->reason),
                               to_string(decision.scaling_limited->reason))});
}

}  // namespace orrery::policies
