#pragma once

#include <cstdint>
#include <span>

#include "orrery/models/run_outcome.hpp"
#include "orrery/sim/metrics/metric_totals.hpp"

namespace orrery::sim {

/// A figure of one cluster that grows as its run goes on, in the unit that its name ends with.
struct NamedTotal {
  const char* name;
  Direction direction;
  const char* summary;
  /// `fragment_weight` is that of ClusterMetrics.
  double (*value)(const MetricTotals& totals, std::int64_t fragment_weight);
};

/// All there are, always in this order.
[[nodiscard]] std::span<const NamedTotal> named_totals();

}  // namespace orrery::sim
