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

#include "orrery/models/stream.hpp"
#include "orrery/policies/registry.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/tests/support/scripted_cluster.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using test::counter;

/// Random pods, gangs among them, some with GPUs; sizes from the seed alone.
class RandomWorkload final : public traces::WorkloadSource {
 public:
  RandomWorkload(std::uint64_t seed, std::uint64_t cluster, std::uint64_t pods)
      : stream_{seed, Purpose::Test, cluster}, left_(pods) {
    PodTemplate plain;
    PodTemplate shared;
    shared.gpu = {.count = 1, .milli = 300};
    PodTemplate whole;
    whole.gpu = {.count = 2, .milli = 1000};
    for (const PodTemplate& spec : {plain, shared, whole}) {
      templates_.push_back(std::make_shared<const PodTemplate>(spec));
    }
  }
  Result<bool> next(traces::WorkloadItem& item) override {
    if (missing_in_gang_ > 0) {
      --missing_in_gang_;
    } else {
      if (left_-- == 0) return false;
      ++gang_;
      at_ = saturating_add(at_, duration_from_seconds(20 * stream_.exponential()));
      item.gang_size =
          stream_.below(10) == 0 ? 1 + static_cast<std::uint32_t>(stream_.below(4)) : 1;
      missing_in_gang_ = item.gang_size - 1;
      item.arrival = at_;
      item.cpu = MilliCpu{static_cast<std::int64_t>(1 + stream_.below(8)) * 500};
      item.memory = Bytes{static_cast<std::int64_t>(1 + stream_.below(16)) << 30};
      item.pod_template = templates_[stream_.below(templates_.size())];
      item.service = duration_from_seconds(600 * stream_.exponential());
    }
    item.gang = gang_;
    return true;
  }
  [[nodiscard]] std::string describe() const override { return "random pods"; }

 private:
  Stream stream_;
  std::uint64_t left_;
  std::uint64_t gang_ = 0;
  std::uint32_t missing_in_gang_ = 0;
  Time at_{};
  std::vector<std::shared_ptr<const PodTemplate>> templates_;
};

SimulationSetup random_mesh(std::uint64_t seed, const std::string& policy, int clusters,
                            std::uint64_t pods, Duration watch) {
  const policies::PolicyRegistry registry = policies::with_builtin_policies();
  SimulationSetup setup;
  setup.seed = seed;
  for (int c = 0; c < clusters; ++c) {
    ClusterSetup cluster;
    cluster.name = "c" + std::to_string(c);
    for (int n = 0; n < 12; ++n) {
      Node node{.name = "n" + std::to_string(n), .cpu = 16_cpu, .memory = 64_GiB};
      if (n % 2 == 0) {
        node.gpus = 4;
        node.gpu_model = n % 4 == 0 ? "A" : "B";
      }
      cluster.nodes.push_back(std::make_shared<const Node>(std::move(node)));
      cluster.failures.random.push_back(
          {.nodes = {NodeId{n}},
           .model = {.uptime = Distribution{shape::Weibull{.shape = 0.7, .scale = 3000}},
                     .repair = Distribution{shape::Exponential{.mean = 200}}}});
    }
    cluster.delays.watch = watch;
    cluster.delays.bind = watch / 2;
    cluster.delays.detection = 40s;
    cluster.delays.start_up.initialise = Distribution{shape::Exponential{.mean = 3}};
    cluster.policy =
        policies::make_placement(
            nlohmann::json(policy), {},
            {.seed = seed, .cluster = ClusterId{c}, .profile = nullptr, .registry = registry})
            .value();
    cluster.workload = std::make_unique<RandomWorkload>(seed, static_cast<std::uint64_t>(c), pods);
    setup.clusters.push_back(std::move(cluster));
  }
  return setup;
}

/// Everything that an outcome says, exactly.
std::string digest(const RunOutcome& outcome) {
  std::string text = std::to_string(outcome.fingerprint) + ";" + std::to_string(outcome.events);
  for (const MetricValue& value : outcome.metrics) {
    char exact[64];
    std::snprintf(exact, sizeof exact, "%a", value.value);
    text += ";" + value.name + "=" + exact;
  }
  for (const Series& series : outcome.series) {
    for (const SeriesPoint& point : series.points) {
      char exact[64];
      std::snprintf(exact, sizeof exact, "%a,%a", point.time_seconds, point.value);
      text += std::string{" "} + exact;
    }
  }
  for (const Counter& value : outcome.counters) {
    text += ";" + value.name + "=" + std::to_string(value.value);
  }
  return text;
}

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
  const auto policy =
      *rc::gen::element<std::string>("random", "first-fit", "best-fit", "worst-fit", "gpu-packing",
                                     "dot-product", "gpu-clustering", "least-allocated");
  const auto watch = *rc::gen::element<Duration>(0ms, 30ms, 2s);
  const auto pods = *rc::gen::inRange<std::uint64_t>(1, 150);
  const RunOutcome outcome = run_simulation(random_mesh(seed, policy, 1, pods, watch)).value();
  RC_ASSERT(counter(outcome, "pods_completed") == counter(outcome, "pods_arrived"));
  RC_ASSERT(counter(outcome, "pods_started") >= counter(outcome, "pods_completed"));
}

}  // namespace
}  // namespace orrery::sim
