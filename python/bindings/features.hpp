#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "orrery/models/cluster_state.hpp"

namespace orrery::python {

/// What a learner sees of each node: numbers from 0 to 1, in this order. Amounts are shares of the
/// most that any node of the cluster offers, so that nodes and pods are measured alike.
inline constexpr std::array kNodeFeatures = {
    "cpu_free",        "memory_free",        "gpu_free",        "gpu_free_most", "pods_free",
    "cpu_allocatable", "memory_allocatable", "gpu_allocatable", "takes_pods",
};
/// The same of a pod's request.
inline constexpr std::array kPodFeatures = {"cpu", "memory", "gpu", "gpu_share"};

/// Fills one row of kNodeFeatures for each node. `gpu_free_most` is what is left of the emptiest
/// device, `takes_pods` is 0 for nodes that are down or cordoned. O(nodes).
void write_node_features(const ClusterState& state, std::span<float> rows);

/// Fills kPodFeatures; above 1 where no node could hold the pod. `gpu_share` is what it asks of
/// each device. O(nodes).
void write_pod_features(const ClusterState& state, const Pod& pod, std::span<float> row);

}  // namespace orrery::python
