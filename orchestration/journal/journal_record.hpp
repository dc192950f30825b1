#pragma once

#include <cstdint>
#include <variant>

#include "orrery/models/ids.hpp"
#include "orrery/models/state_change.hpp"
#include "orrery/models/units.hpp"
#include "orrery/orchestration/cluster/decision.hpp"

namespace orrery::orchestration {

/// An input: one scheduling cycle was run (ClusterOrchestrator::schedule_next).
struct CycleBegun {};

/// An input: the API server refused a binding (ClusterOrchestrator::bind_failed).
struct BindFailed {
  PodId pod;
  std::uint64_t uid = 0;
};

/// What a scheduler was told, or what it answered, and when. The decisions of a cycle come after
/// it, in their order; other inputs may lie between them, because carrying out one decision of a
/// gang may bring about changes before the next is carried out.
struct JournalRecord {
  using Entry = std::variant<StateChange, CycleBegun, BindFailed, Decision>;

  Time at;
  Entry entry;

  [[nodiscard]] bool is_decision() const { return std::holds_alternative<Decision>(entry); }
};

}  // namespace orrery::orchestration
