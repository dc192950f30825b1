#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/experiments/setup/context.hpp"
#include "orrery/models/node.hpp"
#include "orrery/models/result.hpp"
#include "orrery/sim/failures/failure_plan.hpp"

namespace orrery::experiments {

/// One entry or a list of entries, each {"nodes": "gpu-*", "node": MODEL, "rack": MODEL,
/// "zone": MODEL, "cluster": MODEL, "replay": {"lanl" | "grid5000": "FILE", "select": […],
/// "from": UNIX_SECONDS, "until": UNIX_SECONDS} or {"outages": "FILE"}}. "nodes" is a pattern of
/// node names, all by default. A replayed log's i-th node gives its outages to the i-th node here,
/// and its first ones again when there are more nodes here; outages name their nodes. Errors: a
/// pattern that no node matches, a domain that no node names, a node that two entries of one kind
/// make fail, an outage of a node that is not there.
[[nodiscard]] Result<sim::FailurePlan> read_failures(const nlohmann::json& value,
                                                     const Location& at,
                                                     const std::vector<Node>& nodes,
                                                     SetupContext& context);

}  // namespace orrery::experiments
