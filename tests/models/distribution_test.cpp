#include "orrery/models/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/weibull.hpp>
#include <nlohmann/json.hpp>

#include "orrery/models/check.hpp"

namespace orrery {
namespace {

using nlohmann::json;

struct Case {
  std::string name;
  Distribution distribution;
  double mean;
  double variance;
};

std::vector<Case> cases() {
  return {
      {"constant", Distribution(shape::Constant{5}), 5, 0},
      {"uniform", Distribution(shape::Uniform{2, 6}), 4, 16.0 / 12},
      {"exponential", Distribution(shape::Exponential{3}), 3, 9},
      {"weibull", Distribution(shape::Weibull{2, 10}), 10 * std::tgamma(1.5),
       100 * (1 - std::tgamma(1.5) * std::tgamma(1.5))},
      {"log-normal", Distribution(shape::LogNormal::from_mean_cv(10, 0.5)), 10, 25},
      {"gamma", Distribution(shape::Gamma{2.5, 4}), 10, 40},
      {"hyperexponential", Distribution(shape::Hyperexponential::from_mean_cv(4, 2)), 4, 64},
      {"pareto", Distribution(shape::Pareto{3, 2, std::numeric_limits<double>::infinity()}), 3, 3},
      {"bounded pareto of shape 1", Distribution(shape::Pareto{1, 1, 4}), std::log(4.0) / 0.75,
       4 - std::pow(std::log(4.0) / 0.75, 2)},
      {"empirical by steps", Distribution(shape::Empirical::from_values({4, 1, 1, 2}, false)), 2,
       1.5},
      {"empirical interpolated", Distribution(shape::Empirical{{0, 1, 3}, {0, 0.5, 1}, true}), 1.25,
       0.5 / 3 + 0.5 * (27.0 - 1) / 6 - 1.25 * 1.25},
      {"mixture",
       Distribution(shape::Mixture{
           {1, 3}, {Distribution(shape::Constant{0}), Distribution(shape::Exponential{4})}}),
       3, 0.75 * 32 - 9},
  };
}

// Null value: the theoretical mean and variance. 200 000 draws under fixed seeds; the bound of five
// standard errors is passed by chance in all but about 1 of a million seeds.
TEST(Distribution, HasTheMomentsOfTheory) {
  constexpr int kDraws = 200'000;
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.name);
    EXPECT_NEAR(one.distribution.mean(), one.mean, 1e-9 * one.mean);
    Stream stream(42, Purpose::Test, 1);
    double sum = 0;
    std::vector<double> squares;
    for (int i = 0; i < kDraws; ++i) {
      const double draw = one.distribution.sample(stream);
      ASSERT_GE(draw, 0);
      sum += draw;
      squares.push_back((draw - one.mean) * (draw - one.mean));
    }
    const double root = std::sqrt(static_cast<double>(kDraws));
    EXPECT_NEAR(sum / kDraws, one.mean, 5 * std::sqrt(one.variance) / root + 1e-9);
    double variance = 0;
    for (const double square : squares) variance += square / kDraws;
    double fourth = 0;
    for (const double square : squares) fourth += std::pow(square - variance, 2) / kDraws;
    if (one.name != "pareto") {  // its fourth moment is infinite
      EXPECT_NEAR(variance, one.variance, 5 * std::sqrt(fourth) / root + 1e-9);
    }
  }
}

/// Kolmogorov's distance of `draws` to a distribution function.
template <class Cdf>
double distance(std::vector<double> draws, Cdf cdf) {
  std::sort(draws.begin(), draws.end());
  const double n = static_cast<double>(draws.size());
  double worst = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const double p = cdf(draws[i]);
    const double rank = static_cast<double>(i);
    worst = std::max({worst, p - rank / n, (rank + 1) / n - p});
  }
  return worst;
}

std::vector<double> draws(const Distribution& distribution, int count) {
  Stream stream(7, Purpose::Test, 2);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(distribution.sample(stream));
  return values;
}

// Null hypothesis: the draws follow the distribution. 20 000 draws, fixed seed; critical value at a
// level of 0.001 is 1.949 / sqrt(n).
TEST(Distribution, PassesKolmogorovsTestForWeibullAndLogNormal) {
  constexpr int kDraws = 20'000;
  const double critical = 1.949 / std::sqrt(static_cast<double>(kDraws));
  const boost::math::weibull weibull(0.7, 30);
  EXPECT_LT(distance(draws(Distribution(shape::Weibull{0.7, 30}), kDraws),
                     [&](double x) { return boost::math::cdf(weibull, x); }),
            critical);
  const boost::math::lognormal log_normal(1.5, 0.8);
  EXPECT_LT(distance(draws(Distribution(shape::LogNormal{1.5, 0.8}), kDraws),
                     [&](double x) { return boost::math::cdf(log_normal, x); }),
            critical);
  EXPECT_GT(distance(draws(Distribution(shape::LogNormal{1.5, 0.84}), kDraws),
                     [&](double x) { return boost::math::cdf(log_normal, x); }),
            critical)
      << "the test must be able to tell a wrong shape";
}

TEST(Distribution, EqualStreamsGiveEqualDraws) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(draws(one.distribution, 100), draws(one.distribution, 100));
  }
}

TEST(Distribution, FitsPercentiles) {
  const auto shape = shape::LogNormal::from_percentiles(10, 100);
  const boost::math::lognormal law(shape.mu, shape.sigma);
  EXPECT_NEAR(boost::math::quantile(law, 0.5), 10, 1e-9);
  EXPECT_NEAR(boost::math::quantile(law, 0.95), 100, 1e-6);
}

TEST(Distribution, RefusesImpossibleParameters) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Distribution::Shape> shapes{
      shape::Constant{-1},
      shape::Constant{nan},
      shape::Uniform{2, 1},
      shape::Exponential{0},
      shape::Exponential{-2},
      shape::Weibull{0, 1},
      shape::Weibull{1, nan},
      shape::LogNormal{0, -1},
      shape::LogNormal{nan, 1},
      shape::Gamma{-1, 1},
      shape::Hyperexponential{},
      shape::Hyperexponential{{{0, 1}}},
      shape::Pareto{1, 2, 2},
      shape::Empirical{},
      shape::Empirical{{1, 2}, {0.5, 0.9}, false},
      shape::Empirical{{2, 1}, {0.5, 1}, false},
      shape::Mixture{},
      shape::Mixture{{-1}, {Distribution()}},
  };
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_TRUE(Distribution::problem(shapes[i]).has_value());
    EXPECT_THROW(Distribution{shapes[i]}, CheckFailure);
  }
}

TEST(DistributionJson, ReadsBackWhatItWrites) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.name);
    for (const DistributionUnit* unit :
         {&kSecondsUnit, &kBytesUnit, &kMilliCpuUnit, &kMilliGpuUnit, &kPlainUnit}) {
      const json written = to_json(one.distribution, *unit);
      const auto read = distribution_from_json(json::parse(written.dump()), {}, *unit);
      ASSERT_TRUE(read) << to_string(read.error()) << written;
      EXPECT_EQ(*read, one.distribution) << written;
    }
  }
}

TEST(DistributionJson, ReadsEveryWayOfWriting) {
  const std::vector<std::pair<std::string, double>> texts{
      {R"("30s")", 30},
      {R"({"constant": "1h"})", 3600},
      {R"({"uniform": {"min": "1s", "max": "3s"}})", 2},
      {R"({"exponential": {"mean": "5m"}})", 300},
      {R"({"weibull": {"shape": 0.7, "mean": "30d"}})", 2592000},
      {R"({"log-normal": {"mean": "10s", "cv": 2}})", 10},
      {R"({"log-normal": {"mu": 0, "sigma": 0}})", 1},
      {R"({"log-normal": {"p50": "10s", "sigma": 0}})", 10},
      {R"({"gamma": {"shape": 2, "mean": "4s"}})", 4},
      {R"({"erlang": {"stages": 3, "mean": "6s"}})", 6},
      {R"({"hyperexponential": {"mean": "6s", "cv": 3}})", 6},
      {R"({"pareto": {"shape": 2, "min": "1s"}})", 2},
      {R"({"empirical": {"values": ["1s", "2s", "6s"]}})", 3},
      {R"({"empirical": {"cdf": [["1s", 0.5], ["3s", 1]]}})", 2},
      {R"({"mixture": [{"weight": 1, "of": "2s"}, {"weight": 1, "of": "4s"}]})", 3},
  };
  for (const auto& [text, mean] : texts) {
    SCOPED_TRACE(text);
    const auto read = distribution_from_json(json::parse(text), {}, kSecondsUnit);
    ASSERT_TRUE(read) << to_string(read.error());
    EXPECT_NEAR(read->mean(), mean, 1e-9 * mean);
  }
}

TEST(DistributionJson, NamesThePlaceOfEachMistake) {
  struct Bad {
    std::string text;
    std::string pointer;
    std::string part;  ///< of the message
  };
  const std::vector<Bad> bad{
      {"30", "", "unit"},
      {R"({"exponential": {"mean": 5}})", "/exponential/mean", "unit"},
      {R"({"exponental": {"mean": "5s"}})", "/exponental", "did you mean 'exponential'?"},
      {R"({"exponential": {"mena": "5s"}})", "/exponential", "'mena' meant to be 'mean'"},
      {R"({"exponential": {"mean": "5s", "x": 1}})", "/exponential/x", "unknown field"},
      {R"({"exponential": {"mean": "0s"}})", "/exponential", "above 0"},
      {R"({"weibull": {"shape": 0, "scale": "1s"}})", "/weibull/shape", "above 0"},
      {R"({"weibull": {"shape": 1, "scale": "-1s"}})", "/weibull/scale", "duration"},
      {R"({"log-normal": {}})", "/log-normal", "missing"},
      {R"({"log-normal": {"p50": "2s", "p95": "1s"}})", "/log-normal", "sigma"},
      {R"({"log-normal": {"p50": "0s", "p95": "1s"}})", "/log-normal", "finite"},
      {R"({"hyperexponential": {"mean": "1s", "cv": 0.5}})", "/hyperexponential", "at least 1"},
      {R"({"empirical": {"values": []}})", "/empirical", "at least one"},
      {R"({"empirical": {"values": ["1s", 2]}})", "/empirical/values/1", "unit"},
      {R"({"empirical": {"cdf": [["1s", 0.5], ["3s", 0.9]]}})", "/empirical", "must be 1"},
      {R"({"mixture": [{"weight": 1, "of": {"gama": 1}}]})", "/mixture/0/of/gama", "gamma"},
      {R"({"uniform": 3})", "/uniform", "object"},
      {R"({})", "", "one distribution"},
      {R"(null)", "", "duration"},
  };
  for (const Bad& one : bad) {
    SCOPED_TRACE(one.text);
    const auto read = distribution_from_json(json::parse(one.text), {}, kSecondsUnit);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().at.pointer, one.pointer);
    EXPECT_NE(to_string(read.error()).find(one.part), std::string::npos) << to_string(read.error());
  }
}

TEST(DistributionJson, DescribesItselfInOneLine) {
  EXPECT_EQ(describe(Distribution(shape::Exponential{300}), kSecondsUnit),
            "exponential(mean 5m), mean 5m");
  EXPECT_EQ(describe(Distribution(shape::Constant{2000}), kMilliCpuUnit), "2");
}

}  // namespace
}  // namespace orrery
