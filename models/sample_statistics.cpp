#include "orrery/models/sample_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "orrery/models/check.hpp"

namespace orrery {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kBatch = 5;

std::vector<double> batch_means(std::span<const double> values) {
  std::vector<double> means(values.size() / kBatch);
  for (std::size_t batch = 0; batch < means.size(); ++batch) {
    double sum = 0;
    for (const double value : values.subspan(batch * kBatch, kBatch)) sum += value;
    means[batch] = sum / static_cast<double>(kBatch);
  }
  return means;
}

}  // namespace

void Moments::add(double value) {
  ++count_;
  const double difference = value - mean_;
  mean_ += difference / static_cast<double>(count_);
  squares_ += difference * (value - mean_);
}

void Moments::merge(const Moments& other) {
  if (other.count_ == 0) return;
  const auto own = static_cast<double>(count_);
  const auto theirs = static_cast<double>(other.count_);
  const double difference = other.mean_ - mean_;
  count_ += other.count_;
  mean_ += difference * theirs / (own + theirs);
  squares_ += other.squares_ + difference * difference * own * theirs / (own + theirs);
}

double Moments::mean() const { return count_ == 0 ? kNaN : mean_; }

double Moments::variance() const {
  return count_ < 2 ? kNaN : squares_ / static_cast<double>(count_ - 1);
}

double Moments::standard_deviation() const { return std::sqrt(variance()); }

Moments moments_of(std::span<const double> values) {
  Moments moments;
  for (const double value : values) moments.add(value);
  return moments;
}

double quantile_of_sorted(std::span<const double> sorted, double probability) {
  ORRERY_CHECK(probability >= 0 && probability <= 1, "a probability lies between 0 and 1");
  if (sorted.empty()) return kNaN;
  const double position = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = position - static_cast<double>(below);
  // Equal neighbours are returned as they are: infinities must not become NaN.
  if (part == 0 || sorted[below] == sorted[above]) return sorted[below];
  return sorted[below] + part * (sorted[above] - sorted[below]);
}

WarmUp mser5(std::span<const double> values) {
  const std::vector<double> means = batch_means(values);
  if (means.size() < 2) return {};

  // From the back, the tail's moments grow by one batch at a time.
  Moments tail;
  const std::size_t half = means.size() / 2;
  double best_error = std::numeric_limits<double>::infinity();
  std::size_t best = half;
  for (std::size_t start = means.size(); start-- > 0;) {
    tail.add(means[start]);
    if (start > half || tail.count() < 2) continue;
    const auto left = static_cast<double>(tail.count());
    const double error = tail.variance() * (left - 1) / (left * left);
    if (error <= best_error) {
      best_error = error;
      best = start;
    }
  }
  return {.dropped = best * kBatch, .settled = best < half};
}

}  // namespace orrery
