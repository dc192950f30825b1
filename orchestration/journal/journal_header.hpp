#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/models/ids.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/workload_profile.hpp"
#include "orrery/orchestration/cluster/scheduler_config.hpp"

namespace orrery::orchestration {

/// What a journal says of the scheduler whose inputs and decisions it holds: enough to build the
/// same one again.
struct JournalHeader {
  std::string orrery_version = {};  ///< that wrote it; the writer fills it in
  std::string policy_json;          ///< the placement policy as the registry takes it: JSON text
  SchedulerConfig scheduler = {};
  std::uint64_t seed = 0;
  ClusterId cluster{0};
  std::string cluster_name = {};
  std::optional<WorkloadProfile> profile = {};  ///< what the policy was told of the workload

  friend bool operator==(const JournalHeader&, const JournalHeader&) = default;
};

/// As JSON text; an empty orrery_version becomes this one's. `policy_json` must be JSON.
[[nodiscard]] std::string header_to_json(const JournalHeader& header);
/// Errors point into the text, at the place in the file that `at` names.
[[nodiscard]] Result<JournalHeader> header_from_json(std::string_view text, const Location& at);

}  // namespace orrery::orchestration
