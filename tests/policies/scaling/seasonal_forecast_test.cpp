#include "orrery/policies/scaling/seasonal_forecast.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace orrery::policies {
namespace {

TEST(SeasonalForecast, FollowsItsEquationsWorkedOutByHand) {
  SeasonalForecast model{{.alpha = 0.5, .beta = 0.5, .gamma = 0.5, .season_steps = 2}};
  model.observe(10);
  model.observe(20);  // level 15, trend 0, season −5 5
  EXPECT_DOUBLE_EQ(model.forecast(1), 10);
  EXPECT_DOUBLE_EQ(model.forecast(2), 20);
  model.observe(14);  // level 17, trend 1, season −3 5
  EXPECT_DOUBLE_EQ(model.forecast(1), 23);
  EXPECT_DOUBLE_EQ(model.forecast(2), 16);
  EXPECT_DOUBLE_EQ(model.forecast(3), 25);
}

TEST(SeasonalForecast, HasNothingToSayBeforeTheFirstValue) {
  SeasonalForecast model{{.alpha = 0.5, .season_steps = 4}};
  EXPECT_TRUE(model.is_empty());
  EXPECT_EQ(model.forecast(3), 0);
}

TEST(SeasonalForecast, GoesOnAlongALineWithoutASeason) {
  SeasonalForecast model{{.alpha = 0.5, .beta = 0.3, .season_steps = 0}};
  for (int step = 0; step < 200; ++step) model.observe(7 + 3 * step);
  EXPECT_NEAR(model.forecast(1), 7 + 3 * 200, 1e-6);
  EXPECT_NEAR(model.forecast(10), 7 + 3 * 209, 1e-6);
}

TEST(SeasonalForecast, LearnsASeasonThatRidesOnALine) {
  const std::vector<double> season{0, 5, 20, -5};
  const auto load = [&](int step) {
    return 100 + 0.5 * step + season.at(static_cast<std::size_t>(step) % 4);
  };
  SeasonalForecast model{{.alpha = 0.3, .beta = 0.1, .gamma = 0.3, .season_steps = 4}};
  for (int step = 0; step < 2000; ++step) model.observe(load(step));
  for (int ahead = 1; ahead <= 12; ++ahead) {
    EXPECT_NEAR(model.forecast(static_cast<std::size_t>(ahead)), load(1999 + ahead), 1e-3);
  }
}

TEST(SeasonalForecast, AStepThatIsSkippedChangesNoForecast) {
  SeasonalForecast model{{.alpha = 0.4, .beta = 0.2, .gamma = 0.3, .season_steps = 3}};
  for (const double value : {4.0, 9.0, 2.0, 5.0, 8.0}) model.observe(value);
  const double in_two = model.forecast(2);
  model.skip();
  EXPECT_DOUBLE_EQ(model.forecast(1), in_two);
}

RC_GTEST_PROP(SeasonalForecast, RepeatsWhatRepeatsItself, ()) {
  const auto unit = [] { return *rc::gen::inRange(0, 101) / 100.0; };
  const auto season =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-1000, 1000)));
  RC_PRE(season.size() >= 2U);
  SeasonalForecast model{
      {.alpha = unit(), .beta = unit(), .gamma = unit(), .season_steps = season.size()}};
  for (std::size_t step = 0; step < 3 * season.size(); ++step) {
    model.observe(season[step % season.size()]);
  }
  for (std::size_t ahead = 1; ahead <= 2 * season.size(); ++ahead) {
    const double expected = season[(ahead - 1) % season.size()];
    RC_ASSERT(std::abs(model.forecast(ahead) - expected) < 1e-6);
  }
}

}  // namespace
}  // namespace orrery::policies
