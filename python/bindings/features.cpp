#include "orrery/python/bindings/features.hpp"

#include <algorithm>
#include <cstdint>

namespace orrery::python {
namespace {

/// One over the most that any node offers; 0 where none offers any.
struct Scale {
  float cpu = 0;
  float memory = 0;
  float gpu = 0;
  float pods = 0;
};

float reciprocal(std::int64_t most) { return most > 0 ? 1.0F / static_cast<float>(most) : 0.0F; }

Scale scale_of(const NodeColumns& nodes) {
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  std::int32_t gpus = 0;
  std::int32_t pods = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const NodeId node{i};
    cpu = std::max(cpu, nodes.cpu_allocatable[node].count());
    memory = std::max(memory, nodes.memory_allocatable[node].count());
    gpus = std::max(gpus, nodes.gpu_count[node]);
    pods = std::max(pods, nodes.pods_allocatable[node]);
  }
  return {.cpu = reciprocal(cpu),
          .memory = reciprocal(memory),
          .gpu = reciprocal(gpus * kWholeGpu.count()),
          .pods = reciprocal(pods)};
}

std::int16_t most_left(const GpuDevices& devices) {
  return *std::max_element(devices.free.begin(), devices.free.end());
}

float share(std::int64_t amount, float scale) { return static_cast<float>(amount) * scale; }

}  // namespace

void write_node_features(const ClusterState& state, std::span<float> rows) {
  const NodeColumns& nodes = state.nodes();
  const Scale scale = scale_of(nodes);
  const float whole_gpu = reciprocal(kWholeGpu.count());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const NodeId node{i};
    const std::span<float, kNodeFeatures.size()> row{&rows[i * kNodeFeatures.size()],
                                                     kNodeFeatures.size()};
    row[0] = share(nodes.cpu_free[node].count(), scale.cpu);
    row[1] = share(nodes.memory_free[node].count(), scale.memory);
    row[2] = share(nodes.gpu_free[node].count(), scale.gpu);
    row[3] = nodes.gpu_count[node] > 0 ? share(most_left(nodes.gpu_devices[node]), whole_gpu) : 0;
    row[4] = share(nodes.pods_free[node], scale.pods);
    row[5] = share(nodes.cpu_allocatable[node].count(), scale.cpu);
    row[6] = share(nodes.memory_allocatable[node].count(), scale.memory);
    row[7] = share(nodes.gpu_count[node] * kWholeGpu.count(), scale.gpu);
    row[8] = nodes.blocked[node] == 0 ? 1.0F : 0.0F;
  }
}

void write_pod_features(const ClusterState& state, const Pod& pod, std::span<float> row) {
  const Scale scale = scale_of(state.nodes());
  const GpuRequest& gpu = state.resolved(pod.pod_template).spec->gpu;
  row[0] = share(pod.cpu.count(), scale.cpu);
  row[1] = share(pod.memory.count(), scale.memory);
  row[2] = share(gpu.total().count(), scale.gpu);
  row[3] = gpu.count > 0 ? share(gpu.milli, reciprocal(kWholeGpu.count())) : 0.0F;
}

}  // namespace orrery::python
