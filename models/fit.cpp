#include "orrery/models/fit.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace orrery {
namespace {

constexpr double kTwoPi = 6.283185307179586;

tl::unexpected<Error> unfit_sample(std::string found, std::string expected) {
  return failure({.at = {},
                  .message = "cannot fit a distribution",
                  .found = std::move(found),
                  .expected = std::move(expected),
                  .hint = ""});
}

/// Logarithms of a sample that may be fitted.
Result<std::vector<double>> logarithms(std::span<const double> sample, bool needs_spread) {
  if (sample.empty()) return unfit_sample("an empty sample", "at least one value");
  std::vector<double> logs;
  logs.reserve(sample.size());
  for (const double value : sample) {
    if (!(value > 0) || !std::isfinite(value)) {
      return unfit_sample(fmt::format("{}", value), "finite values above 0");
    }
    logs.push_back(std::log(value));
  }
  const auto [low, high] = std::minmax_element(sample.begin(), sample.end());
  if (needs_spread && *low == *high) {
    return unfit_sample(fmt::format("only the value {}", *low), "at least two distinct values");
  }
  return logs;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Σ x^k ln x / Σ x^k − 1/k − mean(ln x), rising in k; zero at the likeliest shape k. `logs` are
/// relative to their largest, so that no power overflows.
double weibull_slope(std::span<const double> logs, double k, double mean_log) {
  double powers = 0;
  double weighted = 0;
  for (const double log : logs) {
    const double power = std::exp(k * log);
    powers += power;
    weighted += power * log;
  }
  return weighted / powers - 1 / k - mean_log;
}

}  // namespace

Result<Fit> fit_exponential(std::span<const double> sample) {
  const auto logs = logarithms(sample, false);
  if (!logs) return failure(logs.error());
  const double mean = mean_of(sample);
  const double n = static_cast<double>(sample.size());
  return Fit{Distribution(shape::Exponential{mean}), -n * (std::log(mean) + 1), 1};
}

Result<Fit> fit_weibull(std::span<const double> sample) {
  auto logs = logarithms(sample, true);
  if (!logs) return failure(logs.error());
  const double largest = *std::max_element(logs->begin(), logs->end());
  for (double& log : *logs) log -= largest;
  const double mean_log = mean_of(*logs);

  double low = 1;
  while (weibull_slope(*logs, low, mean_log) > 0 && low > 1e-6) low /= 2;
  double high = low;
  while (weibull_slope(*logs, high, mean_log) < 0 && high < 1e6) high *= 2;
  for (int step = 0; step < 60; ++step) {
    const double middle = low + (high - low) / 2;
    (weibull_slope(*logs, middle, mean_log) < 0 ? low : high) = middle;
  }
  const double k = low + (high - low) / 2;

  double powers = 0;
  for (const double log : *logs) powers += std::exp(k * log);
  const double n = static_cast<double>(sample.size());
  const double log_scale = std::log(powers / n) / k + largest;
  // At the maximum Σ (x / scale)^k = n.
  const double likelihood =
      n * (std::log(k) - k * log_scale) + (k - 1) * n * (mean_log + largest) - n;
  return Fit{Distribution(shape::Weibull{k, std::exp(log_scale)}), likelihood, 2};
}

Result<Fit> fit_log_normal(std::span<const double> sample) {
  const auto logs = logarithms(sample, true);
  if (!logs) return failure(logs.error());
  const double mu = mean_of(*logs);
  double squares = 0;
  for (const double log : *logs) squares += (log - mu) * (log - mu);
  const double n = static_cast<double>(sample.size());
  const double variance = squares / n;
  const double likelihood = -n * mu - n / 2 * (std::log(kTwoPi * variance) + 1);
  return Fit{Distribution(shape::LogNormal{mu, std::sqrt(variance)}), likelihood, 2};
}

Result<Fit> fit_best(std::span<const double> sample) {
  Result<Fit> best = fit_exponential(sample);
  if (!best) return best;
  for (Result<Fit>& fit : std::vector<Result<Fit>>{fit_weibull(sample), fit_log_normal(sample)}) {
    if (fit && fit->aic() < best->aic()) best = std::move(fit);
  }
  return best;
}

}  // namespace orrery
