#include "orrery/policies/placement/gpu_packing.hpp"

#include <algorithm>

namespace orrery::policies {
namespace {

constexpr int kSharedBest = 100;
constexpr int kSharedWorst = 50;
constexpr int kIdleNode = 33;

}  // namespace

int GpuPacking::score(const ClusterState& state, NodeId node, const Pod& pod) const {
  const GpuRequest& gpu = state.resolved(pod.pod_template).spec->gpu;
  if (gpu.count == 0) return 0;
  const GpuDevices& devices = state.nodes().gpu_devices[node];
  const int count = state.nodes().gpu_count[node];
  const int whole = static_cast<int>(kWholeGpu.count());

  const int untouched = devices.count_with(static_cast<std::int16_t>(whole));
  if (untouched == count) return std::max(kIdleNode - count, count);
  int fullest = whole;  // what the fullest device that fits has left
  for (const std::int16_t left : devices.free) {
    if (left >= gpu.milli) fullest = std::min<int>(fullest, left);
  }
  if (fullest == whole) return std::max(kSharedWorst - gpu.count, kIdleNode);
  return std::max(kSharedBest - fullest * 100 / whole / 10, kSharedWorst);
}

}  // namespace orrery::policies
