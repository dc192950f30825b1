#pragma once

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"
#include "orrery/orchestration/cluster/scheduler_config.hpp"

namespace orrery {
class JsonFields;
}

namespace orrery::orchestration {

/// {"queue": "fifo", "retry": "on-change", "blocking": false, "backoff": {"initial": "1s", "max":
/// "10s"}}: each member may be left out and has then its default. `queue` is one of fifo, priority,
/// shortest-first; `retry` is on-change or never; the largest back-off is not below the first.
[[nodiscard]] Result<SchedulerConfig> read_scheduler_config(const nlohmann::json& value,
                                                            const Location& at);
/// Takes the members above out of an object that has others too, such as an experiment's.
void read_scheduler_fields(JsonFields& fields, SchedulerConfig& config);

/// All members; reading them gives `config` again.
[[nodiscard]] nlohmann::json to_json(const SchedulerConfig& config);

}  // namespace orrery::orchestration
