// Whatever fails in a simulated Kubernetes: results are the same on any number of threads, a fork
// that draws nothing anew changes nothing, and all work is done in the end.
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "orrery/tests/support/random_mesh.hpp"
#include "orrery/tests/support/scripted_cluster.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using test::counter;
using test::digest;
using test::random_mesh;

/// The random mesh as Kubernetes; every third node is cut off instead of crashing.
SimulationSetup kubernetes_mesh(std::uint64_t seed, int clusters, std::uint64_t pods,
                                Duration watch) {
  SimulationSetup setup = random_mesh(seed, "best-fit", clusters, pods, watch);
  for (ClusterSetup& cluster : setup.clusters) {
    cluster.kubernetes = KubernetesSetup{};
    cluster.kubernetes->nodes.default_toleration = 30s;
    cluster.kubernetes->shutdown = 5s;
    for (std::size_t i = 0; i < cluster.failures.random.size(); i += 3) {
      cluster.failures.random[i].kind = OutageKind::Partition;
    }
  }
  return setup;
}

/// The same with a service in each cluster that is scaled and rolled over while nodes fail.
SimulationSetup services_mesh(std::uint64_t seed, int clusters) {
  SimulationSetup setup = kubernetes_mesh(seed, clusters, 200, 50ms);
  setup.horizon = kTimeZero + 2h;
  for (ClusterSetup& cluster : setup.clusters) {
    Deployment web;
    web.name.name = "web";
    web.replicas = 20;
    web.pod.cpu = 1_cpu;
    cluster.kubernetes->deployments.push_back(web);
    cluster.incidents.push_back(
        {.at = kTimeZero + 1500s, .kind = Incident::Kind::Rollout, .nodes = {}});
    cluster.incidents.push_back(
        {.at = kTimeZero + 1510s, .kind = Incident::Kind::Scale, .nodes = {}, .replicas = 30});
  }
  return setup;
}

TEST(KubernetesProperty, GivesTheSameBytesOnAnyNumberOfThreads) {
  const std::string once = digest(run_simulation(services_mesh(7, 3)).value());
  for (const unsigned threads : {2U, 8U}) {
    RunHooks hooks;
    hooks.threads = threads;
    EXPECT_EQ(digest(run_simulation(services_mesh(7, 3), hooks).value()), once);
  }
}

TEST(KubernetesProperty, AForkThatChangesNothingGivesTheSameRun) {
  SimulationSetup plain = services_mesh(5, 1);
  SimulationSetup forked = services_mesh(5, 1);
  forked.fork = Fork{.at = kTimeZero + 2000s, .seed = 5, .policies = {}};
  forked.fork->policies.push_back(nullptr);
  const RunOutcome one = run_simulation(std::move(plain)).value();
  const RunOutcome other = run_simulation(std::move(forked)).value();
  EXPECT_EQ(one.fingerprint, other.fingerprint);
  EXPECT_EQ(one.events, other.events);
}

RC_GTEST_PROP(KubernetesProperty, FinishesAllWork, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1'000'000);
  const auto watch = *rc::gen::element<Duration>(0ms, 30ms, 2s);
  const auto pods = *rc::gen::inRange<std::uint64_t>(1, 120);
  const RunOutcome outcome = run_simulation(kubernetes_mesh(seed, 1, pods, watch)).value();
  RC_ASSERT(counter(outcome, "pods_completed") == counter(outcome, "pods_arrived"));
  RC_ASSERT(counter(outcome, "pods_started") >= counter(outcome, "pods_completed"));
}

}  // namespace
}  // namespace orrery::sim
