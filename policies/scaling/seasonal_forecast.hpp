#pragma once

#include <cstddef>
#include <vector>

namespace orrery::policies {

/// Additive triple exponential smoothing: a level, a trend and a season, each an exponential mean
/// of what the last steps say of it (Winters, Management Science 6(3), 1960, in the form of
/// Hyndman & Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed., §8.3).
///
///   level   l = α (y − s') + (1 − α) (l' + b')
///   trend   b = β (l − l') + (1 − β) b'
///   season  s = γ (y − l' − b') + (1 − γ) s'
///
/// where ' is the value of the step before, and of one season before for s. During the first
/// season, or where there is none, it is Holt's method: the season is 0. When the first season is
/// over, its mean becomes the level and the distances from that the season. O(1) a step.
class SeasonalForecast {
 public:
  struct Settings {
    double alpha = 0;              ///< from 0, the level never changes, to 1, it is the last value
    double beta = 0;               ///< the same for the trend
    double gamma = 0;              ///< the same for the season
    std::size_t season_steps = 0;  ///< 0: no season
  };

  explicit SeasonalForecast(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] bool is_empty() const { return steps_ == 0; }
  /// The next step's value.
  void observe(double value);
  /// The next step's value is not known: it counts as what was forecast.
  void skip() { observe(forecast(1)); }
  /// `steps` from the last observed one, at least 1. 0 as long as it is empty.
  [[nodiscard]] double forecast(std::size_t steps) const;

 private:
  [[nodiscard]] bool has_season() const {
    return settings_.season_steps > 0 && steps_ >= settings_.season_steps;
  }
  [[nodiscard]] std::size_t slot(std::size_t step) const { return step % settings_.season_steps; }
  void start_season();

  Settings settings_;
  std::size_t steps_ = 0;  ///< observed so far
  double level_ = 0;
  double trend_ = 0;
  std::vector<double> season_;  ///< the values themselves until the first season is over
};

}  // namespace orrery::policies
