#include "orrery/sim/stepping/stepped_run.hpp"

#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "orrery/models/check.hpp"
#include "orrery/sim/stepping/named_totals.hpp"
#include "orrery/tests/support/scripted_cluster.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using test::metric;
using test::ScriptedCluster;
using testing::HasSubstr;

/// Three nodes, one of which dies for a while; single pods, and gangs that do not always fit.
ScriptedCluster busy_cluster() {
  ScriptedCluster script;
  script.nodes(3, {.cpu = 4_cpu}).outage(1, 40s, 90s);
  for (int i = 0; i < 60; ++i) {
    script.task({.at = i * 2s,
                 .cpu = 1_cpu * (1 + i % 3),
                 .service = (5 + i * 7 % 11) * 1s,
                 .gang_size = i % 10 == 9 ? 3U : 1U});
  }
  script.cluster().delays.detection = 10s;
  script.cluster().delays.bind = 100ms;
  return script;
}

/// The lowest node that fits: what the policy first-fit takes.
NodeId first_fit(const SteppedRun& run) {
  const policies::ClusterView view = run.view();
  for (std::size_t i = 0; i < view.state.node_count(); ++i) {
    if (view.state.fits(NodeId{i}, view.state.pod(run.pod()))) return NodeId{i};
  }
  return {};
}

/// Up to the next decision, or none at the end.
bool next_decision(SteppedRun& run) {
  for (;;) {
    const SteppedRun::Stop stop = run.advance().value();
    if (stop != SteppedRun::Stop::Breath) return stop == SteppedRun::Stop::Decision;
  }
}

RunOutcome play(SteppedRun& run, const std::function<void(SteppedRun&)>& decide) {
  while (next_decision(run)) decide(run);
  return run.finish().value();
}

/// Everything that was measured, as text: undefined figures are NaN, which equals nothing.
std::string text_of(const RunOutcome& outcome) {
  std::string text = fmt::format("{} {}\n", outcome.fingerprint, outcome.events);
  for (const MetricValue& one : outcome.metrics)
    text += fmt::format("{} {}\n", one.name, one.value);
  for (const Counter& one : outcome.counters) text += fmt::format("{} {}\n", one.name, one.value);
  for (const Series& series : outcome.series) {
    text += series.name;
    for (const SeriesPoint& at : series.points) text += fmt::format(" {}", at.value);
    text += "\n";
  }
  return text;
}

double total(const SteppedRun& run, std::string_view name) {
  std::vector<double> values;
  run.read_totals(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (named_totals()[i].name == name) return values[i];
  }
  throw std::out_of_range(std::string(name));
}

TEST(SteppedRun, GivesTheOutcomeOfThePolicyThatItImitates) {
  const RunOutcome wanted = busy_cluster().run();
  SteppedRun run(busy_cluster().build(), ClusterId{0});
  const RunOutcome outcome = play(run, [](SteppedRun& at) { at.place(first_fit(at)); });
  EXPECT_EQ(text_of(outcome), text_of(wanted));
}

TEST(SteppedRun, StepsOneClusterOfSeveralAndLeavesTheOthersTheirPolicies) {
  const auto build = [] {
    SimulationSetup setup = busy_cluster().build();
    for (const char* policy : {"worst-fit", "best-fit"}) {
      SimulationSetup more = busy_cluster().policy(policy).build();
      more.clusters.front().name = policy;
      setup.clusters.push_back(std::move(more.clusters.front()));
    }
    setup.horizon = kTimeZero + 200s;
    return setup;
  };
  const RunOutcome wanted = run_simulation(build()).value();
  for (std::size_t cluster = 0; cluster < 3; ++cluster) {
    SteppedRun run(build(), ClusterId{cluster});
    const RunOutcome other = play(run, [](SteppedRun& at) { at.place(first_fit(at)); });
    EXPECT_EQ(text_of(other) == text_of(wanted), cluster == 0) << cluster;
  }
}

TEST(SteppedRun, BeginsAtTheForkOfARunThatIsForked) {
  constexpr Time kFork = kTimeZero + 60s;
  const auto build = [] {
    SimulationSetup setup = busy_cluster().policy("worst-fit").build();
    setup.fork = Fork{.at = kFork, .seed = 3, .policies = {}};
    setup.fork->policies.push_back(std::move(busy_cluster().build().clusters.front().policy));
    return setup;
  };
  const RunOutcome wanted = run_simulation(build()).value();
  SteppedRun run(build(), ClusterId{0});
  const RunOutcome outcome = play(run, [&](SteppedRun& at) {
    EXPECT_GE(at.view().now, kFork);
    at.place(first_fit(at));
  });
  EXPECT_EQ(text_of(outcome), text_of(wanted));
}

TEST(SteppedRun, CanBeGivenUpAtAnyDecision) {
  for (int decisions = 0; decisions < 30; ++decisions) {
    SteppedRun run(busy_cluster().build(), ClusterId{0});
    for (int i = 0; i < decisions && next_decision(run); ++i) run.place(first_fit(run));
  }
}

TEST(SteppedRun, CanBeGivenUpBeforeItsFiguresAreMade) {
  SteppedRun run(busy_cluster().build(), ClusterId{0});
  while (next_decision(run)) run.place(first_fit(run));
}

TEST(SteppedRun, AsksOnlyForPodsThatFitSomewhere) {
  SteppedRun run(busy_cluster().build(), ClusterId{0});
  play(run, [](SteppedRun& at) {
    EXPECT_TRUE(first_fit(at));
    at.place(first_fit(at));
  });
}

TEST(SteppedRun, LetsAPodWaitByChoiceUntilRoomIsFreed) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 2_cpu}).task({.service = 10s}).task({.at = 3s, .service = 10s});
  SteppedRun run(script.build(), ClusterId{0});
  ASSERT_TRUE(next_decision(run));
  run.wait();
  ASSERT_TRUE(next_decision(run));  // the second pod, at 3 s
  EXPECT_EQ(run.view().now, kTimeZero + 3s);
  EXPECT_EQ(run.waiting(), 1U);
  run.place(NodeId{0});
  ASSERT_TRUE(next_decision(run));  // the first again, when the second is done
  EXPECT_EQ(run.view().state.pod(run.pod()).created, kTimeZero);
  run.place(NodeId{0});
  EXPECT_FALSE(next_decision(run));
  EXPECT_EQ(metric(run.finish().value(), "waiting_seconds_mean"), 6.5);
}

TEST(SteppedRun, AddsUpTheTotalsThatTheFiguresAreMadeFrom) {
  SteppedRun run(busy_cluster().build(), ClusterId{0});
  double waited = 0;
  while (next_decision(run)) {
    EXPECT_GE(total(run, "waiting_seconds"), waited);
    waited = total(run, "waiting_seconds");
    run.place(first_fit(run));
  }
  const double span = seconds(run.view().now);
  const double waiting = total(run, "waiting_seconds");
  const double cpu = total(run, "cpu_core_seconds");
  const double slowdown = total(run, "slowdown");
  const double completed = total(run, "pods_completed");
  const RunOutcome outcome = run.finish().value();
  EXPECT_GT(waiting, 0);
  EXPECT_NEAR(waiting, metric(outcome, "pods_waiting_mean") * span, 1e-9 * waiting);
  EXPECT_EQ(completed, metric(outcome, "pods_completed"));
  EXPECT_NEAR(slowdown, metric(outcome, "slowdown_mean") * completed, 1e-9 * slowdown);
  EXPECT_GT(cpu, 0);
}

TEST(SteppedRun, CountsNothingBeforeAFixedWarmUpIsOver) {
  ScriptedCluster script = busy_cluster();
  script.simulation().warm_up = {.kind = WarmUpRule::Kind::Fixed, .span = 30s};
  SteppedRun run(script.build(), ClusterId{0});
  while (next_decision(run)) {
    if (run.view().now <= kTimeZero + 30s) {
      EXPECT_EQ(total(run, "waiting_seconds"), 0);
      EXPECT_EQ(total(run, "cpu_core_seconds"), 0);
    }
    run.place(first_fit(run));
  }
  const double span = seconds(run.view().now) - 30;
  const double waiting = total(run, "waiting_seconds");
  const RunOutcome outcome = run.finish().value();
  EXPECT_NEAR(waiting, metric(outcome, "pods_waiting_mean") * span, 1e-9 * waiting);
}

/// Breaks after two pods.
class BrokenWorkload final : public traces::WorkloadSource {
 public:
  Result<bool> next(traces::WorkloadItem& item) override {
    if (++items_ > 2) return failure({.at = {.file = "broken.csv"}, .message = "unreadable"});
    item = {.arrival = kTimeZero + items_ * 1s,
            .cpu = 1_cpu,
            .memory = {},
            .pod_template = template_,
            .service = 5s,
            .cluster = {}};
    return true;
  }
  [[nodiscard]] std::string describe() const override { return "a broken workload"; }

 private:
  int items_ = 0;
  std::shared_ptr<const PodTemplate> template_ = std::make_shared<const PodTemplate>();
};

TEST(SteppedRun, ReportsWhatIsWrongWithTheWorkload) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 4_cpu});
  script.cluster().workload = std::make_unique<BrokenWorkload>();
  SteppedRun run(script.build(), ClusterId{0});
  std::optional<Error> error;
  while (!error) {
    const auto stop = run.advance();
    if (!stop) error = stop.error();
    if (stop) run.place(NodeId{0});
  }
  EXPECT_THAT(to_string(*error), HasSubstr("unreadable"));
}

TEST(SteppedRun, StopsAtAPlacementThatDoesNotFit) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu}).nodes(1, {.cpu = 4_cpu}).task({.cpu = 2_cpu, .service = 1s});
  SteppedRun run(script.build(), ClusterId{0});
  ASSERT_TRUE(next_decision(run));
  run.place(NodeId{0});
  EXPECT_THROW(static_cast<void>(run.advance()), CheckFailure);
}

TEST(SteppedRun, TakesABreathInLongStretchesWithoutDecisions) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu});
  for (int i = 0; i < 20'000; ++i) script.task({.cpu = 2_cpu, .service = 1s});  // never fits
  SteppedRun run(script.build(), ClusterId{0});
  int breaths = 0;
  while (run.advance().value() == SteppedRun::Stop::Breath) ++breaths;
  EXPECT_GE(breaths, 4);
}

}  // namespace
}  // namespace orrery::sim
