#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "orrery/experiments/statistics/interval.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// When enough seeds have been run: when the half width of the mean's interval is small enough.
/// Looking again and again favours samples whose spread was underestimated, so the first look comes
/// after `seeds_min` seeds, and each look inflates the variance by 1 + 2/n (after Chow and Robbins,
/// Ann. Math. Stat. 36(2), 1965; docs/statistics.md has the coverage that was measured). The same
/// as StoppingRule of orrery.stats.
struct StoppingRule {
  std::optional<double> relative;  ///< half width as a share of the mean; or
  std::optional<double> absolute;  ///< in the metric's unit
  std::size_t seeds_min = 10;
  std::size_t seeds_max = 1000;

  /// "1%" is relative, "0.5" absolute. Errors: not a number above zero.
  [[nodiscard]] static Result<StoppingRule> parse(const std::string& text, const Location& at);
};

/// What a rule says of the values so far.
struct StoppingLook {
  std::size_t count = 0;
  double mean = 0;
  double half_width = 0;  ///< as the rule reckons it; infinite with fewer than two values
  double target = 0;      ///< the half width that is wanted
  bool is_narrow = false;
  std::size_t seeds_expected = 0;  ///< how many in all will probably do, at most seeds_max
};

[[nodiscard]] StoppingLook look_at(std::span<const double> values, const StoppingRule& rule);

}  // namespace orrery::experiments
