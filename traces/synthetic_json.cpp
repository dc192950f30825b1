#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/traces/synthetic.hpp"
#include "orrery/traces/template_json.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;

Result<Distribution> read_cpu_law(const json& value, const Location& at) {
  return distribution_from_json(value, at, kMilliCpuUnit);
}

Result<Distribution> read_memory_law(const json& value, const Location& at) {
  return distribution_from_json(value, at, kBytesUnit);
}

Result<Distribution> read_share_law(const json& value, const Location& at) {
  return distribution_from_json(value, at, kMilliGpuUnit);
}

Result<std::int32_t> read_priority(const json& value, const Location& at) {
  const Result<std::int64_t> priority = read_integer(value, at);
  if (!priority) return failure(priority.error());
  if (*priority < INT32_MIN || *priority > INT32_MAX) {
    return json_mismatch(value, at, "a whole number of 32 bits");
  }
  return static_cast<std::int32_t>(*priority);
}

Result<double> read_weight(const json& value, const Location& at) {
  constexpr double kMost = 1e6;
  Result<double> weight = read_positive(value, at);
  if (weight && (*weight > kMost || *weight < 1 / kMost)) {
    return json_mismatch(value, at, "a weight from 0.000001 to 1000000");
  }
  return weight;
}

void read_duration_law(JsonFields& fields, std::optional<Distribution>& duration) {
  const json* const value = fields.find("duration");
  if (value != nullptr && value->is_string() && value->get_ref<const std::string&>() == "never") {
    duration.reset();
    return;
  }
  fields.required("duration", duration, read_duration_distribution);
}

Result<PodClass> read_class(const json& value, const Location& at) {
  PodClass one;
  JsonFields fields(value, at);
  fields.required("name", one.name, read_string);
  fields.optional("weight", one.weight, read_weight);
  fields.optional("arrivals", one.arrivals, read_arrivals);
  fields.required("cpu", one.cpu, read_cpu_law);
  fields.required("memory", one.memory, read_memory_law);
  read_duration_law(fields, one.duration);
  fields.optional("estimate_factor", one.estimate_factor, read_plain_distribution);
  fields.optional("gpus", one.gpus, read_plain_distribution);
  fields.optional("gpu_share", one.gpu_share, read_share_law);
  fields.optional("gpu_models", one.gpu_models, read_strings);
  fields.optional("gang_size", one.gang_size, read_plain_distribution);
  fields.optional("priority", one.priority, read_priority);
  fields.optional("owner", one.owner, read_string);
  fields.optional("labels", one.labels, read_labels);
  fields.optional("node_selector", one.node_selector, read_labels);
  fields.optional("cluster", one.cluster, read_string);
  return fields.finish(std::move(one));
}

std::optional<Error> check_classes(const std::vector<PodClass>& classes, bool has_arrivals,
                                   const Location& at) {
  const auto problem = [](Location place, std::string message, std::string found = "") {
    return Error{.at = std::move(place),
                 .message = std::move(message),
                 .found = std::move(found),
                 .expected = "",
                 .hint = ""};
  };
  if (classes.empty()) return problem(at, "there must be at least one class");
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (!classes[i].arrivals && !has_arrivals) {
      return problem(child(at, i), "neither the class nor the workload has arrivals");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (classes[i].name == classes[j].name) {
        return problem(child(child(at, i), "name"), "two classes have one name", classes[i].name);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Result<SyntheticWorkload> read_synthetic(const json& value, const Location& at) {
  SyntheticWorkload workload;
  JsonFields fields(value, at);
  fields.optional("arrivals", workload.arrivals, read_arrivals);
  fields.required("classes", workload.classes, [](const json& list, const Location& place) {
    return read_list(list, place, read_class);
  });
  fields.optional("count", workload.count, read_count);
  fields.optional("horizon", workload.horizon, read_duration);
  if (fields.ok()) {
    const bool has_arrivals = fields.has("arrivals");
    if (auto error = check_classes(workload.classes, has_arrivals, fields.at("classes"))) {
      fields.fail(std::move(*error));
    }
  }
  if (fields.ok() && !workload.count && !workload.horizon) {
    fields.fail({.at = at,
                 .message = "the workload would never end",
                 .found = "",
                 .expected = "a \"count\" or a \"horizon\"",
                 .hint = ""});
  }
  return fields.finish(std::move(workload));
}

}  // namespace orrery::traces
