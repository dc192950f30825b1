#include "orrery/experiments/statistics/paired.hpp"

#include <algorithm>
#include <cmath>

namespace orrery::experiments {
namespace {

/// Differences by seed; those within rounding of equality are exactly zero.
std::vector<double> differences(const ValuesBySeed& variant, const ValuesBySeed& baseline) {
  constexpr double kRounding = 1e-12;
  std::vector<double> result;
  for (const auto& [seed, value] : variant) {
    const auto other = baseline.find(seed);
    if (other == baseline.end()) continue;
    const double difference = value - other->second;
    const double scale = std::max(std::abs(value), std::abs(other->second));
    result.push_back(std::abs(difference) <= kRounding * scale ? 0 : difference);
  }
  return result;
}

Verdict side_of(bool is_higher, Direction direction) {
  switch (direction) {
    case Direction::Neutral:
      return is_higher ? Verdict::Higher : Verdict::Lower;
    case Direction::HigherIsBetter:
      return is_higher ? Verdict::Better : Verdict::Worse;
    case Direction::LowerIsBetter:
      return is_higher ? Verdict::Worse : Verdict::Better;
  }
  return Verdict::Indistinguishable;
}

Verdict verdict_of(const MeanEstimate& difference, Direction direction) {
  if (difference.count < 2) return Verdict::TooFewSeeds;
  if (!difference.interval) {
    return difference.mean == 0 ? Verdict::Equal : side_of(difference.mean > 0, direction);
  }
  if (difference.interval->low <= 0 && difference.interval->high >= 0) {
    return Verdict::Indistinguishable;
  }
  return side_of(difference.mean > 0, direction);
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Baseline:
      return "baseline";
    case Verdict::Better:
      return "better";
    case Verdict::Worse:
      return "worse";
    case Verdict::Higher:
      return "higher";
    case Verdict::Lower:
      return "lower";
    case Verdict::Indistinguishable:
      return "indistinguishable";
    case Verdict::Equal:
      return "equal";
    case Verdict::TooFewSeeds:
      return "too-few-seeds";
  }
  return "?";
}

PairedDifference compare_paired(const ValuesBySeed& variant, const ValuesBySeed& baseline,
                                Direction direction) {
  const MeanEstimate difference = estimate_mean(differences(variant, baseline));
  return {.difference = difference, .verdict = verdict_of(difference, direction)};
}

std::vector<double> values_of(const ValuesBySeed& values) {
  std::vector<double> result;
  result.reserve(values.size());
  for (const auto& [seed, value] : values) result.push_back(value);
  return result;
}

}  // namespace orrery::experiments
