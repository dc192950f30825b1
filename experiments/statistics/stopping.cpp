#include "orrery/experiments/statistics/stopping.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace orrery::experiments {
namespace {

double half_width(std::size_t count, double deviation) {
  const auto n = static_cast<double>(count);
  return student_t(count - 1, kConfidence) * deviation * std::sqrt((1 + 2 / n) / n);
}

/// The smallest number that would do if the spread stayed what it is.
std::size_t seeds_expected(double deviation, double target, const StoppingRule& rule) {
  std::size_t low = rule.seeds_min;
  std::size_t high = rule.seeds_max;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (half_width(middle, deviation) <= target) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

Result<StoppingRule> StoppingRule::parse(const std::string& text, const Location& at) {
  const bool is_relative = text.ends_with('%');
  const char* const end = text.data() + text.size() - (is_relative ? 1 : 0);
  double number = 0;
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || stop != end || !(number > 0) || !std::isfinite(number)) {
    return failure({.at = at,
                    .message = "",
                    .found = text,
                    .expected = "half the width of an interval, above zero",
                    .hint = "1% is a share of the mean, 0.5 is in the metric's own unit"});
  }
  StoppingRule rule;
  (is_relative ? rule.relative : rule.absolute) = is_relative ? number / 100 : number;
  return rule;
}

StoppingLook look_at(std::span<const double> values, const StoppingRule& rule) {
  const MeanEstimate estimate = estimate_mean(values);
  StoppingLook look{.count = estimate.count,
                    .mean = estimate.mean,
                    .half_width = std::numeric_limits<double>::infinity(),
                    .target = rule.absolute ? *rule.absolute
                                            : std::abs(estimate.mean) * rule.relative.value_or(0),
                    .is_narrow = false,
                    .seeds_expected = rule.seeds_max};
  if (estimate.count < 2) return look;
  look.half_width = half_width(estimate.count, estimate.standard_deviation);
  look.is_narrow = estimate.count >= rule.seeds_min && look.half_width <= look.target;
  look.seeds_expected = seeds_expected(estimate.standard_deviation, look.target, rule);
  return look;
}

}  // namespace orrery::experiments
