#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "orrery/models/units.hpp"
#include "orrery/policies/scaling/autoscaler_spec.hpp"
#include "orrery/policies/scaling/scaling_signals.hpp"

namespace orrery::policies {

/// What the flags of kube-controller-manager v1.36.3 say, with their defaults.
struct AutoscalerSettings {
  double tolerance = 0.1;
  Duration downscale_stabilization = std::chrono::minutes{5};
  Duration cpu_initialization_period = std::chrono::minutes{5};
  Duration initial_readiness_delay = std::chrono::seconds{30};
};

/// Ratios of usage to target that are as good as 1.
struct Tolerances {
  double down = 0.1;
  double up = 0.1;

  [[nodiscard]] bool is_within(double ratio) const {
    return 1.0 - down <= ratio && ratio <= 1.0 + up;
  }
};

/// How many replicas one metric asks for, from this much of it.
struct Proposal {
  std::int32_t replicas = 0;
  double ratio = 0;  ///< of usage to target, before anything is assumed of pods without a sample
};

/// The replicas for which `spec`'s metric would be on target, or in a few words why that cannot be
/// said. Semantics, to the integer: kubernetes v1.36.3, pkg/controller/podautoscaler,
/// replica_calculator.go, metrics/utilization.go and metrics/client.go.
///
/// Per pod (Resource, ContainerResource, Pods): the pods with a sample say what the ratio is; pods
/// that are being deleted or Failed do not count, those that are Pending, or whose CPU sample is
/// from before they were ready, are assumed to use nothing, and those without a sample to use
/// nothing when there is too little of the block and their whole request or target when there is
/// too much. What these assumptions would turn into the opposite direction changes nothing.
///
/// O(pods); no allocation.
[[nodiscard]] tl::expected<Proposal, const char*> propose_replicas(
    const MetricSpec& spec, const MetricReading& reading, const ScalingSignals& signals,
    const Tolerances& tolerances, const AutoscalerSettings& settings);

}  // namespace orrery::policies
