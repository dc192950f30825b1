#include "orrery/tests/policies/placement/reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <utility>

#include "orrery/models/fragmentation.hpp"

namespace orrery::test {
namespace {

__extension__ using Wide = __int128;

struct Largest {
  std::int64_t cpu = 0;
  std::int64_t gpu = 0;
};

Largest largest(const ClusterState& state) {
  Largest sizes;
  for (std::size_t i = 0; i < state.node_count(); ++i) {
    sizes.cpu = std::max(sizes.cpu, state.nodes().cpu_allocatable[NodeId{i}].count());
    sizes.gpu = std::max(sizes.gpu, std::int64_t{1000} * state.nodes().gpu_count[NodeId{i}]);
  }
  return sizes;
}

const GpuRequest& gpu_of(const ClusterState& state, const Pod& pod) {
  return state.resolved(pod.pod_template).spec->gpu;
}

/// ⌊100 · numerator / denominator⌋.
double hundredths(Wide numerator, Wide denominator) {
  return static_cast<double>(static_cast<std::int64_t>(100 * numerator / denominator));
}

double fit(const ClusterState& state, NodeId node, const Pod& pod, bool is_best) {
  const Largest sizes = largest(state);
  const Wide cpu = (state.nodes().cpu_free[node] - pod.cpu).count();
  const Wide gpu = (state.nodes().gpu_free[node] - gpu_of(state, pod).total()).count();
  Wide left = cpu;
  Wide one = sizes.cpu;
  if (sizes.gpu > 0) {
    left = cpu * sizes.gpu + gpu * sizes.cpu;
    one = Wide{2} * sizes.cpu * sizes.gpu;
  }
  return hundredths(is_best ? one - left : left, one);
}

double dot_product(const ClusterState& state, NodeId node, const Pod& pod) {
  const Largest sizes = largest(state);
  const Wide cpu = Wide{state.nodes().cpu_free[node].count()} * pod.cpu.count();
  const Wide gpu = Wide{state.nodes().gpu_free[node].count()} * gpu_of(state, pod).total().count();
  const Wide cpu_one = Wide{sizes.cpu} * sizes.cpu;
  const Wide gpu_one = Wide{sizes.gpu} * sizes.gpu;
  if (sizes.gpu == 0) return hundredths(cpu_one - cpu, cpu_one);
  const Wide one = 2 * cpu_one * gpu_one;
  return hundredths(one - cpu * gpu_one - gpu * cpu_one, one);
}

double gpu_packing(const ClusterState& state, NodeId node, const Pod& pod) {
  const GpuRequest& gpu = gpu_of(state, pod);
  if (gpu.count == 0) return 0;
  const GpuDevices& devices = state.nodes().gpu_devices[node];
  const int count = state.nodes().gpu_count[node];
  if (devices.count_with(1000) == count) return std::max(33 - count, count);
  int fullest = 1000;
  for (const std::int16_t left : devices.free) {
    if (left >= gpu.milli) fullest = std::min<int>(fullest, left);
  }
  return gpu.milli == 1000 || fullest == 1000 ? 50 - gpu.count : 100 - fullest / 10 / 10;
}

double gpu_clustering(const ClusterState& state, NodeId node, const Pod& pod) {
  const auto kind = [](const GpuRequest& gpu) { return gpu.is_shared() ? 0 : gpu.count; };
  if (gpu_of(state, pod).count == 0) return 0;
  std::set<int> kinds;
  for (const Pod& other : state.pods()) {
    if (other.uid == 0 || other.node != node) continue;
    if (gpu_of(state, other).count > 0) kinds.insert(kind(gpu_of(state, other)));
  }
  const std::int64_t one = largest(state).gpu;
  const auto fill = static_cast<double>(25 * (one - state.nodes().gpu_free[node].count()) / one);
  if (kinds.empty()) return fill + 25;
  if (!kinds.contains(kind(gpu_of(state, pod)))) return fill;
  return fill + (kinds.size() == 1 ? 75 : 50);
}

long double fragment(const WorkloadProfile& profile, const ClusterState& state, NodeId node,
                     MilliCpu cpu, const GpuDevices& devices) {
  const GpuModelId model = state.nodes().gpu_model[node];
  if (model.is_none()) return 0;
  const FragmentParts parts =
      fragment_parts(profile, cpu, devices, state.gpu_models()[model.index()]);
  const std::int64_t sum = std::accumulate(parts.begin() + 1, parts.end(), std::int64_t{0});
  return static_cast<long double>(sum) / static_cast<long double>(profile.pods_total);
}

double fgd(const WorkloadProfile& profile, const ClusterState& state, NodeId node, const Pod& pod) {
  const NodeColumns& nodes = state.nodes();
  const GpuRequest& gpu = gpu_of(state, pod);
  const MilliCpu left = nodes.cpu_free[node] - pod.cpu;
  const long double before =
      fragment(profile, state, node, nodes.cpu_free[node], nodes.gpu_devices[node]);
  const auto scored = [&](const GpuDevices& devices) {
    const long double fall = before - fragment(profile, state, node, left, devices);
    // Exact multiples of a half are what rounding could get wrong.
    return std::floor(100.0L / (1.0L + std::exp(-fall / 1000.0L)) + 1e-12L);
  };
  GpuDevices devices = nodes.gpu_devices[node];
  if (gpu.count == 0) return static_cast<double>(scored(devices));
  if (!gpu.is_shared()) {
    int wanted = gpu.count;
    for (std::int16_t& milli : devices.free) {
      if (milli == 1000 && wanted > 0) milli = 0, --wanted;
    }
    return static_cast<double>(scored(devices));
  }
  long double best = -1;
  for (std::int16_t& milli : devices.free) {
    if (milli < gpu.milli) continue;
    milli = static_cast<std::int16_t>(milli - gpu.milli);
    best = std::max(best, scored(devices));
    milli = static_cast<std::int16_t>(milli + gpu.milli);
  }
  return static_cast<double>(best);
}

/// The share of CPU and memory that would be left, in the precision of the real scorers.
std::array<float, 2> shares_left(const ClusterState& state, NodeId node, const Pod& pod) {
  const auto share = [](std::int64_t left, std::int64_t asked, std::int64_t allocatable) {
    return (static_cast<float>(left) - static_cast<float>(asked)) *
           (1.0F / static_cast<float>(allocatable));
  };
  const NodeColumns& nodes = state.nodes();
  return {share(nodes.cpu_free[node].count(), pod.cpu.count(), nodes.cpu_allocatable[node].count()),
          share(nodes.memory_free[node].count() >> 20, pod.memory.count() >> 20,
                nodes.memory_allocatable[node].count() >> 20)};
}

float least_allocated(const ClusterState& state, NodeId node, const Pod& pod) {
  const auto [cpu, memory] = shares_left(state, node, pod);
  return 100.0F * ((cpu + memory) / 2.0F);
}

float balanced_allocation(const ClusterState& state, NodeId node, const Pod& pod) {
  const auto [cpu, memory] = shares_left(state, node, pod);
  return 100.0F - 100.0F * 0.5F * std::abs(cpu - memory);
}

}  // namespace

Reference::Reference(std::string name, WorkloadProfile profile)
    : name_(std::move(name)), profile_(std::move(profile)) {}

double Reference::score(const ClusterState& state, NodeId node, const Pod& pod) const {
  if (name_ == "first-fit") return 0;
  if (name_ == "next-fit") {
    const std::size_t nodes = state.node_count();
    return -static_cast<double>((node.index() + nodes - last_.index()) % nodes);
  }
  if (name_ == "best-fit") return fit(state, node, pod, true);
  if (name_ == "worst-fit") return fit(state, node, pod, false);
  if (name_ == "dot-product") return dot_product(state, node, pod);
  if (name_ == "gpu-packing") return gpu_packing(state, node, pod);
  if (name_ == "gpu-clustering") return gpu_clustering(state, node, pod);
  if (name_ == "fgd") return fgd(profile_, state, node, pod);
  const float least = least_allocated(state, node, pod);
  const float balanced = balanced_allocation(state, node, pod);
  if (name_ == "least-allocated") return static_cast<double>(std::max(least, 0.0F));
  if (name_ == "most-allocated") return static_cast<double>(std::max(100.0F - least, 0.0F));
  if (name_ == "balanced-allocation") return static_cast<double>(std::max(balanced, 0.0F));
  if (name_ == "filter-score") {
    return static_cast<double>(std::max(least, 0.0F) + std::max(balanced, 0.0F));
  }
  throw std::invalid_argument("no reference for policy '" + name_ + "'");
}

NodeId Reference::choose(const ClusterState& state, PodId id) {
  const Pod& pod = state.pod(id);
  NodeId best;
  double best_score = 0;
  for (std::size_t i = 0; i < state.node_count(); ++i) {
    const NodeId node{i};
    if (!state.fits(node, pod)) continue;
    const double here = score(state, node, pod);
    if (!best || here > best_score) best = node, best_score = here;
  }
  if (best) last_ = best;
  return best;
}

}  // namespace orrery::test
