#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "orrery/models/run_outcome.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/metrics/log_histogram.hpp"

namespace orrery::sim {

__extension__ using Int128 = __int128;

/// Many non-negative whole numbers of one kind: exact count, sum and extremes, quantiles within
/// 1/64. Durations are tallied in nanoseconds, ratios in millionths.
class Tally {
 public:
  void add(std::int64_t value);
  void merge(const Tally& other);

  [[nodiscard]] std::uint64_t count() const { return histogram_.count(); }
  [[nodiscard]] Int128 sum() const { return sum_; }
  [[nodiscard]] double mean() const;
  [[nodiscard]] double standard_deviation() const;
  [[nodiscard]] double min() const { return static_cast<double>(count() > 0 ? min_ : 0); }
  [[nodiscard]] double max() const { return static_cast<double>(max_); }
  [[nodiscard]] double quantile(double probability) const;

  /// As a table row, each figure divided by `divisor` (1e9 turns nanoseconds into seconds).
  [[nodiscard]] DistributionSummary summary(std::string name, std::string unit,
                                            double divisor) const;

 private:
  Int128 sum_ = 0;
  double sum_squares_ = 0;
  std::int64_t min_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t max_ = 0;
  LogHistogram histogram_;
};

}  // namespace orrery::sim
