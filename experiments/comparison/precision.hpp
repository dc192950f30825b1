#pragma once

#include <string>

#include "orrery/experiments/statistics/stopping.hpp"
#include "orrery/experiments/store/results_reader.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// How well a metric is known by now: of the variant that is furthest from what is wanted.
struct Precision {
  std::string metric;
  std::string unit;
  std::string variant;
  StoppingLook look;
  bool is_enough = false;  ///< all variants are known well enough, or there may be no more seeds
  std::size_t seeds_next = 0;  ///< how many seeds in all to go on to: at most twice as many
};

/// `metric` is a name; empty: the first that the document shows. Variants without values (all their
/// runs failed, or they define none) play no part. Errors: an unknown metric, none to choose.
[[nodiscard]] Result<Precision> precision_of(const ResultsReader& results,
                                             const std::string& metric, const StoppingRule& rule);

/// "waiting_seconds_mean is known to ± 3.2 s of 201 s (random) with 10 seeds, wanted ± 2.0 s".
[[nodiscard]] std::string to_string(const Precision& precision);

}  // namespace orrery::experiments
