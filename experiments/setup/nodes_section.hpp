#pragma once

#include <memory>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/experiments/setup/context.hpp"
#include "orrery/models/node.hpp"
#include "orrery/models/result.hpp"
#include "orrery/sim/cluster/cluster_setup.hpp"

namespace orrery::experiments {

/// The machines of one cluster and what each draws and costs.
struct NodesPlan {
  std::vector<Node> nodes;  ///< in the order of the document
  std::vector<sim::NodeRates> rates;
};

/// A list of groups, each {"name": "gpu-{}", "count": 8, "cpu": 64, "memory": "256GiB", …} or
/// {"openb": "FILE"}. Errors: names that two nodes share; those of the models.
[[nodiscard]] Result<NodesPlan> read_nodes(const nlohmann::json& groups, const Location& at,
                                           SetupContext& context);

}  // namespace orrery::experiments
