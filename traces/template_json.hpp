#pragma once

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/labels.hpp"
#include "orrery/models/pod.hpp"
#include "orrery/models/result.hpp"

namespace orrery::traces {

/// {"key": "value", …}
[[nodiscard]] Result<Labels> read_labels(const nlohmann::json& value, const Location& at);

/// A pod template as JSON, spelled as in Kubernetes where Kubernetes has the thing; what has its
/// default value is left out. Reads back as an equal template. docs/trace-format.md lists the
/// members.
[[nodiscard]] nlohmann::json to_json(const PodTemplate& pod_template);
[[nodiscard]] Result<PodTemplate> read_pod_template(const nlohmann::json& value,
                                                    const Location& at);

}  // namespace orrery::traces
