#include "orrery/orchestration/cluster/scheduler_config_json.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/models/quantity_text.hpp"

namespace orrery::orchestration {
namespace {

using nlohmann::json;
using policies::QueueOrder;

constexpr std::array kQueueOrders = {
    std::pair{QueueOrder::Fifo, "fifo"},
    std::pair{QueueOrder::Priority, "priority"},
    std::pair{QueueOrder::ShortestFirst, "shortest-first"},
};
constexpr std::array kRetries = {
    std::pair{Retry::OnChange, "on-change"},
    std::pair{Retry::Never, "never"},
};

template <class Names>
auto read_name(const json& value, const Location& at, const Names& names)
    -> Result<decltype(names.front().first)> {
  std::vector<std::string> choices;
  for (const auto& [meaning, name] : names) {
    if (value.is_string() && value.get_ref<const std::string&>() == name) return meaning;
    choices.emplace_back(name);
  }
  const std::string found = value.is_string() ? value.get<std::string>() : "";
  const bool is_near = !found.empty() && !nearest(found, choices).empty();
  return json_mismatch(value, at, fmt::format("one of {}", fmt::join(choices, ", ")),
                       is_near ? suggest(found, choices) : "");
}

template <class Names, class Value>
std::string name_of(Value value, const Names& names) {
  return std::find_if(names.begin(), names.end(),
                      [&](const auto& entry) { return entry.first == value; })
      ->second;
}

struct Backoff {
  Duration initial{};
  Duration max{};
};

Result<Backoff> read_backoff(const json& value, const Location& at) {
  Backoff backoff{.initial = SchedulerConfig{}.backoff_initial,
                  .max = SchedulerConfig{}.backoff_max};
  JsonFields fields(value, at);
  fields.optional("initial", backoff.initial, read_duration);
  fields.optional("max", backoff.max, read_duration);
  if (fields.ok() && backoff.max < backoff.initial) {
    fields.fail({.at = fields.at(fields.has("max") ? "max" : "initial"),
                 .message = "the largest back-off is below the first",
                 .found = to_text(fields.has("max") ? backoff.max : backoff.initial),
                 .expected = fields.has("max")
                                 ? fmt::format("at least {}", to_text(backoff.initial))
                                 : fmt::format("at most {}, or a \"max\"", to_text(backoff.max)),
                 .hint = ""});
  }
  return fields.finish(backoff);
}

}  // namespace

void read_scheduler_fields(JsonFields& fields, SchedulerConfig& config) {
  fields.optional("queue", config.queue_order, [](const json& value, const Location& at) {
    return read_name(value, at, kQueueOrders);
  });
  fields.optional("retry", config.retry, [](const json& value, const Location& at) {
    return read_name(value, at, kRetries);
  });
  fields.optional("blocking", config.is_blocking, read_bool);
  Backoff backoff{.initial = config.backoff_initial, .max = config.backoff_max};
  fields.optional("backoff", backoff, read_backoff);
  config.backoff_initial = backoff.initial;
  config.backoff_max = backoff.max;
}

Result<SchedulerConfig> read_scheduler_config(const json& value, const Location& at) {
  SchedulerConfig config;
  JsonFields fields(value, at);
  read_scheduler_fields(fields, config);
  return fields.finish(config);
}

json to_json(const SchedulerConfig& config) {
  return {{"queue", name_of(config.queue_order, kQueueOrders)},
          {"retry", name_of(config.retry, kRetries)},
          {"blocking", config.is_blocking},
          {"backoff",
           {{"initial", to_text(config.backoff_initial)}, {"max", to_text(config.backoff_max)}}}};
}

}  // namespace orrery::orchestration
