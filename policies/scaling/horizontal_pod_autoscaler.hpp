#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "orrery/policies/registry.hpp"
#include "orrery/policies/scaling/autoscaler_spec.hpp"
#include "orrery/policies/scaling/replica_calculator.hpp"
#include "orrery/policies/scaling/scaling_behavior.hpp"
#include "orrery/policies/scaling/scaling_policy.hpp"

namespace orrery::policies {

/// The HorizontalPodAutoscaler v2 of Kubernetes, to the replica and the reason (kubernetes v1.36.3,
/// pkg/controller/podautoscaler; gates at their defaults: tolerances may be configured, blocks are
/// not scaled to zero). Parameters are the fields of its spec, as a manifest has them, and the
/// controller's flags. Each metric proposes a number of replicas, the highest counts; recent
/// recommendations, limits of the rate and the range hold it back. O(metrics · pods).
///
/// What the real controller does at a few instants within a sync, this does at one.
class HorizontalPodAutoscaler final : public ScalingPolicy {
 public:
  static Result<std::unique_ptr<HorizontalPodAutoscaler>> make(const Parameters& parameters,
                                                               const PolicyContext& context);
  [[nodiscard]] static std::vector<ParameterSpec> parameters();

  HorizontalPodAutoscaler(AutoscalerSpec spec, AutoscalerSettings settings, Duration period);

  [[nodiscard]] std::span<const MetricQuery> queries() const override { return queries_; }
  ScalingDecision decide(const ScalingSignals& signals) override;
  void on_scaled(const Rescale& change) override;
  [[nodiscard]] ScalingExplanation explain(const ScalingSignals& signals) const override;

 private:
  struct History {
    Recommendations recommendations;
    ScaleHistory changes;
  };
  /// The highest proposal and the metric that made it.
  struct Asked {
    std::int32_t replicas = 0;
    std::optional<std::size_t> metric;
    std::optional<std::size_t> first_failed;
  };
  using Steps = std::vector<ScalingExplanation::Step>;

  /// `steps` is told how it came about, unless it is null.
  ScalingDecision decide(const ScalingSignals& signals, History& history, Steps* steps) const;
  [[nodiscard]] Asked ask(const ScalingSignals& signals, Steps* steps) const;
  void hold_back(const ScalingSignals& signals, History& history, std::int32_t asked,
                 ScalingDecision& decision, Steps* steps) const;
  std::int32_t stabilize(const ScalingSignals& signals, History& history, std::int32_t asked) const;

  AutoscalerSpec spec_;
  AutoscalerSettings settings_;
  Tolerances tolerances_;
  std::vector<MetricQuery> queries_;
  History history_;
};

}  // namespace orrery::policies
