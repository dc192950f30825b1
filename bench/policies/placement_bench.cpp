// What a policy alone costs for one task: one placement and the changes that it must follow
// (assumed, bound, ended), in a cluster that tasks keep at 80 % of its CPU. Nodes of 64 CPUs and
// 256 GiB, half of the GPU cluster's with eight GPUs; applying the changes to the cluster state is
// not counted.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "orrery/models/stream.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::bench {
namespace {

using nlohmann::json;

/// Counted tasks; fixed, so that each cluster is filled only once.
constexpr benchmark::IterationCount kTasks = 20'000;
constexpr double kLoad = 0.8;
constexpr std::int64_t kNodeCpus = 64;
constexpr double kCpusPerTask = 4.5;  // uniform from 1 to 8

class PackedCluster {
 public:
  PackedCluster(std::size_t nodes, const json& document, bool has_gpus)
      : gpus_every_(has_gpus ? 2 : 0),
        tasks_per_second_(kLoad * kNodeCpus / kCpusPerTask * static_cast<double>(nodes)) {
    const policies::PolicyRegistry registry = policies::with_builtin_policies();
    auto made = policies::make_placement(document, {}, {.seed = 1, .registry = registry});
    if (!made) throw std::runtime_error(to_string(made.error()));
    policy_ = std::move(*made);
    add_templates();
    for (std::size_t i = 0; i < nodes; ++i) add_node(i);
    for (double fill = 0; fill < 1.5 * tasks_per_second_; ++fill) {  // mean duration 1 s
      step([](const auto& work) { work(); });
    }
  }

  /// One arrival and the departures before it; `timed` runs the policy's part.
  template <class Timed>
  void step(const Timed& timed) {
    now_ += stream_.exponential() / tasks_per_second_;
    while (!departures_.empty() && departures_.top().first <= now_) {
      const PodId pod = departures_.top().second;
      departures_.pop();
      tell(change::PodEnded{.id = pod}, timed);
      free_ids_.push_back(pod);
    }
    const PodId pod = next_id();
    tell(change::PodAdded{.id = pod, .pod = some_pod()}, timed);
    policies::Placement placement;
    timed([&] { placement = policy_->place(view(), pod); });
    if (!placement.is_bind()) {
      tell(change::PodEnded{.id = pod, .phase = PodPhase::Failed}, timed);
      free_ids_.push_back(pod);
      return;
    }
    const auto [node, devices] = std::pair{placement.node, placement.devices};
    tell(change::PodAssumed{.id = pod, .node = node, .devices = devices}, timed);
    tell(change::PodBound{.id = pod, .node = node, .devices = devices}, timed);
    departures_.emplace(now_ + stream_.exponential(), pod);
  }

 private:
  using Departure = std::pair<double, PodId>;

  [[nodiscard]] policies::ClusterView view() const { return {.state = state_, .now = kTimeZero}; }

  template <class Timed>
  void tell(const StateChange& change, const Timed& timed) {
    state_.apply(change);
    timed([&] { policy_->on_change(view(), change); });
  }
  void tell(const StateChange& change) {
    tell(change, [](const auto& work) { work(); });
  }

  void add_templates() {
    constexpr GpuRequest kRequests[] = {{}, {.count = 1, .milli = 300}, {.count = 1}, {.count = 2}};
    for (const GpuRequest& gpu : kRequests) {
      auto made = std::make_shared<PodTemplate>();
      made->gpu = gpu;
      tell(change::TemplateAdded{.id = PodTemplateId{templates_++}, .pod_template = made});
    }
  }

  void add_node(std::size_t index) {
    auto node = std::make_shared<Node>();
    node->name = std::to_string(index);
    node->cpu = MilliCpu{kNodeCpus * 1000};
    node->memory = Bytes{std::int64_t{256} << 30};
    if (gpus_every_ > 0 && index % gpus_every_ == 0) {
      node->gpus = 8;
      node->gpu_model = "A100";
    }
    tell(change::NodeAdded{.id = NodeId{index}, .node = node});
  }

  PodId next_id() {
    if (free_ids_.empty()) return PodId{ids_++};
    const PodId id = free_ids_.back();
    free_ids_.pop_back();
    return id;
  }

  Pod some_pod() {
    Pod pod;
    pod.uid = ++pods_;
    pod.cpu = MilliCpu{static_cast<std::int64_t>(1 + stream_.below(8)) * 1000};
    pod.memory = Bytes{static_cast<std::int64_t>(1 + stream_.below(32)) << 30};
    pod.pod_template =
        PodTemplateId{static_cast<std::size_t>(gpus_every_ > 0 ? stream_.below(templates_) : 0)};
    return pod;
  }

  std::size_t gpus_every_;
  double tasks_per_second_;
  double now_ = 0;
  Stream stream_{1, Purpose::Test, 0};
  ClusterState state_;
  std::unique_ptr<policies::PlacementPolicy> policy_;
  std::priority_queue<Departure, std::vector<Departure>, std::greater<>> departures_;
  std::vector<PodId> free_ids_;
  std::size_t ids_ = 0;
  std::size_t templates_ = 0;
  std::uint64_t pods_ = 0;
};

void place(benchmark::State& state, const json& document, bool has_gpus) {
  PackedCluster cluster{static_cast<std::size_t>(state.range(0)), document, has_gpus};
  for (auto _ : state) {
    std::chrono::nanoseconds spent{};
    cluster.step([&](const auto& work) {
      const auto start = std::chrono::steady_clock::now();
      work();
      spent += std::chrono::steady_clock::now() - start;
    });
    state.SetIterationTime(std::chrono::duration<double>(spent).count());
  }
  state.SetItemsProcessed(state.iterations());
}

void add_benchmarks() {
  const json three_scorers = {
      {"name", "filter-score"},
      {"scorers", {"least-allocated", "balanced-allocation", "most-allocated"}}};
  for (const json& document : {json("first-fit"), json("next-fit"), json("random"),
                               json("best-fit"), json("worst-fit"), three_scorers}) {
    const std::string name =
        document.is_string() ? document.get<std::string>() : "filter-score of three";
    auto* added = benchmark::RegisterBenchmark(
        name.c_str(), [document](benchmark::State& state) { place(state, document, false); });
    added->Arg(1'000)->Arg(10'000)->UseManualTime()->Iterations(kTasks);
    if (document.is_string()) added->Arg(100'000);
  }
  for (const char* name : {"dot-product", "gpu-packing", "gpu-clustering", "fgd"}) {
    const std::string title = std::string{name}.append(" with GPUs");
    benchmark::RegisterBenchmark(title.c_str(),
                                 [name](benchmark::State& state) { place(state, name, true); })
        ->Arg(1'000)
        ->Arg(10'000)
        ->UseManualTime()
        ->Iterations(kTasks);
  }
}

}  // namespace
}  // namespace orrery::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  orrery::bench::add_benchmarks();
  benchmark::RunSpecifiedBenchmarks();
}
