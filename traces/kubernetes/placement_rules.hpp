#pragma once

#include <map>
#include <string>

#include "orrery/models/pod.hpp"
#include "orrery/traces/kubernetes/object_view.hpp"

namespace orrery::traces::kubernetes {

/// Labels of all namespaces that are known; every namespace has kubernetes.io/metadata.name.
using NamespaceLabels = std::map<std::string, Labels, std::less<>>;

/// What a pod spec says about where the pod may be, into `placement`, whose namespace and labels
/// are already there: node selector and affinity, tolerations with those that admission adds
/// (plugin/pkg/admission/defaulttolerationseconds), pod affinity, topology spread. matchLabelKeys
/// and mismatchLabelKeys become part of the selectors (pkg/registry/core/pod/strategy.go).
void read_placement_rules(const Field& pod_spec, const NamespaceLabels& namespaces,
                          PodTemplate& placement);

}  // namespace orrery::traces::kubernetes
