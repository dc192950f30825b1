#pragma once

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/state_change.hpp"
#include "orrery/orchestration/journal/journal_record.hpp"

namespace orrery::orchestration {

/// Why an input that was read from a file cannot be fed to a scheduler that knows `state`: it names
/// something that the inputs before it have not introduced. Null when it can. The rest of what a
/// change must keep (such as no node being over-committed) is checked when it is applied.
[[nodiscard]] const char* contradiction(const StateChange& change, const ClusterState& state);
[[nodiscard]] const char* contradiction(const BindFailed& refused, const ClusterState& state);

}  // namespace orrery::orchestration
