#include "orrery/experiments/setup/scheduler_section.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/orchestration/cluster/scheduler_config_json.hpp"
#include "orrery/policies/placement/kube_default/config_json.hpp"
#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/traces/kubernetes/document_file.hpp"

namespace orrery::experiments {

using nlohmann::json;

namespace {

using policies::kube::read_kube_scheduler_configuration;

/// The one document of a scheduler's configuration file, checked.
Result<json> read_configuration(const std::string& given, const Location& at,
                                SetupContext& context) {
  const std::string path = context.path_of(given);
  auto file = traces::kubernetes::DocumentFile::read(path);
  if (!file) return failure(std::move(file.error()));
  context.files_read.insert(path);
  for (traces::kubernetes::Document& document : file->documents()) {
    if (document.value.is_null()) continue;
    auto read = read_kube_scheduler_configuration(document.value, file->at(document));
    if (!read) return failure(file->with_line(std::move(read.error())));
    return std::move(document.value);
  }
  return failure({.at = at,
                  .message = "the file is empty",
                  .found = path,
                  .expected = "a KubeSchedulerConfiguration"});
}

/// `policy` with the content of the file that its configuration names.
Result<json> with_configuration(json policy, const Location& at, SetupContext& context) {
  constexpr const char* kMember = "configuration";
  if (!policy.is_object() || !policy.contains(kMember) || !policy[kMember].is_string()) {
    return policy;
  }
  auto read = read_configuration(policy[kMember].get<std::string>(), child(at, kMember), context);
  if (!read) return read;
  policy[kMember] = std::move(*read);
  return policy;
}

/// What the configuration says of the queue.
void take_backoff(const json& policy, orchestration::SchedulerConfig& config) {
  if (!policy.is_object() || !policy.contains("configuration")) return;
  const auto read = read_kube_scheduler_configuration(policy["configuration"], {});
  if (!read) return;
  config.backoff_initial = read->backoff_initial;
  config.backoff_max = read->backoff_max;
}

}  // namespace

Result<SchedulerPlan> read_scheduler(const json& value, const Location& at, SetupContext& context) {
  SchedulerPlan plan;
  JsonFields fields(value, at);
  fields.required("policy", plan.policy,
                  [&](const json& given, const Location& place) -> Result<policies::PolicyChoice> {
                    const auto own = with_configuration(given, place, context);
                    if (!own) return failure(own.error());
                    const json& policy = *own;
                    take_backoff(policy, plan.config);
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
