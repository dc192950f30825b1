#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/kubernetes_objects.hpp"
#include "orrery/models/node.hpp"
#include "orrery/models/result.hpp"
#include "orrery/sim/kubernetes/kubernetes_setup.hpp"

namespace orrery::experiments {

/// "1.36", or {"version": "1.36", …} with what differs from its defaults, under the names of
/// kube-controller-manager's flags.
[[nodiscard]] Result<sim::KubernetesSetup> read_kubernetes(const nlohmann::json& value,
                                                           const Location& at);

/// [{"at": "10m", "crash": ["rack-1-*"]}, {"at": "1h", "scale": {"web": 50}}, …]: what happens to
/// which nodes or Deployments when; in the order of time. Errors: a pattern that no node's name
/// matches, a Deployment that is not there.
[[nodiscard]] Result<std::vector<sim::Incident>> read_incidents(
    const nlohmann::json& value, const Location& at, const std::vector<Node>& nodes,
    const std::vector<Deployment>& deployments);

/// Can it happen in a cluster that is not simulated as Kubernetes?
[[nodiscard]] bool needs_kubernetes(const sim::Incident& incident);

}  // namespace orrery::experiments
