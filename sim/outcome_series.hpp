#pragma once

#include <memory>
#include <string>
#include <vector>

#include "orrery/models/run_outcome.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/sim/metrics/metric_window.hpp"

namespace orrery::sim {

/// Windows of each cluster of one run.
using ClusterWindows = std::vector<std::vector<MetricWindow>>;

/// The metrics over virtual time: a point for each of `total`, the windows of all clusters added up
/// (add_clusters). `node_crashes` has points only where nodes crashed, and
/// `gpu_fragmented_percent` is there where every cluster with GPUs measures its fragmentation.
[[nodiscard]] std::vector<Series> series_of(
    const std::vector<MetricWindow>& total, const ClusterWindows& windows,
    const std::vector<std::unique_ptr<ClusterSimulation>>& clusters);

}  // namespace orrery::sim
