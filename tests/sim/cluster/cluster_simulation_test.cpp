#include <cmath>
#include <vector>

#include <gmock/gmock.h>

#include "orrery/tests/support/scripted_cluster.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using test::counter;
using test::metric;
using test::ScriptedCluster;

TEST(ClusterSimulation, RunsATaskAtOnceWhenThereIsRoom) {
  const RunOutcome outcome = ScriptedCluster{}
                                 .nodes(1, {.cpu = 4_cpu})
                                 .task({.at = 5s, .cpu = 1_cpu, .service = 10s})
                                 .run();
  EXPECT_EQ(counter(outcome, "pods_completed"), 1);
  EXPECT_EQ(metric(outcome, "waiting_seconds_mean"), 0);
  EXPECT_EQ(metric(outcome, "response_seconds_mean"), 10);
  EXPECT_EQ(metric(outcome, "makespan_seconds"), 10);
  EXPECT_EQ(outcome.simulated_end, kTimeZero + 15s);
  // One of four CPUs for ten of fifteen seconds.
  EXPECT_DOUBLE_EQ(metric(outcome, "cpu_allocated_percent"), 100.0 / 4 * 10 / 15);
}

TEST(ClusterSimulation, MakesWorkWaitForRoom) {
  const RunOutcome outcome = ScriptedCluster{}
                                 .nodes(1, {.cpu = 1_cpu})
                                 .task({.at = 0s, .service = 10s})
                                 .task({.at = 1s, .service = 10s})
                                 .task({.at = 2s, .service = 10s})
                                 .run();
  EXPECT_DOUBLE_EQ(metric(outcome, "waiting_seconds_mean"), (0.0 + 9 + 18) / 3);
  EXPECT_EQ(metric(outcome, "makespan_seconds"), 30);
  EXPECT_DOUBLE_EQ(metric(outcome, "pods_waiting_mean"), 27.0 / 30);
}

TEST(ClusterSimulation, AddsUpEveryDelayOnTheWayOfAPod) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 4_cpu}).task({.at = 0s, .service = 10s});
  script.cluster().delays.watch = 100ms;
  script.cluster().delays.scheduling = 20ms;
  script.cluster().delays.bind = 3ms;
  script.cluster().delays.start_up.initialise = Distribution{shape::Constant{2.0}};
  EXPECT_DOUBLE_EQ(metric(script.run(), "waiting_seconds_mean"), 2.123);
}

TEST(ClusterSimulation, OccupiesTheSchedulerForEachCycle) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 4_cpu});
  for (int i = 0; i < 3; ++i) script.task({.at = 0s, .service = 10s});
  script.cluster().delays.scheduling = 1s;
  EXPECT_DOUBLE_EQ(metric(script.run(), "waiting_seconds_mean"), 2);
}

TEST(ClusterSimulation, LosesWorkOnACrashAndRunsItAgainAfterDetection) {
  ScriptedCluster script;
  script.nodes(2, {.cpu = 1_cpu}).task({.at = 0s, .service = 100s}).outage(0, 60s, 1000s);
  script.cluster().delays.detection = 40s;
  const RunOutcome outcome = script.run();
  EXPECT_EQ(counter(outcome, "pods_completed"), 1);
  EXPECT_EQ(counter(outcome, "pods_lost"), 1);
  EXPECT_EQ(counter(outcome, "node_crashes"), 1);
  // Crashed at 60 s, noticed at 100 s, then 100 s from the beginning on the other node.
  EXPECT_EQ(metric(outcome, "response_seconds_mean"), 200);
  EXPECT_DOUBLE_EQ(metric(outcome, "work_lost_hours"), 60.0 / 3600);
  // What the API server believed: allocated throughout; what was true: not used while dead.
  EXPECT_DOUBLE_EQ(metric(outcome, "cpu_used_percent") / metric(outcome, "cpu_allocated_percent"),
                   160.0 / 200);
}

TEST(ClusterSimulation, HearsOfDeadPodsWhenTheNodeIsBackBeforeItWasMissed) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu}).task({.at = 0s, .service = 100s}).outage(0, 60s, 70s);
  script.cluster().delays.detection = 40s;
  EXPECT_EQ(metric(script.run(), "response_seconds_mean"), 170);
}

TEST(ClusterSimulation, BindsToACrashedNodeThatStillLooksReady) {
  ScriptedCluster script;
  script.nodes(2, {.cpu = 1_cpu}).task({.at = 50s, .service = 10s}).outage(0, 45s, 5000s);
  script.cluster().delays.detection = 30s;
  const RunOutcome outcome = script.run();
  // First fit takes the dead node at 50 s; at 75 s it is noticed and the pod replaced.
  EXPECT_EQ(metric(outcome, "response_seconds_mean"), 35);
  EXPECT_EQ(counter(outcome, "pods_lost"), 1);
  EXPECT_EQ(metric(outcome, "work_lost_hours"), 0);
}

TEST(ClusterSimulation, RefusesABindToANodeThatWasFoundDeadMeanwhile) {
  ScriptedCluster script;
  script.nodes(2, {.cpu = 1_cpu}).task({.at = 0s, .service = 10s}).outage(0, 5s, 5000s);
  script.cluster().delays.bind = 30s;
  script.cluster().delays.detection = 10s;
  const RunOutcome outcome = script.run();
  // Decided at 0 s for the node that is noticed at 15 s; refused at 30 s, bound elsewhere at 60 s.
  EXPECT_EQ(counter(outcome, "binds_refused"), 1);
  EXPECT_EQ(counter(outcome, "pods_lost"), 0);
  EXPECT_EQ(metric(outcome, "response_seconds_mean"), 70);
}

TEST(ClusterSimulation, WaitsForANodeThatIsDownToComeBack) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu}).task({.at = 50s, .service = 10s}).outage(0, 10s, 500s);
  EXPECT_EQ(metric(script.run(), "response_seconds_mean"), 460);
}

TEST(ClusterSimulation, GivesUpAtOnceWhenRetryIsNever) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu}).task({.service = 10s}).task({.at = 1s, .service = 10s});
  script.cluster().scheduler.retry = orchestration::Retry::Never;
  const RunOutcome outcome = script.run();
  EXPECT_EQ(counter(outcome, "pods_rejected"), 1);
  EXPECT_EQ(counter(outcome, "pods_completed"), 1);
  EXPECT_EQ(outcome.simulated_end, kTimeZero + 10s);
}

TEST(ClusterSimulation, EndsAlthoughSomeWorkCanNeverRun) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu}).task({.cpu = 2_cpu, .service = 10s}).task({.service = 10s});
  script.cluster().failures.random.push_back(
      {.nodes = {NodeId{0}},
       .model = {.uptime = Distribution{shape::Constant{100}},
                 .repair = Distribution{shape::Constant{1}}}});
  const RunOutcome outcome = script.run();
  EXPECT_EQ(counter(outcome, "pods_unschedulable"), 1);
  EXPECT_EQ(counter(outcome, "pods_completed"), 1);
}

// Above 4,096 nodes rows are fetched before their events, which a crash may cancel meanwhile.
TEST(ClusterSimulation, RunsEverythingInALargeClusterWhoseNodesCrash) {
  constexpr int kNodes = 4200;
  ScriptedCluster script;
  script.nodes(kNodes, {.cpu = 1_cpu});
  for (int i = 0; i < kNodes; ++i) {
    script.task({.at = i * 1ms, .cpu = 1_cpu, .service = 20s + i % 997 * 20ms});
  }
  std::vector<NodeId> nodes;
  for (int i = 0; i < kNodes; ++i) nodes.emplace_back(i);
  script.cluster().failures.random.push_back(
      {.nodes = nodes,
       .model = {.uptime = Distribution{shape::Exponential{60}},
                 .repair = Distribution{shape::Exponential{5}}}});
  const RunOutcome outcome = script.run();
  EXPECT_GT(counter(outcome, "node_crashes"), 1000);
  EXPECT_GT(counter(outcome, "pods_lost"), 1000);
  EXPECT_EQ(counter(outcome, "pods_completed"), kNodes);
}

TEST(ClusterSimulation, StartsAGangOnlyAsAWhole) {
  ScriptedCluster script;
  script.nodes(2, {.cpu = 2_cpu})
      .task({.at = 0s, .cpu = 1_cpu, .service = 30s})
      .task({.at = 1s, .cpu = 1_cpu, .service = 10s, .gang_size = 4});
  const RunOutcome outcome = script.run();
  EXPECT_EQ(counter(outcome, "gangs_started"), 1);
  EXPECT_EQ(counter(outcome, "pods_completed"), 5);
  // Three CPUs were free: the gang of four waited until all four were.
  EXPECT_EQ(metric(outcome, "makespan_seconds"), 40);
}

TEST(ClusterSimulation, LetsSmallerWorkPassAWaitingGang) {
  const RunOutcome outcome = ScriptedCluster{}
                                 .nodes(2, {.cpu = 2_cpu})
                                 .task({.at = 0s, .cpu = 1_cpu, .service = 30s})
                                 .task({.at = 1s, .cpu = 1_cpu, .service = 10s, .gang_size = 4})
                                 .task({.at = 2s, .cpu = 1_cpu, .service = 5s})
                                 .run();
  EXPECT_EQ(metric(outcome, "waiting_seconds_mean"), 4 * 29.0 / 6);
}

TEST(ClusterSimulation, KeepsStrictOrderWhenTheQueueBlocks) {
  ScriptedCluster script;
  script.nodes(2, {.cpu = 2_cpu})
      .task({.at = 0s, .cpu = 1_cpu, .service = 30s})
      .task({.at = 1s, .cpu = 1_cpu, .service = 10s, .gang_size = 4})
      .task({.at = 2s, .cpu = 1_cpu, .service = 5s});
  script.cluster().scheduler.is_blocking = true;
  EXPECT_EQ(metric(script.run(), "waiting_seconds_mean"), (4 * 29.0 + 38) / 6);
}

TEST(ClusterSimulation, RestartsTheWholeGangWhenOneMemberIsLost) {
  ScriptedCluster script;
  script.nodes(3, {.cpu = 1_cpu})
      .task({.at = 0s, .cpu = 1_cpu, .service = 100s, .gang_size = 2})
      .outage(1, 40s, 10000s);
  script.cluster().delays.detection = 10s;
  const RunOutcome outcome = script.run();
  EXPECT_EQ(counter(outcome, "pods_completed"), 2);
  EXPECT_EQ(counter(outcome, "pods_lost"), 2);
  EXPECT_EQ(metric(outcome, "response_seconds_mean"), 150);
  EXPECT_DOUBLE_EQ(metric(outcome, "work_lost_hours"), 2 * 40.0 / 3600);
}

TEST(ClusterSimulation, OrdersTheQueueAsAsked) {
  struct Case {
    const char* name;
    policies::QueueOrder order;
    double expected_wait;
  };
  // A runs first; B (long, low) and C (short, high) wait for it.
  for (const Case& row :
       {Case{"fifo", policies::QueueOrder::Fifo, (0 + 9.0 + 28) / 3},
        Case{"priority", policies::QueueOrder::Priority, (0 + 8.0 + 14) / 3},
        Case{"shortest", policies::QueueOrder::ShortestFirst, (0 + 8.0 + 14) / 3}}) {
    ScriptedCluster script;
    script.nodes(1, {.cpu = 1_cpu})
        .task({.at = 0s, .service = 10s})
        .task({.at = 1s, .service = 20s, .priority = 1, .estimate = 20s})
        .task({.at = 2s, .service = 5s, .priority = 2, .estimate = 5s});
    script.cluster().scheduler.queue_order = row.order;
    EXPECT_DOUBLE_EQ(metric(script.run(), "waiting_seconds_mean"), row.expected_wait) << row.name;
  }
}

TEST(ClusterSimulation, BacksOffAsKubernetesDoes) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu})
      .task({.at = 0s, .service = 500ms})
      .task({.at = 0s, .service = 10s});
  script.cluster().scheduler.backoff_initial = 1s;
  // Tried in vain at 0 s; room at 0.5 s, but the back-off of 1 s ends at 1 s.
  EXPECT_DOUBLE_EQ(metric(script.run(), "waiting_seconds_mean"), 0.5);
}

TEST(ClusterSimulation, EndsPodsOfLowerPriorityForOneThatComes) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu})
      .task({.at = 0s, .service = 100s})
      .task({.at = 10s, .service = 5s, .priority = 1});
  script.policy("kube-default");
  const RunOutcome outcome = script.run();
  EXPECT_EQ(counter(outcome, "pods_completed"), 2);
  EXPECT_EQ(metric(outcome, "pods_lost"), 1);
  // The urgent one runs at once; the other starts again when it has ended.
  EXPECT_EQ(outcome.simulated_end, kTimeZero + 115s);
  EXPECT_EQ(metric(outcome, "work_lost_hours"), 10.0 / 3600);
}

TEST(ClusterSimulation, LeavesVictimsTheTimeToShutDown) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu})
      .task({.at = 0s, .service = 100s})
      .task({.at = 10s, .service = 5s, .priority = 1});
  script.policy("kube-default");
  script.cluster().kubernetes = KubernetesSetup{};
  const RunOutcome outcome = script.run();
  EXPECT_EQ(counter(outcome, "pods_completed"), 2);
  EXPECT_EQ(metric(outcome, "pods_preempted"), 1);
  EXPECT_DOUBLE_EQ(metric(outcome, "waiting_seconds_mean"),
                   15);  // 0 s and the grace period of 30 s
}

TEST(ClusterSimulation, IntegratesPowerAndPriceExactly) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 4_cpu})
      .task({.at = 0s, .cpu = 2_cpu, .service = 1800s})
      .outage(0, 2700s, 3600s);
  script.cluster().rates = {
      {.idle_milliwatts = 100'000, .cpu_milliwatts = 200'000, .price_micros_per_hour = 500'000}};
  script.simulation().horizon = kTimeZero + 3600s;
  const RunOutcome outcome = script.run();
  // 200 W for half an hour, 100 W for a quarter, nothing while down; the price runs on.
  EXPECT_DOUBLE_EQ(metric(outcome, "energy_kwh"), 0.1 + 0.025);
  EXPECT_DOUBLE_EQ(metric(outcome, "cost"), 0.5);
}

TEST(ClusterSimulation, LeavesAFixedWarmUpOut) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu}).task({.at = 0s, .service = 100s});
  script.simulation().horizon = kTimeZero + 150s;
  script.simulation().warm_up = {.kind = WarmUpRule::Kind::Fixed, .span = 50s};
  EXPECT_DOUBLE_EQ(metric(script.run(), "cpu_allocated_percent"), 50);
}

TEST(ClusterSimulation, SaysWhenTheWholeRunWasWarmUp) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu}).task({.at = 0s, .service = 100s});
  script.simulation().warm_up = {.kind = WarmUpRule::Kind::Fixed, .span = 200s};
  const Result<RunOutcome> outcome = run_simulation(script.build());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message,
            "the run ended at 100 s, before its warm-up of 200 s was over");
}

TEST(ClusterSimulation, StopsAtTheHorizonWithWorkLeft) {
  ScriptedCluster script;
  script.nodes(1, {.cpu = 1_cpu}).task({.at = 0s, .service = Duration::max()});
  script.simulation().horizon = kTimeZero + 3600s;
  const RunOutcome outcome = script.run();
  EXPECT_EQ(outcome.simulated_end, kTimeZero + 3600s);
  EXPECT_EQ(metric(outcome, "cpu_used_percent"), 100);
}

TEST(FailurePlan, LetsGroupsOfOneNameFailApartInTwoClusters) {
  const FailureModel model{.uptime = Distribution{shape::Exponential{.mean = 1000}},
                           .repair = Distribution{shape::Constant{1}}};
  FailurePlan plan;
  plan.groups.push_back({.nodes = {NodeId{0}}, .group = ~std::uint64_t{0}, .model = model});
  auto here = failure_causes(plan, 1, ClusterId{0});
  auto there = failure_causes(plan, 1, ClusterId{1});
  EXPECT_NE(here.front().next(kTimeZero)->start, there.front().next(kTimeZero)->start);
}

}  // namespace
}  // namespace orrery::sim
