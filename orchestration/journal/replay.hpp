#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/orchestration/journal/journal_header.hpp"
#include "orrery/orchestration/journal/journal_reader.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::orchestration {

/// The first decision that did not come out as it was recorded.
struct ReplayDifference {
  std::uint64_t record =
      0;                 ///< of the decision, or of the record before which one is missing; from 1
  Time at;               ///< when the cycle was run
  std::string recorded;  ///< the decisions in words; "nothing" where one side had none left
  std::string replayed;
};

struct ReplayReport {
  JournalHeader header;
  std::uint64_t inputs = 0;     ///< that were fed
  std::uint64_t decisions = 0;  ///< that came out as recorded
  std::optional<ReplayDifference> difference;
  /// The journal ends before it is complete; all of the above is said of what is there.
  std::optional<Error> cut_off;
};

/// Builds the scheduler that the journal's header describes, feeds it the recorded inputs and
/// compares its decisions with the recorded ones, byte for byte, up to the first difference.
/// `registry` must know the policy. Errors: the journal cannot be read, the policy cannot be built,
/// or the inputs contradict each other (such as a pod on a node that does not exist).
[[nodiscard]] Result<ReplayReport> replay_journal(const std::string& path,
                                                  const policies::PolicyRegistry& registry);
[[nodiscard]] Result<ReplayReport> replay_journal(JournalReader& journal,
                                                  const policies::PolicyRegistry& registry);

/// What `orrery replay` prints: a few lines for people, each with its line end. That the journal
/// was cut off is an error of its own.
[[nodiscard]] std::string to_text(const ReplayReport& report);

}  // namespace orrery::orchestration
