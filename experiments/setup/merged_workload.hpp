#pragma once

#include <memory>
#include <vector>

#include "orrery/traces/workload.hpp"

namespace orrery::experiments {

/// Several sources as one, in the order of arrival; at one instant the earlier source goes first,
/// so that gangs stay together. Gangs are numbered anew. Without sources: an empty workload.
[[nodiscard]] std::unique_ptr<traces::WorkloadSource> merge_workloads(
    std::vector<std::unique_ptr<traces::WorkloadSource>> sources);

}  // namespace orrery::experiments
