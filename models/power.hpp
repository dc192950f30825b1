#pragma once

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"

namespace orrery {

/// Watts of one thing, linear in its utilisation between idle and busy.
struct PowerRange {
  double idle_watts = 0;
  double busy_watts = 0;

  /// `utilisation` is a share, 0 to 1.
  [[nodiscard]] constexpr double watts(double utilisation) const {
    return idle_watts + (busy_watts - idle_watts) * utilisation;
  }
  friend bool operator==(const PowerRange&, const PowerRange&) = default;
};

/// What a node draws: its body (CPU, memory, fans) by CPU utilisation, and each GPU by its own. A
/// node that is down draws nothing. Source of the linear form: Fan, Weber, Barroso, Power
/// Provisioning for a Warehouse-sized Computer, ISCA 2007.
struct PowerModel {
  PowerRange node;
  PowerRange gpu;  ///< of models that are not in `gpu_by_model`
  std::map<std::string, PowerRange> gpu_by_model;

  [[nodiscard]] const PowerRange& gpu_range(const std::string& model) const;
  friend bool operator==(const PowerModel&, const PowerModel&) = default;
};

/// {"node": {"idle_watts": 120, "busy_watts": 400}, "gpu": RANGE, "gpu_by_model": {"A100": RANGE}}
[[nodiscard]] Result<PowerModel> read_power_model(const nlohmann::json& value, const Location& at);
[[nodiscard]] nlohmann::json to_json(const PowerModel& model);

}  // namespace orrery
