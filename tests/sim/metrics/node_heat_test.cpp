#include "orrery/sim/metrics/node_heat.hpp"

#include <numeric>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "orrery/tests/support/scripted_cluster.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using testing::DoubleEq;
using testing::ElementsAre;

TEST(NodeHeat, MeasuresTheShareOfEachNodeOverTime) {
  NodeHeat heat{2, 10, {.horizon = kTimeZero + 4s, .points = 4}};
  heat.node_joined("cpu", 4_cpu, MilliGpu{0});
  heat.node_joined("gpu", 4_cpu, MilliGpu{2000});
  heat.shift(NodeId{0}, 1_cpu, MilliGpu{0}, kTimeZero);
  heat.shift(NodeId{1}, 4_cpu, MilliGpu{500}, kTimeZero + 2500ms);  // its CPU does not count
  heat.node_power(NodeId{0}, false, kTimeZero + 3s);
  const auto maps = heat.finish(kTimeZero + 4s);
  ASSERT_EQ(maps.size(), 2U);
  EXPECT_EQ(maps[0].name, "node_allocated_percent");
  EXPECT_THAT(maps[0].rows, ElementsAre("cpu", "gpu"));
  EXPECT_THAT(maps[0].edges, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(maps[0].values, ElementsAre(25, 25, 25, 25, 0, 0, 12.5, 25));
  EXPECT_EQ(maps[1].name, "node_down_percent");
  EXPECT_THAT(maps[1].values, ElementsAre(0, 0, 0, 100, 0, 0, 0, 0));
}

TEST(NodeHeat, JoinsNeighboursWhereThereAreMoreNodesThanRows) {
  NodeHeat heat{5, 2, {.horizon = kTimeZero + 1s, .points = 1}};
  for (const char* name : {"a", "b", "c", "d", "e"}) heat.node_joined(name, 1_cpu, MilliGpu{0});
  heat.shift(NodeId{0}, 1_cpu, MilliGpu{0}, kTimeZero);
  heat.shift(NodeId{4}, 1_cpu, MilliGpu{0}, kTimeZero);
  const HeatMap map = heat.finish(kTimeZero + 1s).front();
  EXPECT_THAT(map.rows, ElementsAre("a … c", "d … e"));
  EXPECT_THAT(map.values, ElementsAre(DoubleEq(100.0 / 3), 50));
}

/// However long the run and however often things change: bounded, and nothing is lost.
RC_GTEST_PROP(NodeHeatProperty, StaysBoundedAndKeepsTheWhole, ()) {
  const auto points = *rc::gen::inRange<std::size_t>(1, 8);
  const auto steps = *rc::gen::inRange(1, 200);
  NodeHeat heat{1, 1, {.points = points}};
  heat.node_joined("n", 10_cpu, MilliGpu{0});
  Time now = kTimeZero;
  double whole = 0;  // percent × seconds
  std::int64_t held = 0;
  for (int i = 0; i < steps; ++i) {
    const std::int64_t wanted = *rc::gen::inRange<std::int64_t>(0, 11);
    heat.shift(NodeId{0}, MilliCpu{(wanted - held) * 1000}, MilliGpu{0}, now);
    held = wanted;
    const Duration span = std::chrono::seconds(*rc::gen::inRange(1, 50));
    whole += static_cast<double>(held * 10) * seconds(span);
    now += span;
  }
  const HeatMap map = heat.finish(now).front();
  RC_ASSERT(map.values.size() <= 2 * points);
  double found = 0;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    found += map.values[i] * (map.edges[i + 1] - map.edges[i]);
  }
  RC_ASSERT(std::abs(found - whole) <= 1e-6 * std::max(1.0, whole));
}

TEST(NodeHeat, IsKeptOfARunOnlyWhenAskedFor) {
  const auto run = [](std::size_t rows) {
    test::ScriptedCluster script;
    script.nodes(2, {.cpu = 2_cpu}).task({.at = 0s, .cpu = 1_cpu, .service = 100s});
    script.outage(0, 60s, 1000s);
    script.simulation().node_rows = rows;
    return script.run();
  };
  const RunOutcome plain = run(0);
  const RunOutcome measured = run(8);
  EXPECT_TRUE(plain.heat_maps.empty());
  ASSERT_EQ(measured.heat_maps.size(), 2U);
  EXPECT_EQ(plain.fingerprint, measured.fingerprint) << "looking changes nothing";
  EXPECT_EQ(plain.series.front(), measured.series.front());
  EXPECT_EQ(test::metric(plain, "cpu_used_percent"), test::metric(measured, "cpu_used_percent"));
  const HeatMap& down = measured.heat_maps[1];
  EXPECT_THAT(down.rows, ElementsAre("n0", "n1"));
  EXPECT_EQ(down.values.front(), 0);
  EXPECT_GT(std::accumulate(down.values.begin(), down.values.end(), 0.0), 0);
}

TEST(Series, MarksCrashesWhereTheyAre) {
  test::ScriptedCluster script;
  script.nodes(2, {.cpu = 2_cpu}).task({.at = 0s, .cpu = 1_cpu, .service = 100s});
  script.outage(0, 60s, 70s);
  const RunOutcome outcome = script.run();
  const Series* crashes = nullptr;
  for (const Series& series : outcome.series) {
    if (series.name == "node_crashes") crashes = &series;
  }
  ASSERT_NE(crashes, nullptr);
  ASSERT_EQ(crashes->points.size(), 1U);
  EXPECT_EQ(crashes->points[0].value, 1);
  EXPECT_NEAR(crashes->points[0].time_seconds, 60, 1);
}

}  // namespace
}  // namespace orrery::sim
