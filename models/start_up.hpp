#pragma once

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/distribution.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/stream.hpp"
#include "orrery/models/units.hpp"

namespace orrery {

/// How long a node takes from the order until it is Ready, in seconds.
struct NodeStartUp {
  Distribution boot;
  friend bool operator==(const NodeStartUp&, const NodeStartUp&) = default;
};

/// The way of a pod from bound to Running: pull the image, then initialise (load weights, warm up),
/// in seconds. A node that has the image already skips the pull.
struct PodStartUp {
  Distribution image_pull;
  Distribution initialise;

  /// One draw from the pod's stream of Purpose::PodStartUp. The pull is drawn even when the node
  /// has the image, so that where a pod goes does not shift what is drawn next.
  [[nodiscard]] Duration sample(Stream& stream, bool has_image) const;
  friend bool operator==(const PodStartUp&, const PodStartUp&) = default;
};

/// {"boot": DISTRIBUTION}
[[nodiscard]] Result<NodeStartUp> read_node_start_up(const nlohmann::json& value,
                                                     const Location& at);
/// {"image_pull": DISTRIBUTION, "initialise": DISTRIBUTION}, both optional and zero by default.
[[nodiscard]] Result<PodStartUp> read_pod_start_up(const nlohmann::json& value, const Location& at);
[[nodiscard]] nlohmann::json to_json(const NodeStartUp& model);
[[nodiscard]] nlohmann::json to_json(const PodStartUp& model);

}  // namespace orrery
