#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/experiments/setup/context.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/policies/parameters.hpp"

namespace orrery::experiments {

struct ClusterPlan;

/// The history that all runs of a variant share (see sim::Fork).
struct ForkPlan {
  Time at;
  std::uint64_t seed = 0;  ///< of the history; the run's own seed is that of its future
  /// One a cluster: who decided until then. None: the cluster's own policy, which then goes on.
  std::vector<std::optional<policies::PolicyChoice>> before;
};

/// {"at": "12:00", "seed": 42, "policies": {CLUSTER: POLICY, …}}; a cluster that is not named, or
/// with the policy that it has anyway, keeps its policy, with all that this one remembers.
[[nodiscard]] Result<ForkPlan> read_fork(const nlohmann::json& value, const Location& at,
                                         const std::vector<ClusterPlan>& clusters,
                                         const SetupContext& context);

}  // namespace orrery::experiments
