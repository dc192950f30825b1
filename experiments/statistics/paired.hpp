#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "orrery/experiments/statistics/interval.hpp"
#include "orrery/models/run_outcome.hpp"

namespace orrery::experiments {

/// One metric of one variant, by seed. Runs that failed or define no value are absent.
using ValuesBySeed = std::map<std::uint64_t, double>;

/// What the paired difference of a variant to its baseline says.
enum class Verdict : std::uint8_t {
  Baseline,           ///< it is the baseline
  Better,             ///< the interval lies on the wanted side of zero
  Worse,              ///< the interval lies on the other side
  Higher,             ///< as Better or Worse, for metrics that only describe
  Lower,              ///<
  Indistinguishable,  ///< the interval holds zero: seeds alone could explain the difference
  Equal,              ///< the same value under every seed
  TooFewSeeds,        ///< fewer than two seeds in common: nothing can be said
};
[[nodiscard]] std::string_view to_string(Verdict verdict);

/// `variant` − `baseline`, seed by seed: under common random numbers both meet the same arrivals
/// and crashes, so that what they share cancels (Law, Simulation Modeling and Analysis, §11.2).
/// Seeds that only one of them has play no part.
struct PairedDifference {
  MeanEstimate difference;
  Verdict verdict = Verdict::TooFewSeeds;
};

/// A difference that is the same, not zero, under every seed (two or more) has no interval but a
/// side, and counts as distinguishable. Rounding noise (10⁻¹² of the values) counts as equal.
[[nodiscard]] PairedDifference compare_paired(const ValuesBySeed& variant,
                                              const ValuesBySeed& baseline, Direction direction);

[[nodiscard]] std::vector<double> values_of(const ValuesBySeed& values);

}  // namespace orrery::experiments
