#include "orrery/experiments/setup/scheduler_section.hpp"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/experiments/setup/readers.hpp"
#include "orrery/models/json_fields.hpp"
#include "orrery/policies/placement/placement_policy.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;
using orchestration::Retry;
using orchestration::SchedulerConfig;
using policies::QueueOrder;

Result<QueueOrder> read_queue(const json& value, const Location& at) {
  return read_choice(value, at, {"fifo", "priority", "shortest-first"}).map([](std::size_t index) {
    constexpr QueueOrder kOrders[] = {QueueOrder::Fifo, QueueOrder::Priority,
                                      QueueOrder::ShortestFirst};
    return kOrders[index];
  });
}

Result<Retry> read_retry(const json& value, const Location& at) {
  return read_choice(value, at, {"on-change", "never"}).map([](std::size_t index) {
    return index == 0 ? Retry::OnChange : Retry::Never;
  });
}

struct Backoff {
  Duration initial = SchedulerConfig{}.backoff_initial;
  Duration max = SchedulerConfig{}.backoff_max;
};

Result<Backoff> read_backoff(const json& value, const Location& at) {
  Backoff backoff;
  JsonFields fields(value, at);
  fields.optional("initial", backoff.initial, read_duration);
  fields.optional("max", backoff.max, read_duration);
  if (fields.ok() && backoff.max < backoff.initial) {
    fields.fail({.at = fields.at("max"), .message = "it must not be less than initial"});
  }
  return fields.finish(backoff);
}

}  // namespace

Result<SchedulerPlan> read_scheduler(const json& value, const Location& at,
                                     const SetupContext& context) {
  SchedulerPlan plan;
  Backoff backoff;
  JsonFields fields(value, at);
  fields.required("policy", plan.policy, [&](const json& policy, const Location& place) {
    plan.policy_json = policy.dump();
    return context.registry.choose(policies::PlacementPolicy::kKind, policy, place);
  });
  fields.optional("queue", plan.config.queue_order, read_queue);
  fields.optional("retry", plan.config.retry, read_retry);
  fields.optional("blocking", plan.config.is_blocking, read_bool);
  fields.optional("backoff", backoff, read_backoff);
  plan.config.backoff_initial = backoff.initial;
  plan.config.backoff_max = backoff.max;
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
