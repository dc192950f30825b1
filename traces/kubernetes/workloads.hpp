#pragma once

#include "orrery/models/kubernetes_objects.hpp"
#include "orrery/traces/kubernetes/object_view.hpp"
#include "orrery/traces/kubernetes/pods.hpp"

/// What makes pods, with the API's defaults and checks (kubernetes v1.36.3, pkg/apis/apps and
/// pkg/apis/batch).
namespace orrery::traces::kubernetes {

[[nodiscard]] ReplicaSet read_replica_set(const Field& object, PodReader& pods);
[[nodiscard]] Deployment read_deployment(const Field& object, PodReader& pods);
[[nodiscard]] StatefulSet read_stateful_set(const Field& object, PodReader& pods);
[[nodiscard]] Job read_job(const Field& object, PodReader& pods);

/// A number, or a percentage as text.
[[nodiscard]] IntOrPercent read_int_or_percent(const Field& field, IntOrPercent otherwise);

}  // namespace orrery::traces::kubernetes
