#include "orrery/models/price.hpp"

#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"

namespace orrery {
namespace {

Result<std::map<std::string, double>> read_prices(const nlohmann::json& value, const Location& at) {
  if (!value.is_object()) return json_mismatch(value, at, "an object of GPU models");
  std::map<std::string, double> prices;
  for (const auto& [model, price] : value.items()) {
    const Result<double> read = read_not_negative(price, child(at, model));
    if (!read) return failure(read.error());
    prices.emplace(model, *read);
  }
  return prices;
}

}  // namespace

double PriceModel::hour(const Node& node) const {
  const auto by_model = gpu_hour_by_model.find(node.gpu_model);
  const double device = by_model == gpu_hour_by_model.end() ? gpu_hour : by_model->second;
  constexpr double kGiB = 1024.0 * 1024 * 1024;
  return node_hour + cpu_hour * static_cast<double>(node.cpu.count()) / 1000 +
         memory_gib_hour * static_cast<double>(node.memory.count()) / kGiB + device * node.gpus;
}

Result<PriceModel> read_price_model(const nlohmann::json& value, const Location& at) {
  PriceModel model;
  JsonFields fields(value, at);
  fields.optional("node_hour", model.node_hour, read_not_negative);
  fields.optional("cpu_hour", model.cpu_hour, read_not_negative);
  fields.optional("memory_gib_hour", model.memory_gib_hour, read_not_negative);
  fields.optional("gpu_hour", model.gpu_hour, read_not_negative);
  fields.optional("gpu_hour_by_model", model.gpu_hour_by_model, read_prices);
  return fields.finish(std::move(model));
}

nlohmann::json to_json(const PriceModel& model) {
  return {{"node_hour", model.node_hour},
          {"cpu_hour", model.cpu_hour},
          {"memory_gib_hour", model.memory_gib_hour},
          {"gpu_hour", model.gpu_hour},
          {"gpu_hour_by_model", model.gpu_hour_by_model}};
}

}  // namespace orrery
