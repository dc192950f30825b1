#pragma once

#include "orrery/policies/placement/placement_policy.hpp"

namespace orrery::policies {

/// Binds `pod` to `node`, where it fits, on the devices with the least left that is still enough.
[[nodiscard]] inline Placement bind_best_fit(const ClusterState& state, const Pod& pod,
                                             NodeId node) {
  const GpuRequest& gpu = state.resolved(pod.pod_template).spec->gpu;
  if (gpu.count == 0) return Placement::bind(node);
  return Placement::bind(node, best_fit_devices(state.nodes().gpu_devices[node], gpu));
}

}  // namespace orrery::policies
