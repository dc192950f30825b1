#pragma once

#include <memory>

#include "orrery/models/pod.hpp"
#include "orrery/sim/kubernetes/kubernetes_setup.hpp"

namespace orrery::sim {

/// The pod as the API server stores it: it tolerates nodes that are not ready or unreachable for a
/// while, unless it says itself what it does then (k8s.io/kubernetes v1.36.3,
/// plugin/pkg/admission/defaulttolerationseconds).
[[nodiscard]] std::shared_ptr<const PodTemplate> admitted(
    const std::shared_ptr<const PodTemplate>& submitted, const NodeLifecycleConfig& config);

}  // namespace orrery::sim
