#pragma once

#include <optional>
#include <span>

namespace orrery::experiments {

/// The confidence of every interval that Orrery prints.
inline constexpr double kConfidence = 0.95;

/// A two-sided confidence interval of a mean.
struct Interval {
  double low = 0;
  double high = 0;

  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Mean of independent values with Student's t interval (unknown variance). The interval is absent
/// when it cannot be told: with fewer than two values, or when all values are equal, because a
/// sample without spread says nothing about the spread it comes from.
struct MeanEstimate {
  std::size_t count = 0;
  double mean = 0;                ///< NaN without values
  double standard_deviation = 0;  ///< divisor n − 1; NaN with fewer than two values
  std::optional<Interval> interval;
};

/// `values` must be finite. Summed in the order given.
[[nodiscard]] MeanEstimate estimate_mean(std::span<const double> values,
                                         double confidence = kConfidence);

/// The quantile of Student's t distribution that leaves (1 − confidence) / 2 on the right.
/// `degrees_of_freedom` >= 1.
[[nodiscard]] double student_t(std::size_t degrees_of_freedom, double confidence);

}  // namespace orrery::experiments
