#pragma once

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/node.hpp"
#include "orrery/models/result.hpp"

namespace orrery {

/// What capacity costs while it is there, in units of money per hour; the parts add up.
struct PriceModel {
  double node_hour = 0;
  double cpu_hour = 0;  ///< per core
  double memory_gib_hour = 0;
  double gpu_hour = 0;  ///< per device of a model that is not in `gpu_hour_by_model`
  std::map<std::string, double> gpu_hour_by_model;

  /// Price of an hour of this node.
  [[nodiscard]] double hour(const Node& node) const;
  friend bool operator==(const PriceModel&, const PriceModel&) = default;
};

/// {"node_hour": 0.1, "cpu_hour": 0.04, "memory_gib_hour": 0.005, "gpu_hour": 2,
///  "gpu_hour_by_model": {"A100": 4.1}}, each optional.
[[nodiscard]] Result<PriceModel> read_price_model(const nlohmann::json& value, const Location& at);
[[nodiscard]] nlohmann::json to_json(const PriceModel& model);

}  // namespace orrery
