#include "orrery/models/power.hpp"

#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"

namespace orrery {
namespace {

Result<PowerRange> read_range(const nlohmann::json& value, const Location& at) {
  PowerRange range;
  JsonFields fields(value, at);
  fields.required("idle_watts", range.idle_watts, read_not_negative);
  fields.required("busy_watts", range.busy_watts, read_not_negative);
  if (fields.ok() && range.busy_watts < range.idle_watts) {
    return json_mismatch(value["busy_watts"], fields.at("busy_watts"), "at least idle_watts");
  }
  return fields.finish(range);
}

Result<std::map<std::string, PowerRange>> read_ranges(const nlohmann::json& value,
                                                      const Location& at) {
  if (!value.is_object()) return json_mismatch(value, at, "an object of GPU models");
  std::map<std::string, PowerRange> ranges;
  for (const auto& [model, range] : value.items()) {
    const Result<PowerRange> read = read_range(range, child(at, model));
    if (!read) return failure(read.error());
    ranges.emplace(model, *read);
  }
  return ranges;
}

nlohmann::json range_json(const PowerRange& range) {
  return {{"idle_watts", range.idle_watts}, {"busy_watts", range.busy_watts}};
}

}  // namespace

const PowerRange& PowerModel::gpu_range(const std::string& model) const {
  const auto found = gpu_by_model.find(model);
  return found == gpu_by_model.end() ? gpu : found->second;
}

Result<PowerModel> read_power_model(const nlohmann::json& value, const Location& at) {
  PowerModel model;
  JsonFields fields(value, at);
  fields.optional("node", model.node, read_range);
  fields.optional("gpu", model.gpu, read_range);
  fields.optional("gpu_by_model", model.gpu_by_model, read_ranges);
  return fields.finish(std::move(model));
}

nlohmann::json to_json(const PowerModel& model) {
  nlohmann::json by_model = nlohmann::json::object();
  for (const auto& [name, range] : model.gpu_by_model) by_model[name] = range_json(range);
  return {{"node", range_json(model.node)},
          {"gpu", range_json(model.gpu)},
          {"gpu_by_model", std::move(by_model)}};
}

}  // namespace orrery
