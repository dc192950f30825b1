#include "orrery/experiments/setup/scheduler_section.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/orchestration/cluster/scheduler_config_json.hpp"
#include "orrery/policies/placement/placement_policy.hpp"

namespace orrery::experiments {

using nlohmann::json;

Result<SchedulerPlan> read_scheduler(const json& value, const Location& at,
                                     const SetupContext& context) {
  SchedulerPlan plan;
  JsonFields fields(value, at);
  fields.required("policy", plan.policy, [&](const json& policy, const Location& place) {
    plan.policy_json = policy.dump(-1, ' ', false, json::error_handler_t::replace);
    return context.registry.choose(policies::PlacementPolicy::kKind, policy, place);
  });
  orchestration::read_scheduler_fields(fields, plan.config);
  return fields.finish(std::move(plan));
}

Result<sim::ClusterDelays> read_delays(const json& value, const Location& at) {
  sim::ClusterDelays delays;
  JsonFields fields(value, at);
  fields.optional("watch", delays.watch, read_duration);
  fields.optional("scheduling", delays.scheduling, read_duration);
  fields.optional("bind", delays.bind, read_duration);
  fields.optional("detection", delays.detection, read_duration);
  fields.optional("image_pull", delays.start_up.image_pull, read_duration_distribution);
  fields.optional("initialise", delays.start_up.initialise, read_duration_distribution);
  return fields.finish(std::move(delays));
}

}  // namespace orrery::experiments
