// Deployments of a simulated Kubernetes: what becomes of their pods, and when.
#include <algorithm>
#include <map>
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

/// How many pods were there over time, and when which came and went.
class Pods final : public SchedulerObserver {
 public:
  std::vector<double> added, started, terminating, ended;
  int active = 0;
  int most = 0;
  std::map<double, int> active_at;

  void before_change(const StateChange& change, Time now) override {
    const double at = seconds(now - kTimeZero);
    if (std::holds_alternative<change::PodAdded>(change)) {
      added.push_back(at);
      most = std::max(most, ++active);
    } else if (std::holds_alternative<change::PodStarted>(change)) {
      started.push_back(at);
    } else if (std::holds_alternative<change::PodTerminating>(change)) {
      terminating.push_back(at);
      --active;
    } else if (std::holds_alternative<change::PodEnded>(change)) {
      ended.push_back(at);
    }
    active_at[at] = active;
  }
  void before_cycle(orchestration::ClusterOrchestrator& /*scheduler*/, Time /*now*/) override {}
  void bind_failed(PodId /*pod*/, std::uint64_t /*uid*/, Time /*now*/) override {}
  void decided(const orchestration::Decision& /*decision*/, Time /*now*/) override {}
};

struct Service {
  ScriptedCluster script;
  Pods pods;

  explicit Service(std::int32_t replicas, int nodes = 4) {
    Deployment web;
    web.name.name = "web";
    web.replicas = replicas;
    web.pod.cpu = 100_m;
    script.cluster().kubernetes = KubernetesSetup{};
    script.cluster().kubernetes->shutdown = 2s;
    script.cluster().kubernetes->deployments.push_back(web);
    script.cluster().delays.start_up.initialise = Distribution{shape::Constant{1.0}};
    script.nodes(nodes, {.cpu = 64_cpu, .pods = 500});
    script.policy("worst-fit");
    script.simulation().horizon = kTimeZero + 1h;
  }
  Deployment& web() { return script.cluster().kubernetes->deployments.front(); }
  void scale(Duration at, std::int32_t replicas) {
    script.cluster().incidents.push_back(
        {.at = kTimeZero + at, .kind = Incident::Kind::Scale, .nodes = {}, .replicas = replicas});
  }
  void roll_out(Duration at) {
    script.cluster().incidents.push_back(
        {.at = kTimeZero + at, .kind = Incident::Kind::Rollout, .nodes = {}});
  }
  RunOutcome run() { return script.run({.observers = {&pods}}); }
};

TEST(Workloads, ADeploymentHasItsReplicasAsFastAsItsClientMayCall) {
  Service service(200);
  service.run();
  ASSERT_EQ(service.pods.added.size(), 200U);
  EXPECT_EQ(service.pods.added[29], 0) << "a burst of 30";
  EXPECT_DOUBLE_EQ(service.pods.added.back(), 8.5) << "then 20 a second";
  EXPECT_EQ(service.pods.active, 200);
}

TEST(Workloads, ScalingDownDeletesAsFast) {
  Service service(200);
  service.scale(5min, 50);
  service.run();
  ASSERT_EQ(service.pods.terminating.size(), 150U);
  EXPECT_DOUBLE_EQ(service.pods.terminating.front(), 300);
  EXPECT_DOUBLE_EQ(service.pods.terminating.back(), 306);
  EXPECT_EQ(service.pods.active, 50);
  EXPECT_EQ(service.pods.ended.size(), 150U);
}

TEST(Workloads, ARollingUpdateKeepsItsLimits) {
  Service service(40);
  service.roll_out(5min);
  const RunOutcome outcome = service.run();
  EXPECT_EQ(service.pods.added.size(), 80U);
  EXPECT_EQ(service.pods.active, 40);
  EXPECT_LE(service.pods.most, 50);
  for (const auto& [at, active] : service.pods.active_at) {
    if (at > 10) {
      EXPECT_GE(active, 30) << at;
    }
  }
  EXPECT_EQ(metric(outcome, "pods_evicted"), 0);
  EXPECT_EQ(counter(outcome, "pods_lost"), 0) << "all this was wanted";
}

TEST(Workloads, RecreateWaitsForTheLastOldPod) {
  Service service(10);
  service.web().recreates = true;
  service.roll_out(5min);
  service.run();
  ASSERT_EQ(service.pods.added.size(), 20U);
  EXPECT_EQ(service.pods.added[10], service.pods.ended.back());
}

TEST(Workloads, MinReadySecondsSlowARolloutDown) {
  Service service(4);
  service.web().ready_min = 60s;
  service.roll_out(5min);
  service.run();
  EXPECT_EQ(service.pods.active, 4);
  // One more than four may be there and one may be missing: two steps at least, each a minute.
  EXPECT_GE(service.pods.terminating.back(), 300 + 61);
}

TEST(Workloads, PodsOfALostNodeAreReplacedOnceTheyAreDeleted) {
  Service service(40);
  service.script.cluster().incidents.push_back(
      {.at = kTimeZero + 10min, .kind = Incident::Kind::Crash, .nodes = {NodeId{0}}});
  const RunOutcome outcome = service.run();
  const auto evicted = static_cast<std::size_t>(metric(outcome, "pods_evicted"));
  EXPECT_GE(evicted, 8U);
  ASSERT_EQ(service.pods.added.size(), 40 + evicted);
  EXPECT_GE(service.pods.added[40], 600 + 340);
  EXPECT_LE(service.pods.added[40], 600 + 360);
  EXPECT_EQ(counter(outcome, "pods_started"), static_cast<std::int64_t>(40 + evicted));
}

TEST(Workloads, ASetThatShrinksWhileItGrowsEndsRight) {
  Service service(200);
  service.scale(2s, 20);
  service.scale(4s, 120);
  service.scale(20s, 60);
  service.roll_out(21s);
  service.scale(22s, 90);
  service.run();
  EXPECT_EQ(service.pods.active, 90);
}

}  // namespace
}  // namespace orrery::sim
