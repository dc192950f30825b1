// A simulated Kubernetes loses nodes: when who hears of it, and what becomes of the pods.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/tests/support/scripted_cluster.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using test::counter;
using test::metric;
using test::ScriptedCluster;

constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";

/// When the API server said what, in seconds.
class Milestones final : public SchedulerObserver {
 public:
  std::map<NodeId, double> unknown, ready_again, no_schedule, no_execute;
  std::vector<double> terminating, ended, added;

  void before_change(const StateChange& change, Time now) override {
    const double at = seconds(now - kTimeZero);
    if (const auto* ready = std::get_if<change::NodeReadyChanged>(&change)) {
      (ready->is_ready ? ready_again : unknown)[ready->id] = at;
    } else if (const auto* tainted = std::get_if<change::NodeTaintsChanged>(&change)) {
      for (const Taint& taint : *tainted->taints) {
        if (taint.key != kUnreachable) continue;
        (taint.effect == TaintEffect::NoSchedule ? no_schedule : no_execute)
            .emplace(tainted->id, at);
      }
    } else if (std::holds_alternative<change::PodTerminating>(change)) {
      terminating.push_back(at);
    } else if (std::holds_alternative<change::PodEnded>(change)) {
      ended.push_back(at);
    } else if (std::holds_alternative<change::PodAdded>(change)) {
      added.push_back(at);
    }
  }
  void before_cycle(orchestration::ClusterOrchestrator& /*scheduler*/, Time /*now*/) override {}
  void bind_failed(PodId /*pod*/, std::uint64_t /*uid*/, Time /*now*/) override {}
  void decided(const orchestration::Decision& /*decision*/, Time /*now*/) override {}
};

/// Two zones; `lost` nodes in the first. Pods spread evenly by worst fit.
struct Rack {
  ScriptedCluster script;
  Milestones seen;

  explicit Rack(int first_zone, int second_zone) {
    script.cluster().kubernetes = KubernetesSetup{};
    script.cluster().kubernetes->shutdown = 2s;
    script.nodes(first_zone, {.cpu = 8_cpu, .zone = "a"});
    script.nodes(second_zone, {.cpu = 8_cpu, .zone = "b"});
    script.policy("worst-fit");
    script.simulation().horizon = kTimeZero + 1h;
  }
  void services(int count) {
    for (int i = 0; i < count; ++i) script.task({.at = 0s, .service = Duration::max()});
  }
  void happen(Duration at, Incident::Kind kind, int first, int last) {
    Incident incident{.at = kTimeZero + at, .kind = kind, .nodes = {}};
    for (int i = first; i <= last; ++i) incident.nodes.emplace_back(i);
    script.cluster().incidents.push_back(incident);
  }
  RunOutcome run() { return script.run({.observers = {&seen}}); }
};

TEST(NodeFailures, ALostNodeIsMissedAfterItsLeaseAndTheGracePeriod) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Rack rack(1, 3);
    rack.script.simulation().seed = seed;
    rack.happen(100s, Incident::Kind::Crash, 0, 0);
    rack.run();
    // 50 s from the look that saw the last lease, which is 0 to 10 s old; a look every 5 s.
    EXPECT_GE(rack.seen.unknown.at(NodeId{0}), 140);
    EXPECT_LE(rack.seen.unknown.at(NodeId{0}), 155);
    EXPECT_EQ(rack.seen.no_schedule.at(NodeId{0}), rack.seen.unknown.at(NodeId{0}));
    EXPECT_NEAR(rack.seen.no_execute.at(NodeId{0}), rack.seen.unknown.at(NodeId{0}), 0.11);
  }
}

TEST(NodeFailures, TheTenthNodeOfARackIsTaintedNinetySecondsAfterTheFirst) {
  Rack rack(20, 20);
  rack.services(200);
  rack.happen(10min, Incident::Kind::Crash, 0, 19);
  const RunOutcome outcome = rack.run();
  std::vector<double> tainted;
  for (const auto& [node, at] : rack.seen.no_execute) tainted.push_back(at);
  std::sort(tainted.begin(), tainted.end());
  ASSERT_EQ(tainted.size(), 20U);
  // One in ten seconds; but leases end within ten seconds of each other, so that between two looks
  // the zone may be partly disrupted, which stops evictions until the look that finds all gone.
  EXPECT_GE(tainted[9] - tainted[0], 89.9);
  EXPECT_LE(tainted[9] - tainted[0], 110);
  EXPECT_NEAR(tainted[19] - tainted[9], 100, 0.2);
  // Their 100 pods are deleted 300 s later, no budget asked, replaced at once, and stay
  // Terminating as nobody confirms their end.
  ASSERT_EQ(rack.seen.terminating.size(), 100U);
  EXPECT_NEAR(rack.seen.terminating.front(), tainted.front() + 300, 0.5);
  EXPECT_NEAR(rack.seen.terminating.back(), tainted.back() + 300, 0.5);
  EXPECT_EQ(rack.seen.added.size(), 300U);
  EXPECT_TRUE(rack.seen.ended.empty());
  EXPECT_EQ(metric(outcome, "pods_evicted"), 100);
  // Endpoints are stale for the detection time and what the client's 20 calls a second add.
  EXPECT_GT(metric(outcome, "endpoints_stale_seconds"), 100 * 40);
  EXPECT_LT(metric(outcome, "endpoints_stale_seconds"), 100 * 64);
}

TEST(NodeFailures, ANodeThatIsBackEndsWhatWasDeletedAndRestartsTheRest) {
  Rack rack(1, 3);
  rack.services(8);
  rack.happen(100s, Incident::Kind::Crash, 0, 0);
  rack.happen(200s, Incident::Kind::Repair, 0, 0);
  const RunOutcome outcome = rack.run();
  EXPECT_TRUE(rack.seen.terminating.empty()) << "300 s had not passed";
  EXPECT_EQ(rack.seen.ready_again.at(NodeId{0}), 200);
  EXPECT_EQ(rack.seen.added.size(), 8U);
  EXPECT_EQ(counter(outcome, "pods_started"), 8 + 2) << "two of them a second time";

  Rack later(1, 3);
  later.services(8);
  later.happen(100s, Incident::Kind::Crash, 0, 0);
  later.happen(900s, Incident::Kind::Repair, 0, 0);
  later.run();
  EXPECT_EQ(later.seen.terminating.size(), 2U);
  EXPECT_EQ(later.seen.ended, (std::vector<double>{900, 900}));
}

TEST(NodeFailures, PodsOfAPartitionRunOnAndAreEndedWhenTheLinkHeals) {
  Rack rack(1, 3);
  rack.services(8);
  rack.happen(100s, Incident::Kind::Partition, 0, 0);
  rack.happen(1000s, Incident::Kind::Heal, 0, 0);
  const RunOutcome outcome = rack.run();
  EXPECT_EQ(metric(outcome, "endpoints_stale_seconds"), 0) << "they serve, whoever believes it";
  EXPECT_EQ(metric(outcome, "node_partitions"), 1);
  EXPECT_EQ(rack.seen.terminating.size(), 2U);
  ASSERT_EQ(rack.seen.ended.size(), 2U);
  // Its next lease after the heal, and the 2 s that containers take to end.
  EXPECT_GE(rack.seen.ended.front(), 1002);
  EXPECT_LE(rack.seen.ended.front(), 1012);
  // Both copies ran from the eviction to the end of the old ones.
  const double twice = 2 * (rack.seen.ended.front() - rack.seen.terminating.front());
  EXPECT_NEAR(metric(outcome, "pods_running_mean") * 3600, 8 * 3600 + twice, 1);
}

TEST(NodeFailures, WorkThatEndsBehindAPartitionCountsWhenItIsHeardOf) {
  Rack rack(1, 0);
  rack.script.task({.at = 0s, .service = 150s});
  rack.happen(100s, Incident::Kind::Partition, 0, 0);
  rack.happen(300s, Incident::Kind::Heal, 0, 0);
  const RunOutcome outcome = rack.run();
  EXPECT_EQ(counter(outcome, "pods_completed"), 1);
  EXPECT_EQ(counter(outcome, "pods_lost"), 0);
  EXPECT_GE(metric(outcome, "response_seconds_mean"), 300);
  EXPECT_LE(metric(outcome, "response_seconds_mean"), 310);
}

TEST(NodeFailures, AShortPartitionIsNotMissed) {
  Rack rack(1, 3);
  rack.services(8);
  rack.happen(100s, Incident::Kind::Partition, 0, 0);
  rack.happen(130s, Incident::Kind::Heal, 0, 0);
  rack.run();
  EXPECT_TRUE(rack.seen.unknown.empty());
  EXPECT_TRUE(rack.seen.terminating.empty());
}

TEST(NodeFailures, OutOfServiceEndsWhatTerminates) {
  Rack rack(1, 3);
  rack.services(8);
  rack.happen(100s, Incident::Kind::Crash, 0, 0);
  rack.happen(200s, Incident::Kind::OutOfService, 0, 0);
  rack.run();
  // The taint is not tolerated: deleted at once; gone with the next round of garbage collection.
  ASSERT_EQ(rack.seen.terminating.size(), 2U);
  EXPECT_NEAR(rack.seen.terminating.front(), 200, 0.5);
  ASSERT_EQ(rack.seen.ended.size(), 2U);
  EXPECT_LE(rack.seen.ended.front(), 221);
}

TEST(NodeFailures, NothingIsEvictedWhenAllNodesAreLost) {
  Rack rack(2, 2);
  rack.services(8);
  rack.happen(100s, Incident::Kind::Crash, 0, 3);
  rack.happen(1200s, Incident::Kind::Repair, 0, 3);
  const RunOutcome outcome = rack.run();
  EXPECT_EQ(rack.seen.unknown.size(), 4U);
  EXPECT_TRUE(rack.seen.terminating.empty());
  EXPECT_EQ(counter(outcome, "pods_started"), 16);
}

TEST(NodeFailures, AGangIsMadeAnewWhenOneOfItsMembersIsMissed) {
  Rack rack(1, 3);
  rack.script.task({.at = 0s, .cpu = 5_cpu, .service = 1000s, .gang_size = 3});
  rack.happen(100s, Incident::Kind::Crash, 0, 0);
  const RunOutcome outcome = rack.run();
  EXPECT_EQ(counter(outcome, "pods_completed"), 3);
  EXPECT_EQ(counter(outcome, "pods_lost"), 3);
  EXPECT_NEAR(metric(outcome, "makespan_seconds"), 1000 + rack.seen.unknown.at(NodeId{0}), 0.1);
}

TEST(NodeFailures, EndsWithItsWorkWhereNoHorizonIsSet) {
  Rack rack(2, 2);
  rack.script.simulation().horizon = kTimeMax;
  for (int i = 0; i < 8; ++i) rack.script.task({.at = 0s, .service = 1000s});
  rack.happen(100s, Incident::Kind::Crash, 0, 0);  // for good
  const RunOutcome outcome = rack.run();
  EXPECT_EQ(counter(outcome, "pods_completed"), 8);
}

}  // namespace
}  // namespace orrery::sim
