#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "orrery/experiments/setup/context.hpp"
#include "orrery/models/result.hpp"
#include "orrery/orchestration/cluster/scheduler_config.hpp"
#include "orrery/policies/parameters.hpp"
#include "orrery/sim/cluster/cluster_setup.hpp"

namespace orrery::experiments {

struct SchedulerPlan {
  policies::PolicyChoice policy;
  std::string policy_json;  ///< as the document names it, for journals
  orchestration::SchedulerConfig config;
};

/// {"policy": "fgd" or {"name": "fgd", …}} and what orchestration::read_scheduler_config() reads. A
/// policy's "configuration" may be the path of a KubeSchedulerConfiguration, YAML or JSON, relative
/// to the working directory or else to the document: its content stands for it, and its back-off
/// counts where the scheduler names none.
[[nodiscard]] Result<SchedulerPlan> read_scheduler(const nlohmann::json& value, const Location& at,
                                                   SetupContext& context);

/// {"watch": "10ms", "scheduling": "1ms", "bind": "5ms", "detection": "40s",
///  "image_pull": DISTRIBUTION, "initialise": DISTRIBUTION}, each optional.
[[nodiscard]] Result<sim::ClusterDelays> read_delays(const nlohmann::json& value,
                                                     const Location& at);

}  // namespace orrery::experiments
