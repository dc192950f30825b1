#include "orrery/sim/cluster/cluster_setup.hpp"

#include <cmath>

namespace orrery::sim {

NodeRates node_rates(const Node& node, const PowerModel& power, const PriceModel& price) {
  const auto milli = [](double watts) {
    return static_cast<std::int64_t>(std::llround(watts * 1e3));
  };
  const PowerRange& gpu = power.gpu_range(node.gpu_model);
  return {.idle_milliwatts = milli(power.node.idle_watts + node.gpus * gpu.idle_watts),
          .cpu_milliwatts = milli(power.node.busy_watts - power.node.idle_watts),
          .gpu_milliwatts = milli(gpu.busy_watts - gpu.idle_watts),
          .price_micros_per_hour = static_cast<std::int64_t>(std::llround(price.hour(node) * 1e6))};
}

}  // namespace orrery::sim
