#pragma once

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/labels.hpp"
#include "orrery/models/placement_rules.hpp"
#include "orrery/models/result.hpp"

/// The parts of a pod template that say where the pod may be, as docs/trace-format.md lists them.
/// Each reads back as an equal value.
namespace orrery::traces {

/// [{"key": "zone", "operator": "In", "values": ["a"]}, …]; null selects nothing.
[[nodiscard]] nlohmann::json to_json(const LabelSelector& selector);
[[nodiscard]] Result<LabelSelector> read_selector(const nlohmann::json& value, const Location& at);

[[nodiscard]] nlohmann::json to_json(const NodeAffinity& affinity);
[[nodiscard]] Result<NodeAffinity> read_affinity(const nlohmann::json& value, const Location& at);

[[nodiscard]] nlohmann::json to_json(const Toleration& toleration);
[[nodiscard]] Result<Toleration> read_toleration(const nlohmann::json& value, const Location& at);

[[nodiscard]] nlohmann::json to_json(const PodAffinity& affinity);
[[nodiscard]] Result<PodAffinity> read_pod_affinity(const nlohmann::json& value,
                                                    const Location& at);

[[nodiscard]] nlohmann::json to_json(const TopologySpreadConstraint& constraint);
[[nodiscard]] Result<TopologySpreadConstraint> read_spread(const nlohmann::json& value,
                                                           const Location& at);

[[nodiscard]] nlohmann::json to_json(const HostPort& port);
[[nodiscard]] Result<HostPort> read_host_port(const nlohmann::json& value, const Location& at);

}  // namespace orrery::traces
