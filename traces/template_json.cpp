#include "orrery/traces/template_json.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/models/quantity_text.hpp"
#include "orrery/traces/placement_rules_json.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;
Result<GpuRequest> read_gpu_request(const json& value, const Location& at) {
  std::int64_t count = 0;
  std::int64_t milli = kWholeGpu.count();
  JsonFields fields(value, at);
  fields.required("count", count, read_count);
  fields.optional("milli", milli, read_count);
  if (fields.ok() && (count < 1 || count > static_cast<std::int64_t>(kGpusPerNodeMax))) {
    return json_mismatch(value["count"], fields.at("count"),
                         fmt::format("1 to {} devices", kGpusPerNodeMax));
  }
  const bool is_milli = milli >= 1 && milli <= 1000 && (count == 1 || milli == 1000);
  if (fields.ok() && !is_milli) {
    return json_mismatch(value["milli"], fields.at("milli"),
                         "1 to 1000, and 1000 for more than one device");
  }
  return fields.finish(GpuRequest{.count = static_cast<std::uint8_t>(count),
                                  .milli = static_cast<std::int16_t>(milli)});
}

Result<std::map<std::string, std::int64_t>> read_amounts(const json& value, const Location& at) {
  if (!value.is_object()) return json_mismatch(value, at, "an object of whole numbers");
  std::map<std::string, std::int64_t> amounts;
  for (const auto& [name, amount] : value.items()) {
    const Result<std::int64_t> read = read_count(amount, child(at, name));
    if (!read) return failure(read.error());
    amounts.emplace(name, *read);
  }
  return amounts;
}

/// What says where the pod may be.
void write_rules(const PodTemplate& spec, json& value) {
  if (!spec.node_selector.empty()) value["node_selector"] = spec.node_selector;
  if (spec.affinity != NodeAffinity{}) value["affinity"] = to_json(spec.affinity);
  for (const Toleration& one : spec.tolerations) value["tolerations"].push_back(to_json(one));
  if (!spec.pod_affinity.empty()) value["pod_affinity"] = to_json(spec.pod_affinity);
  if (!spec.pod_anti_affinity.empty()) {
    value["pod_anti_affinity"] = to_json(spec.pod_anti_affinity);
  }
  for (const TopologySpreadConstraint& one : spec.topology_spread) {
    value["topology_spread"].push_back(to_json(one));
  }
  if (!spec.default_spread_selector.is_everything()) {
    value["default_spread_selector"] = to_json(spec.default_spread_selector);
  }
  for (const HostPort& port : spec.host_ports) value["host_ports"].push_back(to_json(port));
}

void read_rules(JsonFields& fields, PodTemplate& spec) {
  const auto list_of = [](auto parse) {
    return [parse](const json& list, const Location& at) { return read_list(list, at, parse); };
  };
  fields.optional("node_selector", spec.node_selector, read_labels);
  fields.optional("affinity", spec.affinity, read_affinity);
  fields.optional("tolerations", spec.tolerations, list_of(read_toleration));
  fields.optional("pod_affinity", spec.pod_affinity, read_pod_affinity);
  fields.optional("pod_anti_affinity", spec.pod_anti_affinity, read_pod_affinity);
  fields.optional("topology_spread", spec.topology_spread, list_of(read_spread));
  fields.optional("default_spread_selector", spec.default_spread_selector, read_selector);
  fields.optional("host_ports", spec.host_ports, list_of(read_host_port));
}

}  // namespace

Result<Labels> read_labels(const json& value, const Location& at) {
  if (!value.is_object()) return json_mismatch(value, at, "an object of strings");
  Labels labels;
  for (const auto& [key, text] : value.items()) {
    Result<std::string> read = read_string(text, child(at, key));
    if (!read) return failure(std::move(read.error()));
    labels.emplace(key, std::move(*read));
  }
  return labels;
}

json to_json(const PodTemplate& spec) {
  const PodTemplate plain;
  json value = json::object();
  if (spec.name_space != plain.name_space) value["namespace"] = spec.name_space;
  if (!spec.owner.empty()) value["owner"] = spec.owner;
  if (!spec.labels.empty()) value["labels"] = spec.labels;
  if (spec.priority != 0) value["priority"] = spec.priority;
  if (spec.gpu.count > 0) value["gpu"] = {{"count", spec.gpu.count}, {"milli", spec.gpu.milli}};
  if (!spec.gpu_models.empty()) value["gpu_models"] = spec.gpu_models;
  if (spec.ephemeral_storage != Bytes{}) {
    value["ephemeral_storage"] = to_text(spec.ephemeral_storage);
  }
  if (!spec.extended.empty()) value["extended"] = spec.extended;
  write_rules(spec, value);
  if (!spec.images.empty()) value["images"] = spec.images;
  if (!spec.preempts) value["preempts"] = false;
  if (spec.cpu_unnamed != MilliCpu{}) value["cpu_unnamed"] = to_text(spec.cpu_unnamed);
  if (spec.memory_unnamed != Bytes{}) value["memory_unnamed"] = to_text(spec.memory_unnamed);
  return value;
}

Result<PodTemplate> read_pod_template(const json& value, const Location& at) {
  PodTemplate spec;
  JsonFields fields(value, at);
  fields.optional("namespace", spec.name_space, read_string);
  fields.optional("owner", spec.owner, read_string);
  fields.optional("labels", spec.labels, read_labels);
  fields.optional("priority", spec.priority, [](const json& number, const Location& place) {
    return read_integer(number, place).and_then([&](std::int64_t whole) -> Result<std::int32_t> {
      if (whole >= INT32_MIN && whole <= INT32_MAX) return static_cast<std::int32_t>(whole);
      return json_mismatch(number, place, "a whole number of 32 bits");
    });
  });
  fields.optional("gpu", spec.gpu, read_gpu_request);
  fields.optional("gpu_models", spec.gpu_models, read_strings);
  fields.optional("ephemeral_storage", spec.ephemeral_storage, read_bytes);
  fields.optional("extended", spec.extended, read_amounts);
  read_rules(fields, spec);
  fields.optional("images", spec.images, read_strings);
  fields.optional("preempts", spec.preempts, read_bool);
  fields.optional("cpu_unnamed", spec.cpu_unnamed, read_cpu);
  fields.optional("memory_unnamed", spec.memory_unnamed, read_bytes);
  return fields.finish(std::move(spec));
}

}  // namespace orrery::traces
