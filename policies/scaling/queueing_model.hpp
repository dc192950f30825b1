#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "orrery/policies/registry.hpp"
#include "orrery/policies/scaling/block_load.hpp"
#include "orrery/policies/scaling/scaling_policy.hpp"
#include "orrery/policies/scaling/waiting_line.hpp"

namespace orrery::policies {

/// The fewest replicas with which a model of the block as one waiting line (WaitingLine) keeps the
/// promise: that no more than `wait_probability` of the requests wait longer than `wait_limit`, or
/// that the mean response time is `response_time`. Arrivals are measured, service times measured or
/// known. O(servers) a sync.
class QueueingModel final : public ScalingPolicy {
 public:
  struct Settings {
    std::vector<MetricQuery> queries;  ///< arrivals a second, and perhaps the service time
    double service_seconds = 0;        ///< where it is not measured
    double arrival_variation = 1;
    double service_variation = 1;
    std::int64_t concurrency = 1;  ///< requests that one replica serves at a time
    bool is_response_limited = false;
    double wait_seconds = 0;
    double wait_probability = 0;
    double response_seconds = 0;
    ReplicaBounds bounds;
  };

  static Result<std::unique_ptr<QueueingModel>> make(const Parameters& parameters,
                                                     const PolicyContext& context);
  [[nodiscard]] static std::vector<ParameterSpec> parameters();

  QueueingModel(Settings settings, Duration period);

  [[nodiscard]] std::span<const MetricQuery> queries() const override { return settings_.queries; }
  ScalingDecision decide(const ScalingSignals& signals) override;
  [[nodiscard]] ScalingExplanation explain(const ScalingSignals& signals) const override;

 private:
  using Steps = std::vector<ScalingExplanation::Step>;

  ScalingDecision decide(const ScalingSignals& signals, Recommendations& recent,
                         Steps* steps) const;
  [[nodiscard]] WaitingLine line(double arrivals, const ScalingSignals& signals) const;
  [[nodiscard]] bool keeps_promise(const WaitingLine& line, const Waits& waits) const;
  /// At most one more than the range allows.
  [[nodiscard]] std::int32_t fewest(const WaitingLine& line) const;

  Settings settings_;
  Recommendations recent_;
};

}  // namespace orrery::policies
