#include "orrery/experiments/comparison/comparison.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/comparison/formats.hpp"
#include "orrery/experiments/store/results_writer.hpp"
#include "orrery/tests/experiments/toy_experiment.hpp"

namespace orrery::experiments {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RunRecord run_with(RunKey key, double wait, double throughput) {
  RunOutcome outcome;
  outcome.metrics = {
      {.name = "wait_mean", .unit = "s", .value = wait, .direction = Direction::LowerIsBetter},
      {.name = "throughput",
       .unit = "1/s",
       .value = throughput,
       .direction = Direction::HigherIsBetter}};
  return {.key = key, .outcome = outcome};
}

/// Variant a is the baseline, b waits less by about 2 s under each seed, c waits about the same.
class Compare : public testing::Test {
 protected:
  Compare() {
    auto writer = ResultsWriter::open(path_, toy_experiment()).value();
    const double noise[] = {0, 5, 9};
    const double jitter[] = {0.1, 0, -0.1};
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const double base = 10 + noise[seed];
      EXPECT_TRUE(writer.store(run_with({0, seed}, base, 1)).has_value());
      EXPECT_TRUE(writer.store(run_with({1, seed}, base - 2 + jitter[seed], 1)).has_value());
      EXPECT_TRUE(writer.store(run_with({2, seed}, base + jitter[seed], 1.5)).has_value());
    }
    EXPECT_TRUE(writer.close().has_value());
  }

  [[nodiscard]] Result<Comparison> compare_with(const ComparisonOptions& options) const {
    return compare(ResultsReader::open(path_).value(), options);
  }
  [[nodiscard]] std::string error_of(const ComparisonOptions& options) const {
    const auto comparison = compare_with(options);
    return comparison ? "compared" : to_string(comparison.error());
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_.file("toy.db");
};

std::vector<Verdict> verdicts(const MetricComparison& metric) {
  std::vector<Verdict> result;
  for (const ComparisonRow& row : metric.rows) result.push_back(row.verdict);
  return result;
}

TEST_F(Compare, PairsVariantsWithTheBaselineOfTheDocument) {
  const Comparison comparison = compare_with({}).value();
  ASSERT_EQ(comparison.metrics.size(), 2U);
  EXPECT_THAT(verdicts(comparison.metrics[0]),
              ElementsAre(Verdict::Baseline, Verdict::Better, Verdict::Indistinguishable));
  EXPECT_THAT(verdicts(comparison.metrics[1]),
              ElementsAre(Verdict::Baseline, Verdict::Equal, Verdict::Better));
  EXPECT_NEAR(comparison.metrics[0].rows[1].difference->mean, -2, 1e-9);
  EXPECT_EQ(comparison.metrics[0].rows[1].rank, 1U);
  EXPECT_EQ(comparison.metrics[1].rows[0].rank, 2U) << "equal means share a rank";
  EXPECT_EQ(comparison.metrics[1].rows[1].rank, 2U);
}

TEST_F(Compare, TakesAnotherBaselineAndFewerMetricsAndVariants) {
  const Comparison comparison =
      compare_with({.metrics = {"wait*"}, .variants = {"a", "c"}, .baseline = "b"}).value();
  ASSERT_EQ(comparison.metrics.size(), 1U);
  EXPECT_THAT(verdicts(comparison.metrics[0]), ElementsAre(Verdict::Worse, Verdict::Worse));
  EXPECT_EQ(comparison.metrics[0].rows[0].baseline, "b");
}

TEST_F(Compare, SuggestsTheNameThatWasMeant) {
  EXPECT_THAT(error_of({.metrics = {"wait_men"}}), HasSubstr("did you mean 'wait_mean'?"));
  EXPECT_THAT(error_of({.variants = {"d"}}), HasSubstr("no variant of these results is called"));
  EXPECT_THAT(error_of({.baseline = "zzz"}), HasSubstr("one of: a, b, c"));
}

TEST_F(Compare, WritesTheCsvColumnsThatItPromises) {
  const std::string csv = to_csv(compare_with({.metrics = {"throughput"}}).value());
  EXPECT_EQ(csv,
            "variant,metric,unit,n,mean,ci_low,ci_high,baseline,diff,diff_low,diff_high,verdict\n"
            "a,throughput,1/s,3,1,,,a,,,,baseline\n"
            "b,throughput,1/s,3,1,,,a,0,,,equal\n"
            "c,throughput,1/s,3,1.5,,,a,0.5,,,better\n");
}

TEST_F(Compare, WritesNumbersThatReadBackInJson) {
  const Comparison comparison = compare_with({}).value();
  const auto document = nlohmann::json::parse(to_json_text(comparison));
  const auto& row = document["metrics"][0]["variants"][1];
  EXPECT_EQ(row["variant"], "b");
  EXPECT_EQ(row["diff_low"].get<double>(), comparison.metrics[0].rows[1].difference->interval->low);
  EXPECT_EQ(row["verdict"], "better");
  EXPECT_EQ(document["metrics"][0]["variants"][0].count("diff"), 0U);
}

TEST_F(Compare, PrintsTablesForPeople) {
  const Comparison comparison = compare_with({}).value();
  const std::string table = to_table(comparison);
  EXPECT_THAT(table, HasSubstr("wait_mean (s), lower is better"));
  EXPECT_THAT(table, HasSubstr("difference to a"));
  EXPECT_THAT(table, HasSubstr("indistinguishable"));
  EXPECT_THAT(to_markdown(comparison), HasSubstr("| 1 | b | 3 |"));
  const std::string latex = to_latex(comparison);
  EXPECT_THAT(latex, HasSubstr("wait\\_mean"));
  EXPECT_THAT(latex, HasSubstr("95 \\% interval"));
  EXPECT_THAT(latex, HasSubstr("\\ldots{}"));
}

TEST(FindBaselines, FillsStarsFromTheVariant) {
  const std::vector<std::string> variants = {"x/random", "x/fgd", "y/random", "y/fgd"};
  EXPECT_THAT(find_baselines(variants, "*/random").value(), ElementsAre(0U, 0U, 2U, 2U));
  EXPECT_THAT(find_baselines(variants, "random").value(), ElementsAre(0U, 0U, 2U, 2U));
  EXPECT_THAT(find_baselines(variants, "x/fgd").value(), ElementsAre(1U, 1U, 1U, 1U));
  EXPECT_THAT(to_string(find_baselines(variants, "*/randm").error()),
              HasSubstr("did you mean 'x/random'"));
}

TEST(CompareNothing, SaysThatNothingIsFinished) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  ASSERT_TRUE(ResultsWriter::open(path, toy_experiment()).value().plan({{0, 1}}).has_value());
  const auto comparison = compare(ResultsReader::open(path).value(), {});
  ASSERT_FALSE(comparison.has_value());
  EXPECT_THAT(to_string(comparison.error()), HasSubstr("no finished run"));
}

}  // namespace
}  // namespace orrery::experiments
