#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"
#include "orrery/policies/placement/kube_default/config.hpp"

namespace orrery::policies::kube {

/// Takes the arguments of one plugin over into `profile`; those of plugins that are not simulated
/// are passed over.
[[nodiscard]] Result<void> read_plugin_args(const std::string& plugin, const nlohmann::json& args,
                                            const Location& at, KubeSchedulerProfile& profile);

}  // namespace orrery::policies::kube
