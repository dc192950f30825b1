#pragma once

#include <string>
#include <utility>
#include <vector>

#include "orrery/experiments/store/records.hpp"

namespace orrery::experiments {

/// The rows of the meta table: the experiment, the version of orrery and facts of the machine that
/// matter to speed. No user name, host name or environment.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> provenance_of(
    const ExperimentRecord& experiment);

/// The version of this build, such as "0.1.0".
[[nodiscard]] std::string orrery_version();

/// The wall clock as "2026-11-24T08:00:00Z". Provenance only: no result depends on it.
[[nodiscard]] std::string utc_now();

}  // namespace orrery::experiments
