#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/policies/placement/kube_default/config.hpp"

namespace orrery::policies::kube {

/// A KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) as far as it is simulated.
struct KubeSchedulerConfiguration {
  struct Named {
    std::string scheduler_name = "default-scheduler";
    KubeSchedulerProfile profile;
    friend bool operator==(const Named&, const Named&) = default;
  };
  std::vector<Named> profiles;  ///< at least one
  Duration backoff_initial = std::chrono::seconds{1};
  Duration backoff_max = std::chrono::seconds{10};
  double client_qps = 50;
  std::int64_t client_burst = 100;

  friend bool operator==(const KubeSchedulerConfiguration&,
                         const KubeSchedulerConfiguration&) = default;
};

/// Reads one from JSON, with upstream's defaults and checks (kubernetes v1.36.3,
/// pkg/scheduler/apis/config, v1/ and validation/). Of the extension points, multiPoint, filter,
/// postFilter and score decide; preFilter and preScore follow filter and score; the others are
/// checked only. Errors: an unknown member or plugin, a plugin at a point that it does not extend,
/// a value out of its range, extenders.
[[nodiscard]] Result<KubeSchedulerConfiguration> read_kube_scheduler_configuration(
    const nlohmann::json& value, const Location& at);

}  // namespace orrery::policies::kube
