#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "orrery/policies/registry.hpp"
#include "orrery/policies/scaling/block_load.hpp"
#include "orrery/policies/scaling/scaling_policy.hpp"
#include "orrery/policies/scaling/seasonal_forecast.hpp"

namespace orrery::policies {

/// Predictive: learns the season of a block's load (SeasonalForecast, a value per `step`) and has
/// the replicas ready when the load comes: as many as the highest of the load seen now and those
/// forecast up to `horizon`, the time that a pod takes to start, need at `target` each, with
/// `headroom`. Where the metric is missing, the forecast alone decides. O(horizon / step + pods) a
/// sync; memory of one number for each step of the season.
class HoltWinters final : public ScalingPolicy {
 public:
  struct Settings {
    MetricQuery query;
    double target = 1;  ///< load of one replica
    SeasonalForecast::Settings smoothing;
    Duration step{};
    Duration horizon{};
    double headroom = 0;  ///< share of the load that is kept free
    ReplicaBounds bounds;
  };

  static Result<std::unique_ptr<HoltWinters>> make(const Parameters& parameters,
                                                   const PolicyContext& context);
  [[nodiscard]] static std::vector<ParameterSpec> parameters();

  HoltWinters(Settings settings, Duration period);

  [[nodiscard]] std::span<const MetricQuery> queries() const override {
    return {&settings_.query, 1};
  }
  ScalingDecision decide(const ScalingSignals& signals) override;
  [[nodiscard]] ScalingExplanation explain(const ScalingSignals& signals) const override;

 private:
  struct State {
    SeasonalForecast model;
    Recommendations recent;
    std::optional<Time> step_began;  ///< of the step that is going on
    double sum = 0;                  ///< of the loads seen in it
    double count = 0;
  };
  using Steps = std::vector<ScalingExplanation::Step>;

  ScalingDecision decide(const ScalingSignals& signals, State& state, Steps* steps) const;
  void observe(State& state, Time now, std::optional<double> load) const;
  [[nodiscard]] double peak(const State& state, Time now) const;

  Settings settings_;
  State state_;
};

}  // namespace orrery::policies
