#pragma once

#include <span>
#include <string>

#include "orrery/models/distribution.hpp"
#include "orrery/models/result.hpp"

namespace orrery {

/// A distribution fitted to a sample by maximum likelihood, and how well it fits.
struct Fit {
  Distribution distribution;
  double log_likelihood = 0;
  int parameters = 1;  ///< how many were estimated

  /// Akaike's information criterion: smaller is better.
  [[nodiscard]] double aic() const { return 2.0 * parameters - 2 * log_likelihood; }
};

/// Maximum-likelihood fits of a sample of positive values (times between failures, repair times).
/// An empty sample, a value that is not above 0, and for the two-parameter families a sample of one
/// distinct value are errors: there is nothing to fit.
[[nodiscard]] Result<Fit> fit_exponential(std::span<const double> sample);
/// Solves the profile equation of the shape by bisection; O(sample) a step, about 60 steps.
[[nodiscard]] Result<Fit> fit_weibull(std::span<const double> sample);
[[nodiscard]] Result<Fit> fit_log_normal(std::span<const double> sample);
/// The one of the three with the smallest AIC.
[[nodiscard]] Result<Fit> fit_best(std::span<const double> sample);

}  // namespace orrery
