#pragma once

#include <map>
#include <string>
#include <vector>

#include "orrery/models/kubernetes_objects.hpp"
#include "orrery/traces/kubernetes/object_view.hpp"
#include "orrery/traces/kubernetes/placement_rules.hpp"

namespace orrery::traces::kubernetes {

/// metadata of an object in a namespace.
struct Metadata {
  ObjectName name;
  Labels labels;
  ControllerReference controller;
  bool is_terminating = false;
};
[[nodiscard]] Metadata read_metadata(const Field& metadata);

/// How long a pod works, an annotation of its template: "orrery/run-time": "10m".
inline constexpr const char* kRunTimeAnnotation = "orrery/run-time";

/// What a pod is read with: the objects of its cluster that it may name.
class PodReader {
 public:
  void add(const Namespace& name_space);
  void add(const PriorityClass& priority_class);
  void add(const Service& service);
  void add(const ReplicaSet& replica_set);
  void add(const StatefulSet& stateful_set);

  /// The pods of a template {"metadata", "spec"} in a namespace; `controller` makes them.
  [[nodiscard]] PodBlueprint read_template(const Field& pod_template, const std::string& name_space,
                                           const ControllerReference& controller);
  [[nodiscard]] PodObject read_pod(const Field& object);

 private:
  PodBlueprint read_blueprint(const Field& pod, const Metadata& metadata);
  void read_priority(const Field& pod_spec, PodTemplate& placement) const;
  [[nodiscard]] LabelSelector default_spread_selector(const Metadata& pod) const;
  [[nodiscard]] std::string owner_of(const Metadata& pod) const;

  struct Controlled {
    LabelSelector selector;
    ControllerReference controller;
  };
  NamespaceLabels namespaces_;
  std::map<std::string, PriorityClass> priority_classes_;
  std::map<std::string, std::vector<Service>> services_;  ///< by namespace
  std::map<ObjectName, Controlled> replica_sets_;
  std::map<ObjectName, Controlled> stateful_sets_;
};

}  // namespace orrery::traces::kubernetes
