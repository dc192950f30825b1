#include "orrery/models/sample_statistics.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orrery/models/check.hpp"
#include "orrery/models/stream.hpp"

namespace orrery {
namespace {

// NIST StRD, univariate summary statistics: NumAcc3 has mean 1000000.2 and sd 0.1 exactly.
TEST(Moments, MatchTheCertifiedNumAcc3) {
  Moments moments;
  moments.add(1000000.2);
  for (int pair = 0; pair < 500; ++pair) {
    moments.add(1000000.1);
    moments.add(1000000.3);
  }
  EXPECT_NEAR(moments.mean(), 1000000.2, 1e-9);
  EXPECT_NEAR(moments.standard_deviation(), 0.1, 1e-9);
}

TEST(Moments, HaveNoMeanOrVarianceWithoutValues) {
  Moments moments;
  EXPECT_TRUE(std::isnan(moments.mean()));
  moments.add(3);
  EXPECT_EQ(moments.mean(), 3);
  EXPECT_TRUE(std::isnan(moments.variance()));
}

RC_GTEST_PROP(Moments, AreTheSameWhenMergedFromParts, ()) {
  const auto a = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-1000, 1000));
  const auto b = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-1000, 1000));
  Moments left;
  Moments right;
  Moments all;
  for (const int value : a) left.add(value), all.add(value);
  for (const int value : b) right.add(value), all.add(value);
  left.merge(right);
  RC_ASSERT(left.count() == all.count());
  if (all.count() >= 2) {
    RC_ASSERT(std::abs(left.mean() - all.mean()) < 1e-9);
    RC_ASSERT(std::abs(left.variance() - all.variance()) < 1e-6);
  }
}

TEST(Quantile, InterpolatesAsNumPyDoes) {
  const std::vector<double> values = {1, 2, 4, 8};
  // numpy.quantile([1, 2, 4, 8], [0, .25, .5, .9, 1])
  EXPECT_DOUBLE_EQ(quantile_of_sorted(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(values, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(values, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(values, 0.9), 6.8);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(values, 1), 8);
}

TEST(Quantile, IsNotDefinedForNothingAndOutsideZeroToOne) {
  EXPECT_TRUE(std::isnan(quantile_of_sorted({}, 0.5)));
  EXPECT_THROW(static_cast<void>(quantile_of_sorted({}, 1.5)), CheckFailure);
}

/// The definition, without any cleverness: the squared standard error for each truncation.
std::size_t mser5_by_definition(const std::vector<double>& values) {
  std::vector<double> means;
  for (std::size_t i = 0; i + 5 <= values.size(); i += 5) {
    means.push_back(std::accumulate(values.begin() + static_cast<std::ptrdiff_t>(i),
                                    values.begin() + static_cast<std::ptrdiff_t>(i + 5), 0.0) /
                    5);
  }
  std::size_t best = 0;
  double best_error = INFINITY;
  for (std::size_t d = 0; d <= means.size() / 2; ++d) {
    const auto n = static_cast<double>(means.size() - d);
    double mean = 0;
    for (std::size_t i = d; i < means.size(); ++i) mean += means[i] / n;
    double squares = 0;
    for (std::size_t i = d; i < means.size(); ++i) squares += std::pow(means[i] - mean, 2);
    if (squares / (n * n) < best_error * (1 - 1e-12)) {
      best_error = squares / (n * n);
      best = d;
    }
  }
  return best * 5;
}

TEST(Mser5, DropsTheRampBeforeASteadyStretch) {
  Stream stream{1, Purpose::Test, 0};
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) {
    const double ramp = i < 100 ? 50.0 * (100 - i) / 100 : 0;
    values.push_back(10 + ramp + stream.normal());
  }
  const WarmUp warm_up = mser5(values);
  EXPECT_TRUE(warm_up.settled);
  EXPECT_GE(warm_up.dropped, 85U);
  EXPECT_LE(warm_up.dropped, 130U);
  EXPECT_EQ(warm_up.dropped, mser5_by_definition(values));
}

TEST(Mser5, DropsNothingFromConstantOrShortSeries) {
  EXPECT_EQ(mser5(std::vector<double>(100, 3.0)).dropped, 0U);
  EXPECT_EQ(mser5(std::vector<double>{1, 2, 3}).dropped, 0U);
  EXPECT_EQ(mser5({}).dropped, 0U);
}

TEST(Mser5, SaysWhenASeriesNeverSettles) {
  std::vector<double> rising(200);
  std::iota(rising.begin(), rising.end(), 0.0);
  for (std::size_t i = 190; i < 200; ++i) rising[i] = 190;
  const WarmUp warm_up = mser5(rising);
  EXPECT_FALSE(warm_up.settled);
  EXPECT_EQ(warm_up.dropped, 100U);
}

}  // namespace
}  // namespace orrery
