// Place and run: nodes of 64 CPUs and 256 GiB, Poisson tasks at 80 % CPU load. The whole way of a
// pod — arrival, queue, policy, bind, run, end, metrics — against a bare loop that does nothing but
// first fit: a heap of departures and a tree of maxima over the nodes.
#include <algorithm>
#include <bit>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <nlohmann/json.hpp>

#include "orrery/policies/registry.hpp"
#include "orrery/sim/simulation.hpp"
#include "poisson_tasks.hpp"

namespace orrery::bench {
namespace {

constexpr std::size_t kTasks = 1'000'000;

/// Free room of the nodes in a tree of maxima: finds the first node that fits both.
class MaxTree {
 public:
  struct Room {
    int cpus = 0;
    int gib = 0;
  };
  explicit MaxTree(std::size_t nodes) : leaves_(std::bit_ceil(nodes)), tree_(2 * leaves_) {
    for (std::size_t i = 0; i < nodes; ++i) {
      tree_[leaves_ + i] = {PoissonTasks::kNodeCpus, PoissonTasks::kNodeGib};
    }
    for (std::size_t i = leaves_ - 1; i > 0; --i) join(i);
  }
  [[nodiscard]] std::ptrdiff_t first_fit(int cpus, int gib) const { return find(1, cpus, gib); }
  void shift(std::size_t node, int cpus, int gib) {
    std::size_t i = leaves_ + node;
    tree_[i].cpus += cpus;
    tree_[i].gib += gib;
    for (i /= 2; i > 0; i /= 2) join(i);
  }

 private:
  void join(std::size_t i) {
    tree_[i] = {std::max(tree_[2 * i].cpus, tree_[2 * i + 1].cpus),
                std::max(tree_[2 * i].gib, tree_[2 * i + 1].gib)};
  }
  [[nodiscard]] std::ptrdiff_t find(std::size_t i, int cpus, int gib) const {
    if (tree_[i].cpus < cpus || tree_[i].gib < gib) return -1;
    if (i >= leaves_) return static_cast<std::ptrdiff_t>(i - leaves_);
    const std::ptrdiff_t left = find(2 * i, cpus, gib);
    return left >= 0 ? left : find(2 * i + 1, cpus, gib);
  }

  std::size_t leaves_;
  std::vector<Room> tree_;
};

void bare_loop(benchmark::State& state) {
  struct Departure {
    Time at;
    std::uint32_t node;
    std::int16_t cpus;
    std::int16_t gib;
    bool operator>(const Departure& other) const { return at > other.at; }
  };
  const auto nodes = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    MaxTree tree{nodes};
    PoissonTasks tasks{nodes};
    std::priority_queue<Departure, std::vector<Departure>, std::greater<>> departures;
    std::size_t rejected = 0;
    for (std::size_t i = 0; i < kTasks; ++i) {
      tasks.next();
      while (!departures.empty() && departures.top().at <= tasks.arrival) {
        const Departure& gone = departures.top();
        tree.shift(gone.node, gone.cpus, gone.gib);
        departures.pop();
      }
      const std::ptrdiff_t node = tree.first_fit(tasks.cpus, tasks.gib);
      if (node < 0) {
        ++rejected;
        continue;
      }
      tree.shift(static_cast<std::size_t>(node), -tasks.cpus, -tasks.gib);
      departures.push({saturating_add(tasks.arrival, tasks.service),
                       static_cast<std::uint32_t>(node), static_cast<std::int16_t>(tasks.cpus),
                       static_cast<std::int16_t>(tasks.gib)});
    }
    benchmark::DoNotOptimize(rejected);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kTasks) * state.iterations());
}

sim::SimulationSetup setup_of(std::size_t nodes, std::size_t tasks, const nlohmann::json& policy) {
  const policies::PolicyRegistry registry = policies::with_builtin_policies();
  sim::ClusterSetup cluster;
  cluster.name = "bench";
  for (std::size_t i = 0; i < nodes; ++i) {
    Node node;
    node.name = "node-" + std::to_string(i);
    node.cpu = MilliCpu{PoissonTasks::kNodeCpus * 1000};
    node.memory = Bytes{static_cast<std::int64_t>(PoissonTasks::kNodeGib) << 30};
    cluster.nodes.push_back(std::make_shared<const Node>(std::move(node)));
  }
  cluster.policy = policies::make_placement(policy, {}, {.registry = registry}).value();
  cluster.workload = std::make_unique<PoissonTaskSource>(nodes, tasks);
  sim::SimulationSetup setup;
  setup.seed = 1;
  setup.clusters.push_back(std::move(cluster));
  return setup;
}

void place_and_run(benchmark::State& state, const char* policy) {
  const auto nodes = static_cast<std::size_t>(state.range(0));
  const auto tasks = static_cast<std::size_t>(state.range(1));
  const nlohmann::json document = nlohmann::json::parse(policy);
  for (auto _ : state) {
    state.PauseTiming();
    sim::SimulationSetup setup = setup_of(nodes, tasks, document);
    state.ResumeTiming();
    const Result<RunOutcome> outcome = sim::run_simulation(std::move(setup));
    if (!outcome) return state.SkipWithError(to_string(outcome.error()).c_str());
    benchmark::DoNotOptimize(outcome->fingerprint);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(tasks) * state.iterations());
}

/// Fills a cluster with pods that never end and looks at the memory in use before and after.
class MemoryProbe final : public traces::WorkloadSource {
 public:
  MemoryProbe(std::size_t pods, std::size_t& before, std::size_t& after)
      : left_(pods), before_(before), after_(after) {}
  Result<bool> next(traces::WorkloadItem& item) override {
    if (before_ == 0) before_ = in_use();
    if (left_ == 0) {
      after_ = in_use();
      return false;
    }
    --left_;
    item.arrival = at_ = at_ + std::chrono::milliseconds{1};
    item.cpu = MilliCpu{4000};
    item.memory = Bytes{std::int64_t{16} << 30};
    item.service = std::chrono::hours{24 * 365} + duration_from_seconds(1e6 * ends_.exponential());
    item.pod_template = template_;
    return true;
  }
  [[nodiscard]] std::string describe() const override { return "pods that stay"; }

 private:
  static std::size_t in_use() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
  }

  std::size_t left_;
  std::size_t& before_;
  std::size_t& after_;
  Time at_{};
  Stream ends_{1, Purpose::PodDuration, 0};
  std::shared_ptr<const PodTemplate> template_ = std::make_shared<const PodTemplate>();
};

/// Bytes a live pod, an event and a queue entry included; bytes a node, as registered and indexed.
void memory(benchmark::State& state) {
  const auto nodes = static_cast<std::size_t>(state.range(0));
  const auto pods = nodes * 16;
  double per_pod = 0;
  double per_node = 0;
  for (auto _ : state) {
    const struct mallinfo2 empty = mallinfo2();
    std::size_t before = 0;
    std::size_t after = 0;
    sim::SimulationSetup setup = setup_of(nodes, 0, "first-fit");
    setup.horizon = kTimeZero + std::chrono::hours{24};
    setup.clusters.front().workload = std::make_unique<MemoryProbe>(pods, before, after);
    const Result<RunOutcome> outcome = sim::run_simulation(std::move(setup));
    if (!outcome) return state.SkipWithError(to_string(outcome.error()).c_str());
    per_pod = static_cast<double>(after - before) / static_cast<double>(pods);
    per_node =
        static_cast<double>(before - empty.uordblks - empty.hblkhd) / static_cast<double>(nodes);
  }
  state.counters["bytes_per_pod"] = per_pod;
  state.counters["bytes_per_node"] = per_node;
}

constexpr const char* kThreeScorers = R"({
  "name": "filter-score",
  "scorers": [{"name": "least-allocated"}, {"name": "balanced-allocation"},
              {"name": "most-allocated", "weight": 0.5}]})";

BENCHMARK(bare_loop)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(place_and_run, first_fit, R"("first-fit")")
    ->Args({1'000, kTasks})
    ->Args({10'000, kTasks})
    ->Args({100'000, kTasks})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(place_and_run, best_fit, R"("best-fit")")
    ->Args({1'000, kTasks})
    ->Args({10'000, kTasks})
    ->Args({100'000, kTasks})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(place_and_run, filter_score, kThreeScorers)
    ->Args({1'000, 200'000})
    ->Args({10'000, 200'000})
    ->Args({100'000, 200'000})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(memory)->Arg(10'000)->Iterations(1);

}  // namespace
}  // namespace orrery::bench
