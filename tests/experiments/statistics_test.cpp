#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/experiments/statistics/interval.hpp"
#include "orrery/experiments/statistics/paired.hpp"
#include "orrery/experiments/statistics/stopping.hpp"
#include "orrery/models/stream.hpp"

namespace orrery::experiments {
namespace {

TEST(StudentT, MatchesThePrintedTable) {
  // Two-sided 95 %: Abramowitz and Stegun, table 26.10.
  EXPECT_NEAR(student_t(1, 0.95), 12.706, 5e-4);
  EXPECT_NEAR(student_t(9, 0.95), 2.262, 5e-4);
  EXPECT_NEAR(student_t(29, 0.95), 2.045, 5e-4);
  EXPECT_NEAR(student_t(1000000, 0.95), 1.95996, 1e-4);
}

TEST(EstimateMean, MatchesRsTTest) {
  // R: t.test(sleep$extra[1:10]): mean 0.75, 95 % interval −0.5297804 to 2.0297804.
  const std::vector<double> extra = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
  const MeanEstimate estimate = estimate_mean(extra);
  EXPECT_NEAR(estimate.mean, 0.75, 1e-12);
  ASSERT_TRUE(estimate.interval.has_value());
  EXPECT_NEAR(estimate.interval->low, -0.5297804, 1e-6);
  EXPECT_NEAR(estimate.interval->high, 2.0297804, 1e-6);
}

TEST(EstimateMean, ClaimsNoIntervalWhereNoneCanBeTold) {
  EXPECT_TRUE(std::isnan(estimate_mean({}).mean));
  const std::vector<double> one = {5};
  EXPECT_EQ(estimate_mean(one).mean, 5);
  EXPECT_FALSE(estimate_mean(one).interval.has_value());
  const std::vector<double> equal = {5, 5, 5};
  EXPECT_FALSE(estimate_mean(equal).interval.has_value());
  EXPECT_EQ(estimate_mean(equal).standard_deviation, 0);
}

/// Null value: a true mean of 10. 1,000 experiments of ten seeds; a nominal 95 % interval holds the
/// true mean in 950 ± 7 of them (binomial standard deviation), so 930 to 970 is nearly 3 of these.
TEST(EstimateMean, CoversTheTrueMeanAtTheNominalRate) {
  int covered = 0;
  for (std::uint64_t experiment = 0; experiment < 1000; ++experiment) {
    Stream stream{7, Purpose::Test, experiment};
    std::vector<double> values;
    for (int seed = 0; seed < 10; ++seed) values.push_back(10 + 3 * stream.normal());
    const Interval interval = estimate_mean(values).interval.value();
    covered += interval.low <= 10 && 10 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 930);
  EXPECT_LE(covered, 970);
}

TEST(ComparePaired, MatchesRsPairedTTest) {
  // R: t.test(extra ~ group, sleep, paired = TRUE): −1.58, interval −2.4598858 to −0.7001142.
  const ValuesBySeed first = {{1, 0.7}, {2, -1.6}, {3, -0.2}, {4, -1.2}, {5, -0.1},
                              {6, 3.4}, {7, 3.7},  {8, 0.8},  {9, 0.0},  {10, 2.0}};
  const ValuesBySeed second = {{1, 1.9}, {2, 0.8}, {3, 1.1}, {4, 0.1}, {5, -0.1},
                               {6, 4.4}, {7, 5.5}, {8, 1.6}, {9, 4.6}, {10, 3.4}};
  const PairedDifference paired = compare_paired(first, second, Direction::HigherIsBetter);
  EXPECT_NEAR(paired.difference.mean, -1.58, 1e-12);
  EXPECT_NEAR(paired.difference.interval->low, -2.4598858, 1e-6);
  EXPECT_NEAR(paired.difference.interval->high, -0.7001142, 1e-6);
  EXPECT_EQ(paired.verdict, Verdict::Worse);
}

TEST(ComparePaired, SeesThroughNoiseThatBothShare) {
  // Seeds differ by far more than the variants do; unpaired intervals overlap widely.
  ValuesBySeed baseline;
  ValuesBySeed variant;
  Stream stream{3, Purpose::Test, 0};
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const double shared = 100 + 30 * stream.normal();
    baseline[seed] = shared;
    variant[seed] = shared + 1 + 0.1 * stream.normal();
  }
  EXPECT_EQ(compare_paired(variant, baseline, Direction::LowerIsBetter).verdict, Verdict::Worse);
  const Interval own = estimate_mean(values_of(variant)).interval.value();
  EXPECT_LT(own.low, estimate_mean(values_of(baseline)).mean);
}

TEST(ComparePaired, NamesTheSideByWhatAUserWants) {
  const ValuesBySeed low = {{1, 1.0}, {2, 2.0}, {3, 3.1}};
  const ValuesBySeed high = {{1, 11.0}, {2, 12.1}, {3, 13.0}};
  EXPECT_EQ(compare_paired(high, low, Direction::HigherIsBetter).verdict, Verdict::Better);
  EXPECT_EQ(compare_paired(low, high, Direction::HigherIsBetter).verdict, Verdict::Worse);
  EXPECT_EQ(compare_paired(low, high, Direction::LowerIsBetter).verdict, Verdict::Better);
  EXPECT_EQ(compare_paired(high, low, Direction::LowerIsBetter).verdict, Verdict::Worse);
  EXPECT_EQ(compare_paired(high, low, Direction::Neutral).verdict, Verdict::Higher);
  EXPECT_EQ(compare_paired(low, high, Direction::Neutral).verdict, Verdict::Lower);
}

TEST(ComparePaired, IsHonestAboutSmallAndSpreadlessSamples) {
  struct Case {
    const char* name;
    ValuesBySeed variant;
    ValuesBySeed baseline;
    Verdict verdict;
  };
  const std::vector<Case> cases = {
      {"nothing", {}, {}, Verdict::TooFewSeeds},
      {"one seed", {{1, 5}}, {{1, 3}}, Verdict::TooFewSeeds},
      {"one seed in common", {{1, 5}, {2, 6}}, {{2, 3}, {3, 3}}, Verdict::TooFewSeeds},
      {"same values", {{1, 5}, {2, 6}}, {{1, 5}, {2, 6}}, Verdict::Equal},
      {"rounding", {{1, 0.3}, {2, 0.6}}, {{1, 0.1 + 0.2}, {2, 0.6}}, Verdict::Equal},
      {"constant gap", {{1, 5}, {2, 6}}, {{1, 4}, {2, 5}}, Verdict::Better},
      {"noise", {{1, 5}, {2, 6}}, {{1, 4}, {2, 7}}, Verdict::Indistinguishable},
  };
  for (const Case& c : cases) {
    const PairedDifference paired =
        compare_paired(c.variant, c.baseline, Direction::HigherIsBetter);
    EXPECT_EQ(paired.verdict, c.verdict) << c.name;
    if (c.verdict != Verdict::Indistinguishable) {
      EXPECT_FALSE(paired.difference.interval.has_value()) << c.name;
    }
  }
}

/// Null value: no difference. Two-sided at 95 %, so 50 ± 7 false alarms in 1,000 experiments.
TEST(ComparePaired, RaisesFalseAlarmsAtTheNominalRate) {
  int alarms = 0;
  for (std::uint64_t experiment = 0; experiment < 1000; ++experiment) {
    Stream stream{11, Purpose::Test, experiment};
    ValuesBySeed a;
    ValuesBySeed b;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const double shared = 5 * stream.normal();
      a[seed] = shared + stream.normal();
      b[seed] = shared + stream.normal();
    }
    alarms += compare_paired(a, b, Direction::Neutral).verdict != Verdict::Indistinguishable;
  }
  EXPECT_GE(alarms, 30);
  EXPECT_LE(alarms, 70);
}

StoppingRule rule_of(const std::string& text) {
  return StoppingRule::parse(text, {.file = "--until-ci"}).value();
}

TEST(StoppingRule, ReadsWidthsAsPeopleWriteThem) {
  EXPECT_DOUBLE_EQ(rule_of("1%").relative.value(), 0.01);
  EXPECT_DOUBLE_EQ(rule_of("0.5").absolute.value(), 0.5);
  for (const char* text : {"", "%", "one", "-1%", "0", "1%%", "inf", "nan", "1 %"}) {
    EXPECT_FALSE(StoppingRule::parse(text, {.file = "--until-ci"}).has_value()) << text;
  }
}

TEST(StoppingRule, WaitsForAMinimumOfSeeds) {
  std::vector<double> values(9, 5.0);
  EXPECT_FALSE(look_at(values, rule_of("1%")).is_narrow);
  values.push_back(5.0);
  EXPECT_TRUE(look_at(values, rule_of("1%")).is_narrow);
}

TEST(StoppingRule, InflatesTheVarianceForLookingAgain) {
  // Standard deviation 1.0801…, mean 12: 2.262 × 1.0801 × √(1.2 / 10).
  std::vector<double> values;
  for (int i = 0; i < 10; ++i) values.push_back(11 + i % 3);
  const StoppingLook look = look_at(values, rule_of("0.1"));
  const MeanEstimate estimate = estimate_mean(values);
  EXPECT_NEAR(look.half_width, student_t(9, 0.95) * estimate.standard_deviation * std::sqrt(0.12),
              1e-12);
  EXPECT_FALSE(look.is_narrow);
  EXPECT_GT(look.seeds_expected, 100U);
}

/// 1,000 experiments that look after every seed from the tenth on: the truth is 5, and the interval
/// of ± 10 % would take 16 seeds. Nominal coverage 95 %.
TEST(StoppingRule, KeepsItsCoverage) {
  constexpr int kExperiments = 1000;
  const StoppingRule rule = rule_of("10%");
  int covered = 0;
  std::size_t seeds = 0;
  for (int i = 0; i < kExperiments; ++i) {
    Stream stream{20261124, Purpose::Test, static_cast<std::uint64_t>(i)};
    std::vector<double> values;
    StoppingLook look;
    while (!look.is_narrow) {
      values.push_back(5 + stream.normal());
      look = look_at(values, rule);
    }
    if (std::abs(look.mean - 5) <= look.half_width) ++covered;
    seeds += look.count;
  }
  EXPECT_GE(covered, 930);
  EXPECT_LE(covered, 985);
  EXPECT_LT(seeds / kExperiments, 24U);
}

}  // namespace
}  // namespace orrery::experiments
