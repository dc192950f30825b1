#include "orrery/experiments/runner/runner.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/experiments/store/results_reader.hpp"
#include "orrery/models/check.hpp"
#include "orrery/tests/experiments/toy_experiment.hpp"

namespace orrery::experiments {
namespace {

using testing::HasSubstr;

std::vector<RunKey> all_runs(std::uint64_t seeds) {
  std::vector<RunKey> runs;
  for (std::size_t variant = 0; variant < 3; ++variant) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) runs.push_back({variant, seed});
  }
  return runs;
}

Result<RunOutcome> run_toy(const RunKey& key, const std::stop_token&) { return toy_outcome(key); }

/// Everything in a file that must not depend on the number of threads.
auto contents(const std::string& path) {
  const auto reader = ResultsReader::open(path).value();
  std::vector<std::tuple<std::int64_t, std::string, std::string>> runs;
  const std::vector<RunRow> rows = reader.runs().value();
  for (const RunRow& run : rows) {
    runs.emplace_back(run.id, std::string(to_string(run.status)), run.fingerprint);
  }
  std::vector<ValuesBySeed> values;
  const std::vector<MetricSamples> metrics = reader.metrics().value();
  for (const MetricSamples& metric : metrics) {
    values.insert(values.end(), metric.by_variant.begin(), metric.by_variant.end());
  }
  return std::pair{runs, values};
}

TEST(RunSweep, StoresTheSameOnAnyNumberOfThreads) {
  const TemporaryDirectory directory;
  for (const std::size_t jobs : {1U, 2U, 8U}) {
    auto results =
        ResultsWriter::open(directory.file(std::to_string(jobs)), toy_experiment()).value();
    const auto summary = run_sweep(all_runs(20), run_toy, results, {.jobs = jobs}).value();
    EXPECT_EQ(summary.finished, 60U);
    ASSERT_TRUE(results.close().has_value());
  }
  EXPECT_EQ(contents(directory.file("1")), contents(directory.file("2")));
  EXPECT_EQ(contents(directory.file("1")), contents(directory.file("8")));
}

TEST(RunSweep, RunsOnlyWhatIsMissing) {
  const TemporaryDirectory directory;
  auto results = ResultsWriter::open(directory.file("toy.db"), toy_experiment()).value();
  ASSERT_TRUE(run_sweep(all_runs(3), run_toy, results, {}).has_value());
  std::atomic<int> calls = 0;
  const auto count = [&](const RunKey& key, const std::stop_token&) -> Result<RunOutcome> {
    ++calls;
    return toy_outcome(key);
  };
  const auto summary = run_sweep(all_runs(5), count, results, {.jobs = 2}).value();
  EXPECT_EQ(calls, 6);
  EXPECT_EQ(summary.skipped, 9U);
  EXPECT_EQ(summary.finished, 6U);
}

TEST(RunSweep, RecordsFailedRunsAndGoesOn) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  auto results = ResultsWriter::open(path, toy_experiment()).value();
  const auto fragile = [](const RunKey& key, const std::stop_token&) -> Result<RunOutcome> {
    if (key == RunKey{0, 1}) throw CheckFailure("node over-committed at 12 s under seed 1");
    if (key == RunKey{2, 0}) return failure({.message = "a row is broken"});
    return toy_outcome(key);
  };
  const auto summary = run_sweep(all_runs(2), fragile, results, {.jobs = 2}).value();
  EXPECT_EQ(summary.finished, 4U);
  ASSERT_EQ(summary.failed.size(), 2U);
  EXPECT_EQ(summary.failed[0].key, (RunKey{0, 1}));
  EXPECT_THAT(summary.failed[0].error, HasSubstr("at 12 s under seed 1"));
  EXPECT_EQ(summary.failed[1].error, "a row is broken");
  EXPECT_FALSE(summary.was_interrupted);
  // The next call tries again what has failed.
  EXPECT_EQ(run_sweep(all_runs(2), run_toy, results, {}).value().finished, 2U);
}

TEST(RunSweep, KeepsFinishedRunsAndDropsOthersWhenStopped) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("toy.db");
  auto results = ResultsWriter::open(path, toy_experiment()).value();
  std::stop_source stop;
  const auto patient = [&](const RunKey& key, const std::stop_token& token) -> Result<RunOutcome> {
    if (key.variant == 0) return toy_outcome(key);
    stop.request_stop();  // as if Ctrl-C came during this run
    while (!token.stop_requested()) std::this_thread::yield();
    return failure({.message = "stopped"});
  };
  const auto summary =
      run_sweep(all_runs(2), patient, results, {.jobs = 1, .stop = stop.get_token()}).value();
  EXPECT_TRUE(summary.was_interrupted);
  EXPECT_EQ(summary.finished, 2U);
  EXPECT_TRUE(summary.failed.empty());
  const auto runs = ResultsReader::open(path).value().runs().value();
  EXPECT_EQ(std::count_if(runs.begin(), runs.end(),
                          [](const RunRow& run) { return run.status == RunStatus::Pending; }),
            4);
}

TEST(RunSweep, StopsWhenResultsCannotBeStored) {
  const TemporaryDirectory directory;
  auto results = ResultsWriter::open(directory.file("toy.db"), toy_experiment(), 65).value();
  const auto summary = run_sweep(all_runs(300), run_toy, results, {.jobs = 2});
  ASSERT_FALSE(summary.has_value());
  EXPECT_THAT(to_string(summary.error()), HasSubstr("disk full"));
  EXPECT_GT(results.finished().size(), 0U);
}

TEST(RunSweep, ReportsProgressUpToTheEnd) {
  const TemporaryDirectory directory;
  auto results = ResultsWriter::open(directory.file("toy.db"), toy_experiment()).value();
  std::vector<Progress> seen;
  ASSERT_TRUE(run_sweep(all_runs(4), run_toy, results,
                        {.jobs = 2, .on_progress = [&](const Progress& p) { seen.push_back(p); }})
                  .has_value());
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().done, 12U);
  EXPECT_TRUE(seen.back().is_complete());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end(),
                             [](const Progress& a, const Progress& b) { return a.done < b.done; }));
}

TEST(Progress, EstimatesTheTimeToGoFromTheRate) {
  const Progress progress{.total = 40, .done = 10, .elapsed_seconds = 5};
  EXPECT_DOUBLE_EQ(progress.rate(), 2);
  EXPECT_DOUBLE_EQ(progress.remaining_seconds().value(), 15);
  EXPECT_FALSE((Progress{.total = 40, .elapsed_seconds = 5}).remaining_seconds().has_value());
}

}  // namespace
}  // namespace orrery::experiments
