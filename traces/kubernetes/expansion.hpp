#pragma once

#include <vector>

#include "orrery/traces/kubernetes/manifests.hpp"

namespace orrery::traces::kubernetes {

/// The pods of a cluster at the start of a run: those that are there and have not ended, and those
/// that Deployments, ReplicaSets, StatefulSets and Jobs still have to make, in this order. Stands
/// in for controllers: nothing replaces these pods later.
[[nodiscard]] std::vector<PodObject> pods_at_start(const Manifests& manifests);

}  // namespace orrery::traces::kubernetes
