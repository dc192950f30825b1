#pragma once

#include "orrery/models/kubernetes_objects.hpp"
#include "orrery/traces/kubernetes/object_view.hpp"

namespace orrery::traces::kubernetes {

[[nodiscard]] Namespace read_namespace(const Field& object);
[[nodiscard]] Service read_service(const Field& object);
[[nodiscard]] PriorityClass read_priority_class(const Field& object);
[[nodiscard]] PodDisruptionBudget read_budget(const Field& object);
/// Its metrics and behaviour are checked by the policy that takes them.
[[nodiscard]] HorizontalPodAutoscaler read_autoscaler(const Field& object);

}  // namespace orrery::traces::kubernetes
