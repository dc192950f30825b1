#pragma once

#include "orrery/models/kubernetes_objects.hpp"
#include "orrery/traces/kubernetes/object_view.hpp"

namespace orrery::traces::kubernetes {

/// A Node as its API server knows it. What it offers is status.allocatable, or else the capacity.
/// GPUs are `nvidia.com/gpu`, their model the label `nvidia.com/gpu.product`; the zone is the label
/// topology.kubernetes.io/zone; every name of an image counts.
[[nodiscard]] NodeObject read_node(const Field& object);

}  // namespace orrery::traces::kubernetes
