#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "orrery/models/stream.hpp"
#include "orrery/sim/metrics/load_curve.hpp"
#include "orrery/sim/metrics/log_histogram.hpp"
#include "orrery/sim/metrics/metrics_recorder.hpp"
#include "orrery/sim/metrics/tally.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;

MetricWindow sum_of(const std::vector<MetricWindow>& windows) {
  MetricWindow sum = windows.front();
  for (std::size_t i = 1; i < windows.size(); ++i) sum.append(windows[i]);
  return sum;
}

/// Invariant: the quantile is the value of that rank, off by at most 1/64 of it. Strategy: values
/// of every magnitude.
RC_GTEST_PROP(LogHistogramProperty, QuantilesAreWithinTheBucketOfTheRank, ()) {
  const auto exponents =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 62)));
  LogHistogram histogram;
  std::vector<std::int64_t> values;
  for (const int exponent : exponents) {
    values.push_back(*rc::gen::inRange<std::int64_t>(0, std::int64_t{2} << exponent));
    histogram.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double p : {0.0, 0.25, 0.5, 0.99, 1.0}) {
    const auto rank =
        static_cast<std::size_t>(std::max(1.0, std::ceil(p * static_cast<double>(values.size()))));
    const auto exact = static_cast<double>(values[rank - 1]);
    RC_ASSERT(std::abs(histogram.quantile(p) - exact) <= exact / 64 + 0.5);
  }
}

RC_GTEST_PROP(LogHistogramProperty, MergingIsAddingEverythingToOne, ()) {
  const auto values = *rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40));
  const auto cut = *rc::gen::inRange<std::size_t>(0, values.size() + 1);
  LogHistogram whole;
  LogHistogram first;
  LogHistogram second;
  for (std::size_t i = 0; i < values.size(); ++i) {
    whole.add(values[i]);
    (i < cut ? first : second).add(values[i]);
  }
  first.merge(second);
  RC_ASSERT(first.count() == whole.count());
  for (const double p : {0.1, 0.5, 0.9}) RC_ASSERT(first.quantile(p) == whole.quantile(p));
}

TEST(Tally, KnowsMomentsAndExtremes) {
  Tally tally;
  for (const std::int64_t value : {2, 4, 4, 4, 5, 5, 7, 9}) tally.add(value);
  EXPECT_EQ(tally.mean(), 5);
  EXPECT_DOUBLE_EQ(tally.standard_deviation(), std::sqrt(32.0 / 7));
  EXPECT_EQ(tally.min(), 2);
  EXPECT_EQ(tally.max(), 9);
  EXPECT_EQ(tally.quantile(0.5), 4);
}

TEST(Tally, HasNoMeanWithoutValues) {
  EXPECT_TRUE(std::isnan(Tally{}.mean()));
  EXPECT_TRUE(std::isnan(Tally{}.quantile(0.5)));
}

/// Invariant: however windows are cut and joined, they cover the run without a gap and their
/// integrals add up to the exact one; there are never more than twice as many as asked for.
RC_GTEST_PROP(MetricsRecorderProperty, WindowsAddUpExactly, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto points = *rc::gen::inRange<std::size_t>(1, 8);
  const auto changes = *rc::gen::inRange(1, 60);
  const bool knows_end = *rc::gen::arbitrary<bool>();
  Stream stream{seed, Purpose::Test, 0};
  const Time horizon = kTimeZero + 500s;
  MetricsRecorder recorder{{.horizon = knows_end ? horizon : kTimeMax, .points = points}};
  Int128 exact = 0;
  std::int64_t level = 0;
  Time at{};
  for (int i = 0; i < changes; ++i) {
    const Time next =
        std::min(horizon, at + Duration{static_cast<std::int64_t>(stream.below(20'000'000'000))});
    exact += static_cast<Int128>(level) * (next - at).count();
    at = next;
    const auto delta = static_cast<std::int64_t>(stream.below(1000)) - 500;
    level += delta;
    recorder.shift(Level::CpuUsed, delta, at);
    recorder.count(Count::PodsArrived, at);
    recorder.sample(Sample::Waiting, 7, at);
  }
  exact += static_cast<Int128>(level) * (horizon - at).count();
  const std::vector<MetricWindow> windows = recorder.finish(horizon);
  RC_ASSERT(windows.size() <= 2 * points);
  RC_ASSERT(windows.front().start == kTimeZero && windows.back().end == horizon);
  for (std::size_t i = 1; i < windows.size(); ++i) {
    RC_ASSERT(windows[i].start == windows[i - 1].end);
  }
  const MetricWindow sum = sum_of(windows);
  RC_ASSERT(sum.integral(Level::CpuUsed) == exact);
  RC_ASSERT(sum.count(Count::PodsArrived) == changes);
  RC_ASSERT(sum.sample(Sample::Waiting).count() == static_cast<std::uint64_t>(changes));
}

TEST(MetricsRecorder, KeepsWhatHappenedInARunThatEndsWhereItBegins) {
  MetricsRecorder recorder{WindowPlan{}};
  recorder.count(Count::PodsUnschedulable, kTimeZero);
  const std::vector<MetricWindow> windows = recorder.finish(kTimeZero);
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows.front().count(Count::PodsUnschedulable), 1);
}

/// Invariant: at every moment the totals are the sum of the windows that a record closed then would
/// have, and asking for them changes nothing. Strategy: changes at random times, few points so that
/// windows are joined often, with and without a warm-up.
RC_GTEST_PROP(MetricsRecorderProperty, TotalsAreTheSumOfTheWindowsSoFar, ()) {
  const auto gaps =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5000)));
  const WindowPlan plan{.begin = kTimeZero + *rc::gen::inRange(0, 3) * 1s, .points = 3};
  MetricsRecorder asked{plan};
  std::vector<std::pair<Time, int>> steps;
  Time now = kTimeZero;
  for (const int gap : gaps) steps.emplace_back(now += gap * 1ms, gap);
  const auto record = [](MetricsRecorder& recorder, const std::pair<Time, int>& step) {
    recorder.shift(Level::PodsWaiting, step.second % 7, step.first);
    recorder.count(Count::PodsArrived, step.first);
    recorder.sample(Sample::Response, step.second, step.first);
  };
  for (std::size_t done = 0; done < steps.size(); ++done) {
    record(asked, steps[done]);
    const Time until = steps[done].first + 10ms;
    if (until <= plan.begin || (done + 1 < steps.size() && steps[done + 1].first < until)) continue;
    const MetricTotals totals = asked.totals(until);
    MetricsRecorder fresh{plan};
    for (std::size_t i = 0; i <= done; ++i) record(fresh, steps[i]);
    const MetricWindow sum = sum_of(fresh.finish(until));
    RC_ASSERT(totals.integral(Level::PodsWaiting) ==
              static_cast<double>(sum.integral(Level::PodsWaiting)));
    RC_ASSERT(totals.count(Count::PodsArrived) ==
              static_cast<double>(sum.count(Count::PodsArrived)));
    RC_ASSERT(totals.sample(Sample::Response) ==
              static_cast<double>(sum.sample(Sample::Response).sum()));
  }
}

TEST(MetricsRecorder, CutsAnIdleAndABusyRunAlike) {
  MetricsRecorder busy{{.points = 4}};
  MetricsRecorder idle{{.points = 4}};
  for (int i = 0; i < 300; ++i) busy.shift(Level::PodsRunning, 1, kTimeZero + i * 1s);
  const auto many = busy.finish(kTimeZero + 300s);
  const auto few = idle.finish(kTimeZero + 300s);
  ASSERT_EQ(many.size(), few.size());
  for (std::size_t i = 0; i < many.size(); ++i) {
    EXPECT_EQ(many[i].start, few[i].start);
    EXPECT_EQ(many[i].end, few[i].end);
  }
}

TEST(MetricsRecorder, ThrowsAFixedWarmUpAwayButKeepsTheLevel) {
  MetricsRecorder recorder{{.begin = kTimeZero + 10s, .points = 4}};
  recorder.shift(Level::PodsRunning, 3, kTimeZero);
  recorder.count(Count::PodsArrived, kTimeZero + 5s);
  const MetricWindow sum = sum_of(recorder.finish(kTimeZero + 20s));
  EXPECT_EQ(sum.start, kTimeZero + 10s);
  EXPECT_EQ(sum.average(Level::PodsRunning), 3);
  EXPECT_EQ(sum.count(Count::PodsArrived), 0);
}

double value_of(const std::vector<MetricValue>& values, const std::string& name) {
  for (const MetricValue& value : values) {
    if (value.name == name) return value.value;
  }
  throw std::out_of_range(name);
}

TEST(LoadCurve, MeansAllArrivalsThatRoundToAPercent) {
  LoadCurve curve{1000};
  curve.sample(796, 700, 200, 2);  // 79.6 % rounds to 80
  curve.sample(804, 740, 400, 2);  // 80.4 %
  curve.sample(811, 999, 999, 2);  // 81.1 % does not
  const auto values = curve.metrics({80});
  EXPECT_DOUBLE_EQ(value_of(values, "gpu_allocated_percent_at_080"), 72);
  EXPECT_DOUBLE_EQ(value_of(values, "gpu_fragmented_percent_at_080"), (10.0 + 20.0) / 2);
  EXPECT_DOUBLE_EQ(value_of(values, "gpu_fragmented_percent_of_idle_at_080"),
                   (100.0 * 100 / 300 + 100.0 * 200 / 260) / 2);
}

TEST(LoadCurve, RoundsHalvesToEven) {
  LoadCurve curve{1000};
  curve.sample(805, 100, 0, 1);  // 80.5 % goes to 80
  curve.sample(815, 300, 0, 1);  // 81.5 % goes to 82
  EXPECT_DOUBLE_EQ(value_of(curve.metrics({80}), "gpu_allocated_percent_at_080"), 10);
  EXPECT_DOUBLE_EQ(value_of(curve.metrics({82}), "gpu_allocated_percent_at_082"), 30);
}

TEST(LoadCurve, TakesTheNeighboursWhereNoArrivalCame) {
  LoadCurve curve{100};
  curve.sample(79, 10, 0, 1);
  curve.sample(81, 30, 0, 1);
  EXPECT_DOUBLE_EQ(value_of(curve.metrics({80}), "gpu_allocated_percent_at_080"), 20);
  EXPECT_TRUE(std::isnan(value_of(curve.metrics({50}), "gpu_allocated_percent_at_050")));
}

TEST(LoadCurve, GivesTheWholeCurveToo) {
  LoadCurve curve{100};
  curve.sample(1, 1, 0, 0);
  curve.sample(3, 2, 0, 0);
  const std::vector<Curve> curves = curve.curves();
  ASSERT_EQ(curves.size(), 1U) << "fragmentation was not measured";
  EXPECT_EQ(curves[0].name, "gpu_allocated_percent");
  EXPECT_EQ(curves[0].over, "gpu_arrived_percent");
  const std::vector<CurvePoint> expected = {{0, 1}, {1, 1}, {2, 1.5}, {3, 2}};
  EXPECT_EQ(curves[0].points, expected);
}

}  // namespace
}  // namespace orrery::sim
