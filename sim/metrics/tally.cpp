#include "orrery/sim/metrics/tally.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace orrery::sim {
namespace {

/// Enough to draw a distribution from; its ends are the least and the greatest value.
constexpr std::array kProbabilities = {0.001, 0.01, 0.02, 0.05, 0.1,  0.15, 0.2,   0.25,  0.3,
                                       0.35,  0.4,  0.45, 0.5,  0.55, 0.6,  0.65,  0.7,   0.75,
                                       0.8,   0.85, 0.9,  0.95, 0.98, 0.99, 0.995, 0.999, 0.9999};

}  // namespace

void Tally::add(std::int64_t value) {
  sum_ += value;
  sum_squares_ += static_cast<double>(value) * static_cast<double>(value);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  histogram_.add(value);
}

void Tally::merge(const Tally& other) {
  sum_ += other.sum_;
  sum_squares_ += other.sum_squares_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  histogram_.merge(other.histogram_);
}

double Tally::mean() const {
  if (count() == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(sum_) / static_cast<double>(count());
}

double Tally::standard_deviation() const {
  if (count() < 2) return 0;
  const auto n = static_cast<double>(count());
  const double spread = sum_squares_ - static_cast<double>(sum_) * mean();
  return std::sqrt(std::max(0.0, spread) / (n - 1));
}

double Tally::quantile(double probability) const {
  if (count() == 0) return std::numeric_limits<double>::quiet_NaN();
  return std::clamp(histogram_.quantile(probability), min(), max());
}

DistributionSummary Tally::summary(std::string name, std::string unit, double divisor) const {
  DistributionSummary summary{.name = std::move(name),
                              .unit = std::move(unit),
                              .count = count(),
                              .mean = mean() / divisor,
                              .standard_deviation = standard_deviation() / divisor,
                              .min = min() / divisor,
                              .max = max() / divisor,
                              .quantiles = {}};
  if (count() == 0) return summary;
  for (const double p : kProbabilities) {
    summary.quantiles.push_back({.probability = p, .value = quantile(p) / divisor});
  }
  return summary;
}

}  // namespace orrery::sim
