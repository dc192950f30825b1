#include "orrery/policies/scaling/seasonal_forecast.hpp"

#include <numeric>

namespace orrery::policies {

void SeasonalForecast::observe(double value) {
  const bool is_seasonal = has_season();
  const double seasonal = is_seasonal ? season_[slot(steps_)] : 0;
  const double expected = steps_ == 0 ? value : level_ + trend_;
  const double level =
      steps_ == 0 ? value : settings_.alpha * (value - seasonal) + (1 - settings_.alpha) * expected;
  if (steps_ > 0) trend_ = settings_.beta * (level - level_) + (1 - settings_.beta) * trend_;
  level_ = level;
  if (is_seasonal) {
    season_[slot(steps_)] = settings_.gamma * (value - expected) + (1 - settings_.gamma) * seasonal;
  } else if (settings_.season_steps > 0) {
    season_.push_back(value);
  }
  ++steps_;
  if (steps_ == settings_.season_steps) start_season();
}

void SeasonalForecast::start_season() {
  level_ =
      std::accumulate(season_.begin(), season_.end(), 0.0) / static_cast<double>(season_.size());
  trend_ = 0;
  for (double& value : season_) value -= level_;
}

double SeasonalForecast::forecast(std::size_t steps) const {
  const double seasonal = has_season() ? season_[slot(steps_ + steps - 1)] : 0;
  return level_ + trend_ * static_cast<double>(steps) + seasonal;
}

}  // namespace orrery::policies
