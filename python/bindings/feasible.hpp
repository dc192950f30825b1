#pragma once

#include <cstdint>
#include <span>

#include "orrery/models/cluster_state.hpp"

namespace orrery::python {

/// Sets `fits[i]` to 1 where state.fits(node i, pod), else to 0. `fits` has one entry per node. One
/// pass over the columns; nodes are asked one by one only where more than room on them counts.
void mark_feasible(const ClusterState& state, const Pod& pod, std::span<std::uint8_t> fits);

}  // namespace orrery::python
