#include "orrery/sim/cluster/cluster_metrics.hpp"

#include <algorithm>

namespace orrery::sim {
namespace {

/// GPU models in the order in which a ClusterState meets them, so that ids agree.
std::vector<std::string> models_of(const ClusterSetup& setup) {
  std::vector<std::string> models;
  for (const auto& node : setup.nodes) {
    if (node->gpus == 0) continue;
    if (std::find(models.begin(), models.end(), node->gpu_model) == models.end()) {
      models.push_back(node->gpu_model);
    }
  }
  return models;
}

std::int64_t gpu_capacity(const ClusterSetup& setup) {
  std::int64_t total = 0;
  for (const auto& node : setup.nodes) total += node->gpus * kWholeGpu.count();
  return total;
}

/// A picture of the nodes needs fewer columns than a line needs points.
WindowPlan heat_plan(WindowPlan plan) {
  constexpr std::size_t kColumns = 50;
  plan.points = std::min(plan.points, kColumns);
  return plan;
}

/// Slowdown is tallied in millionths; a work item without service time has none.
constexpr double kMillionths = 1e6;

}  // namespace

ClusterMetrics::ClusterMetrics(const ClusterSetup& setup, const WindowPlan& plan,
                               bool measures_load_curve)
    : recorder_(plan), gpu_models_(models_of(setup)) {
  const std::int64_t capacity = gpu_capacity(setup);
  if (measures_load_curve && capacity > 0) load_curve_.emplace(capacity);
  if (plan.node_rows > 0 && !setup.nodes.empty()) {
    node_heat_.emplace(setup.nodes.size(), plan.node_rows, heat_plan(plan));
  }
  if (setup.profile && capacity > 0) fragmentation_.emplace(*setup.profile, gpu_models_);
}

void ClusterMetrics::node_joined(const Node& node, const NodeRates& rates, Time now) {
  const auto model = std::find(gpu_models_.begin(), gpu_models_.end(), node.gpu_model);
  const NodeId id = nodes_.push_back(
      {.cpu = node.cpu,
       .memory = node.memory,
       .gpu = kWholeGpu * node.gpus,
       .gpu_model = node.gpus > 0
                        ? GpuModelId{static_cast<std::size_t>(model - gpu_models_.begin())}
                        : GpuModelId{},
       .rates = rates});
  fragment_.push_back(0);
  if (node_heat_) node_heat_->node_joined(node.name, node.cpu, kWholeGpu * node.gpus);
  has_power_ |= rates.cpu_milliwatts != 0 || rates.gpu_milliwatts != 0;
  recorder_.shift(Level::Price, rates.price_micros_per_hour, now);
  node_power(id, true, now);
  node_ready(id, true, now);
}

void ClusterMetrics::node_power(NodeId node, bool is_up, Time now) {
  const std::int64_t sign = is_up ? 1 : -1;
  if (node_heat_) node_heat_->node_power(node, is_up, now);
  recorder_.shift(Level::NodesUp, sign, now);
  recorder_.shift(Level::Power, sign * nodes_[node].rates.idle_milliwatts, now);
}

void ClusterMetrics::node_ready(NodeId node, bool is_ready, Time now) {
  const std::int64_t sign = is_ready ? 1 : -1;
  const NodeFigures& figures = nodes_[node];
  recorder_.shift(Level::NodesReady, sign, now);
  recorder_.shift(Level::CpuAllocatable, sign * figures.cpu.count(), now);
  recorder_.shift(Level::MemoryAllocatable, sign * figures.memory.count(), now);
  recorder_.shift(Level::GpuAllocatable, sign * figures.gpu.count(), now);
}

void ClusterMetrics::pod_arrived(const PodTemplate& spec, Time now) {
  recorder_.count(Count::PodsArrived, now);
  recorder_.shift(Level::PodsWaiting, 1, now);
  gpu_arrived_ += spec.gpu.total().count();
}

void ClusterMetrics::pod_bound(const WorldPod& pod, const Pod& request, const PodTemplate& spec,
                               Time now) {
  if (node_heat_) node_heat_->shift(pod.node, request.cpu, spec.gpu.total(), now);
  recorder_.shift(Level::CpuAllocated, request.cpu.count(), now);
  recorder_.shift(Level::MemoryAllocated, request.memory.count(), now);
  if (spec.gpu.count == 0) return;
  recorder_.shift(Level::GpuAllocated, spec.gpu.total().count(), now);
  recorder_.shift_gpu_model(nodes_[pod.node].gpu_model, spec.gpu.total().count(), now);
}

std::int64_t ClusterMetrics::power_of(const WorldPod& pod, const Pod& request,
                                      const PodTemplate& spec) const {
  const NodeFigures& node = nodes_[pod.node];
  std::int64_t milliwatts =
      node.rates.gpu_milliwatts * spec.gpu.total().count() / kWholeGpu.count();
  if (node.cpu.count() > 0) {
    milliwatts += node.rates.cpu_milliwatts * request.cpu.count() / node.cpu.count();
  }
  return milliwatts;
}

void ClusterMetrics::pod_started(const WorldPod& pod, const Pod& request, const PodTemplate& spec,
                                 Time now) {
  recorder_.count(Count::PodsStarted, now);
  recorder_.shift(Level::PodsRunning, 1, now);
  recorder_.shift(Level::CpuUsed, request.cpu.count(), now);
  recorder_.shift(Level::MemoryUsed, request.memory.count(), now);
  if (spec.gpu.count > 0) recorder_.shift(Level::GpuUsed, spec.gpu.total().count(), now);
  if (has_power_) recorder_.shift(Level::Power, power_of(pod, request, spec), now);
  if (!pod.has_started_before) recorder_.sample(Sample::Waiting, (now - pod.arrival).count(), now);
}

void ClusterMetrics::pod_stopped(const WorldPod& pod, const Pod& request, const PodTemplate& spec,
                                 Time now) {
  recorder_.shift(Level::PodsRunning, -1, now);
  recorder_.shift(Level::CpuUsed, -request.cpu.count(), now);
  recorder_.shift(Level::MemoryUsed, -request.memory.count(), now);
  if (spec.gpu.count > 0) recorder_.shift(Level::GpuUsed, -spec.gpu.total().count(), now);
  if (has_power_) recorder_.shift(Level::Power, -power_of(pod, request, spec), now);
}

void ClusterMetrics::pod_released(const WorldPod& pod, const Pod& request, const PodTemplate& spec,
                                  Time now) {
  if (node_heat_) {
    node_heat_->shift(pod.node, MilliCpu{-request.cpu.count()}, MilliGpu{-spec.gpu.total().count()},
                      now);
  }
  recorder_.shift(Level::CpuAllocated, -request.cpu.count(), now);
  recorder_.shift(Level::MemoryAllocated, -request.memory.count(), now);
  if (spec.gpu.count == 0) return;
  recorder_.shift(Level::GpuAllocated, -spec.gpu.total().count(), now);
  recorder_.shift_gpu_model(nodes_[pod.node].gpu_model, -spec.gpu.total().count(), now);
}

void ClusterMetrics::pod_completed(const WorldPod& pod, Time now) {
  recorder_.count(Count::PodsCompleted, now);
  const Duration response = now - pod.arrival;
  recorder_.sample(Sample::Response, response.count(), now);
  if (pod.service > Duration::zero()) {
    const double slowdown =
        static_cast<double>(response.count()) / static_cast<double>(pod.service.count());
    recorder_.sample(Sample::Slowdown, static_cast<std::int64_t>(slowdown * kMillionths), now);
  }
}

void ClusterMetrics::pod_lost(const WorldPod& pod, bool was_running, Time now) {
  recorder_.count(Count::PodsFailed, now);
  if (was_running) recorder_.sample(Sample::WorkLost, (now - pod.started).count(), now);
}

void ClusterMetrics::node_reserved(const ClusterState& state, NodeId node, Time now) {
  if (!fragmentation_) return;
  const NodeColumns& columns = state.nodes();
  const std::int64_t fragment =
      fragmentation_->weighted_fragment(columns.cpu_free[node], columns.gpu_devices[node],
                                        columns.gpu_count[node], columns.gpu_model[node]);
  if (fragment == fragment_[node]) return;
  recorder_.shift(Level::GpuFragmented, fragment - fragment_[node], now);
  fragment_[node] = fragment;
}

void ClusterMetrics::arrival_handled() {
  if (!load_curve_) return;
  load_curve_->sample(gpu_arrived_, recorder_.value(Level::GpuAllocated),
                      recorder_.value(Level::GpuFragmented), fragment_weight());
}

}  // namespace orrery::sim
