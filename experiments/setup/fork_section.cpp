#include "orrery/experiments/setup/fork_section.hpp"

#include <limits>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/experiments/setup/readers.hpp"
#include "orrery/experiments/setup/variant_plan.hpp"
#include "orrery/models/json_fields.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;
using Policies = std::vector<std::optional<policies::PolicyChoice>>;

Result<std::uint64_t> read_seed(const json& value, const Location& at) {
  return read_between(value, at, 0, std::numeric_limits<std::int64_t>::max())
      .map([](std::int64_t seed) { return static_cast<std::uint64_t>(seed); });
}

Result<Policies> read_policies(const json& value, const Location& at,
                               const std::vector<ClusterPlan>& clusters,
                               const SetupContext& context) {
  if (!value.is_object()) return json_mismatch(value, at, "an object of clusters and policies");
  std::vector<std::string> names;
  for (const ClusterPlan& cluster : clusters) names.push_back(cluster.name);
  Policies policies(clusters.size());
  for (const auto& [name, policy] : value.items()) {
    const auto index = read_choice(json(name), child(at, name), names);
    if (!index) return failure(index.error());
    if (policy == json::parse(clusters[*index].scheduler.policy_json)) continue;
    auto choice =
        context.registry.choose(policies::PlacementPolicy::kKind, policy, child(at, name));
    if (!choice) return failure(std::move(choice.error()));
    policies[*index] = std::move(*choice);
  }
  return policies;
}

}  // namespace

Result<ForkPlan> read_fork(const json& value, const Location& at,
                           const std::vector<ClusterPlan>& clusters, const SetupContext& context) {
  ForkPlan plan;
  plan.before.resize(clusters.size());
  JsonFields fields(value, at);
  fields.required("at", plan.at, read_instant);
  fields.required("seed", plan.seed, read_seed);
  fields.optional("policies", plan.before, [&](const json& policies, const Location& place) {
    return read_policies(policies, place, clusters, context);
  });
  return fields.finish(std::move(plan));
}

}  // namespace orrery::experiments
