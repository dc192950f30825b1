#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/experiments/setup/variant_plan.hpp"

namespace orrery::experiments {

/// The list of clusters. Errors: none, two of one name, and those of the sections.
[[nodiscard]] Result<std::vector<ClusterPlan>> read_clusters(const nlohmann::json& value,
                                                             const Location& at,
                                                             SetupContext& context);

/// The mesh: names and regions of `clusters`, links from `mesh` (null: none given). Errors: a pair
/// of clusters without a link.
[[nodiscard]] Result<Mesh> read_mesh_section(const nlohmann::json& clusters,
                                             const nlohmann::json& mesh, const Location& at);

}  // namespace orrery::experiments
