#pragma once

#include <string>
#include <vector>

#include "orrery/models/run_outcome.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/sim/metrics/metric_window.hpp"
#include "orrery/sim/simulation.hpp"

namespace orrery::sim {

/// Windows of several clusters over the same run, added up window by window. Their widths differ by
/// powers of two when the run's length was unknown; finer ones are joined first.
[[nodiscard]] std::vector<MetricWindow> add_clusters(
    std::vector<std::vector<MetricWindow>> clusters);

/// How many leading windows the rule leaves out.
[[nodiscard]] std::size_t warm_up_windows(const std::vector<MetricWindow>& windows,
                                          const WarmUpRule& rule);

/// The figures of the run from its windows; `end` is the end of the run.
[[nodiscard]] RunOutcome outcome_of(const SimulationSetup& setup,
                                    const std::vector<std::unique_ptr<ClusterSimulation>>& clusters,
                                    Time end);

}  // namespace orrery::sim
