#pragma once

#include <string>
#include <vector>

#include "orrery/models/run_outcome.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/sim/metrics/metric_window.hpp"
#include "orrery/sim/simulation.hpp"

namespace orrery::sim {

/// Windows of the clusters of one run, added up window by window. How a recorder cuts its windows
/// depends on the plan and the end alone, so all clusters are cut alike.
[[nodiscard]] std::vector<MetricWindow> add_clusters(
    const std::vector<std::vector<MetricWindow>>& clusters);

/// How many leading windows the rule leaves out.
[[nodiscard]] std::size_t warm_up_windows(const std::vector<MetricWindow>& windows,
                                          const WarmUpRule& rule);

/// The figures of the run from its windows; `end` is the end of the run.
[[nodiscard]] RunOutcome outcome_of(const SimulationSetup& setup,
                                    const std::vector<std::unique_ptr<ClusterSimulation>>& clusters,
                                    Time end);

}  // namespace orrery::sim
