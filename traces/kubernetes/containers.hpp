#pragma once

#include <string>
#include <vector>

#include "orrery/models/pod_spec.hpp"
#include "orrery/traces/kubernetes/object_view.hpp"

namespace orrery::traces::kubernetes {

/// "web" becomes "web:latest" (kubernetes v1.36.3, imagelocality, normalizedImageName).
[[nodiscard]] std::string image_with_tag(std::string name);

/// A ResourceList whose names are `of_node`'s or a container's.
[[nodiscard]] ResourceAmounts read_amounts(const Field& list);

/// Containers, limits and everything else that stands in a PodSpec of what a kubelet does, with the
/// API's defaults (kubernetes v1.36.3, pkg/apis/core/v1/defaults.go) and checks
/// (pkg/apis/core/validation/validation.go).
[[nodiscard]] PodSpec read_pod_spec(const Field& pod_spec);

/// The ports that the containers take on their node.
[[nodiscard]] std::vector<HostPort> read_host_ports(const Field& pod_spec);

}  // namespace orrery::traces::kubernetes
