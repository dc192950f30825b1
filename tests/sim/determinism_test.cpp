// Equal setups give equal outcomes, byte for byte, on any number of threads; two policies under one
// seed meet the same arrivals and crashes.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/policies/registry.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/tests/support/random_mesh.hpp"
#include "orrery/tests/support/scripted_cluster.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using test::counter;
using test::digest;
using test::random_mesh;

TEST(Determinism, GivesTheSameBytesOnAnyNumberOfThreads) {
  const std::string once = digest(run_simulation(random_mesh(7, "best-fit", 3, 500, 50ms)).value());
  for (const unsigned threads : {1U, 2U, 8U}) {
    RunHooks hooks;
    hooks.threads = threads;
    EXPECT_EQ(digest(run_simulation(random_mesh(7, "best-fit", 3, 500, 50ms), hooks).value()), once)
        << threads << " threads";
  }
}

/// One line for each policy: what a run of it came to, exactly.
std::string golden_text() {
  const policies::PolicyRegistry registry = policies::with_builtin_policies();
  std::string text;
  for (const std::string& policy : registry.names("placement")) {
    const RunOutcome outcome = run_simulation(random_mesh(7, policy, 2, 300, 50ms)).value();
    text += fmt::format("{} fingerprint={:016x} events={} lost={} waiting_seconds_mean={:a}\n",
                        policy, outcome.fingerprint, outcome.events, counter(outcome, "pods_lost"),
                        test::metric(outcome, "waiting_seconds_mean"));
  }
  return text;
}

/// Results must be the same tomorrow. After a deliberate change, said in CHANGELOG.md under
/// "Results changed": ORRERY_UPDATE_GOLDEN=1 ctest --preset dev -R GoldenResults
TEST(Determinism, GivesTheGoldenResults) {
  const std::string path = ORRERY_SOURCE_DIR "/tests/sim/determinism.golden";
  const std::string now = golden_text();
  if (std::getenv("ORRERY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << now;
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(now, golden.str());
}

TEST(Determinism, DrawsOtherNumbersFromAnotherSeed) {
  EXPECT_NE(digest(run_simulation(random_mesh(7, "best-fit", 1, 200, 0ms)).value()),
            digest(run_simulation(random_mesh(8, "best-fit", 1, 200, 0ms)).value()));
}

/// When which node was reported down and up again.
class ReportedCrashes final : public SchedulerObserver {
 public:
  void before_change(const StateChange& change, Time now) override {
    if (const auto* ready = std::get_if<change::NodeReadyChanged>(&change)) {
      reports.emplace_back(ready->id, ready->is_ready, now);
    }
  }
  void before_cycle(orchestration::ClusterOrchestrator&, Time) override {}
  void bind_failed(PodId, std::uint64_t, Time) override {}
  void decided(const orchestration::Decision&, Time) override {}

  std::vector<std::tuple<NodeId, bool, Time>> reports;
};

TEST(Determinism, LetsTwoPoliciesMeetTheSameArrivalsAndCrashes) {
  ReportedCrashes first;
  ReportedCrashes second;
  RunHooks hooks;
  SimulationSetup a = random_mesh(5, "random", 1, 300, 0ms);
  SimulationSetup b = random_mesh(5, "best-fit", 1, 300, 0ms);
  a.horizon = b.horizon = kTimeZero + 8000s;
  hooks.observers = {&first};
  const RunOutcome with_random = run_simulation(std::move(a), hooks).value();
  hooks.observers = {&second};
  const RunOutcome with_best_fit = run_simulation(std::move(b), hooks).value();
  EXPECT_GT(first.reports.size(), 10U);
  EXPECT_EQ(first.reports, second.reports);
  EXPECT_EQ(counter(with_random, "pods_arrived"), counter(with_best_fit, "pods_arrived"));
  EXPECT_EQ(counter(with_random, "node_crashes"), counter(with_best_fit, "node_crashes"));
}

/// Invariants, whatever happens: no node is over-committed and each pod is in one state
/// (ORRERY_CHECK inside), all work that fits is done in the end, and nothing stays reserved.
RC_GTEST_PROP(ClusterSimulationProperty, FinishesAllWorkAndLeavesNothingReserved, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1'000'000);
  const auto policy = *rc::gen::element<std::string>("random", "first-fit", "best-fit", "worst-fit",
                                                     "gpu-packing", "dot-product", "gpu-clustering",
                                                     "least-allocated", "kube-default");
  const auto watch = *rc::gen::element<Duration>(0ms, 30ms, 2s);
  const auto pods = *rc::gen::inRange<std::uint64_t>(1, 150);
  const RunOutcome outcome = run_simulation(random_mesh(seed, policy, 1, pods, watch)).value();
  RC_ASSERT(counter(outcome, "pods_completed") == counter(outcome, "pods_arrived"));
  RC_ASSERT(counter(outcome, "pods_started") >= counter(outcome, "pods_completed"));
}

}  // namespace
}  // namespace orrery::sim
