// kube-default filling a cluster of 5,000 nodes with 100,000 pods through all default plugins: a
// fifth of the pods have rules about other pods (spread over zones and hosts, anti-affinity to
// their own kind, preferred affinity to another), the others are spread by default, as all belong
// to Deployments of 50. Every pod is placed, assumed and bound. One core; what is counted is a
// scheduling cycle with the changes that the policy follows, the cluster state's own included.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <benchmark/benchmark.h>

#include "orrery/policies/placement/kube_default/kube_default.hpp"

namespace orrery::bench {
namespace {

constexpr std::size_t kPodsPerDeployment = 50;
constexpr const char* kZone = "topology.kubernetes.io/zone";
constexpr const char* kHost = "kubernetes.io/hostname";

Node node_of(std::size_t index) {
  Node node;
  node.name = "node-" + std::to_string(index);
  node.cpu = MilliCpu{16'000};
  node.memory = Bytes{64LL << 30};
  node.labels = {{kHost, node.name}, {kZone, "zone-" + std::to_string(index % 3)}};
  if (index % 20 == 0) node.taints = {{.key = "dedicated", .value = "gpu"}};
  node.images = {{.name = "app:1", .size = Bytes{300LL << 20}}};
  return node;
}

PodTemplate deployment(std::size_t index) {
  const Labels labels{{"app", "app-" + std::to_string(index)}};
  PodTemplate spec;
  spec.labels = labels;
  spec.default_spread_selector = LabelSelector::all_of(labels);
  spec.images = {"app:1"};
  spec.tolerations = {{.key = "node.kubernetes.io/not-ready",
                       .op = Toleration::Operator::Exists,
                       .any_effect = false,
                       .effect = TaintEffect::NoExecute}};
  const auto near = [](const Labels& others, const char* key) {
    return PodAffinityTerm{.selector = LabelSelector::all_of(others),
                           .topology_key = key,
                           .namespaces = {"default"},
                           .in_all_namespaces = false};
  };
  switch (index % 15) {
    case 0:
      spec.topology_spread = {{.max_skew = 1,
                               .topology_key = kZone,
                               .when_unsatisfiable = WhenUnsatisfiable::DoNotSchedule,
                               .selector = LabelSelector::all_of(labels)}};
      break;
    case 1:
      spec.topology_spread = {{.max_skew = 1,
                               .topology_key = kHost,
                               .when_unsatisfiable = WhenUnsatisfiable::ScheduleAnyway,
                               .selector = LabelSelector::all_of(labels)}};
      spec.pod_anti_affinity.required = {near(labels, kHost)};
      break;
    case 2:
      spec.pod_affinity.preferred = {
          {.weight = 50, .term = near({{"app", "app-" + std::to_string(index / 15 * 15)}}, kZone)}};
      break;
    default:
      break;
  }
  return spec;
}

/// A cluster that is filled pod by pod.
class Filling {
 public:
  explicit Filling(std::size_t nodes) : policy_({}, 1, ClusterId{0}) {
    for (std::size_t i = 0; i < nodes; ++i) {
      tell(change::NodeAdded{.id = NodeId{i}, .node = std::make_shared<const Node>(node_of(i))});
    }
  }

  bool place_next() {
    const std::size_t index = pods_++;
    // Deployments come in groups of fifty whose pods are created side by side.
    const std::size_t group = index / (50 * kPodsPerDeployment);
    const PodTemplateId spec{group * 50 + index % 50};
    while (state_.template_count() <= spec.index()) {
      const PodTemplateId next{state_.template_count()};
      tell(change::TemplateAdded{
          .id = next,
          .pod_template = std::make_shared<const PodTemplate>(deployment(next.index()))});
    }
    const PodId id{index};
    Pod pod;
    pod.uid = index + 1;
    pod.cpu = MilliCpu{200 + 100 * static_cast<std::int64_t>(index % 7)};
    pod.memory = Bytes{(256LL + 128 * static_cast<std::int64_t>(index % 5)) << 20};
    pod.pod_template = spec;
    tell(change::PodAdded{.id = id, .pod = pod});
    const policies::Placement placement = policy_.place(view(), id);
    if (!placement.is_bind()) return false;
    tell(change::PodAssumed{.id = id, .node = placement.node});
    tell(change::PodBound{.id = id, .node = placement.node});
    return true;
  }

 private:
  [[nodiscard]] policies::ClusterView view() const { return {.state = state_, .now = kTimeZero}; }
  void tell(const StateChange& change) {
    state_.apply(change);
    policy_.on_change(view(), change);
  }

  ClusterState state_;
  policies::KubeDefault policy_;
  std::size_t pods_ = 0;
};

void BM_FillCluster(benchmark::State& state) {
  const auto nodes = static_cast<std::size_t>(state.range(0));
  const auto pods = static_cast<std::size_t>(state.range(1));
  std::size_t unplaced = 0;
  for (auto unused : state) {
    static_cast<void>(unused);
    Filling filling{nodes};
    for (std::size_t i = 0; i < pods; ++i) unplaced += filling.place_next() ? 0 : 1;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(pods) * state.iterations());
  state.counters["unplaced"] = static_cast<double>(unplaced);
}
BENCHMARK(BM_FillCluster)
    ->ArgNames({"nodes", "pods"})
    ->Args({1'000, 20'000})
    ->Args({5'000, 100'000})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace orrery::bench

BENCHMARK_MAIN();
