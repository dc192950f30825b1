#include "orrery/traces/kubernetes/pods.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "orrery/models/quantity_text.hpp"
#include "orrery/traces/kubernetes/containers.hpp"
#include "orrery/traces/kubernetes/labels.hpp"
#include "orrery/traces/kubernetes/names.hpp"

namespace orrery::traces::kubernetes {
namespace {

constexpr std::array<EnumName<PodPhase>, 5> kPhases{{{PodPhase::Pending, "Pending"},
                                                     {PodPhase::Running, "Running"},
                                                     {PodPhase::Succeeded, "Succeeded"},
                                                     {PodPhase::Failed, "Failed"},
                                                     {PodPhase::Running, "Unknown"}}};
constexpr std::array<EnumName<bool>, 2> kPreemption{
    {{true, "PreemptLowerPriority"}, {false, "Never"}}};

// pkg/apis/scheduling/types.go
constexpr std::int32_t kSystemCritical = 2'000'000'000;

/// GPUs are devices; everything else that is not a machine's own is counted.
void take_requests(const PodSpec& spec, PodBlueprint& pod) {
  const ResourceAmounts requests = pod_requests(spec);
  const ResourceAmounts scored = pod_requests_for_scoring(spec);
  pod.cpu = requests.cpu.value_or(MilliCpu{});
  pod.memory = requests.memory.value_or(Bytes{});
  PodTemplate& placement = pod.placement;
  placement.cpu_unnamed = scored.cpu.value_or(MilliCpu{}) - pod.cpu;
  placement.memory_unnamed = scored.memory.value_or(Bytes{}) - pod.memory;
  placement.ephemeral_storage = requests.ephemeral_storage.value_or(Bytes{});
  for (const auto& [name, amount] : requests.others) {
    if (name == "nvidia.com/gpu") {
      placement.gpu.count = static_cast<std::uint8_t>(std::min<std::int64_t>(amount, UINT8_MAX));
    } else if (amount > 0) {
      placement.extended[name] = amount;
    }
  }
}

std::optional<Duration> read_run_time(const Field& annotations) {
  const Field field = annotations[kRunTimeAnnotation];
  if (!field.is_there()) return std::nullopt;
  const auto span = parse_duration(field.text());
  if (span && *span > Duration::zero()) return *span;
  field.wrong("a duration such as 10m");
  return std::nullopt;
}

bool read_gates(const Field& pod_spec) {
  std::set<std::string> names;
  const Field gates = pod_spec["schedulingGates"];
  for (const Field& gate : gates.elements()) {
    if (!names.insert(gate["name"].text()).second) gate["name"].refuse("a gate is there twice");
  }
  if (!names.empty() && !pod_spec["nodeName"].is_empty()) {
    gates.refuse("a pod with scheduling gates cannot have a nodeName");
  }
  return !names.empty();
}

}  // namespace

Metadata read_metadata(const Field& metadata) {
  Metadata read;
  read.name.name = metadata["name"].required().text();
  if (!read.name.name.empty() && !is_dns_subdomain(read.name.name)) {
    metadata["name"].wrong("a name of lower-case letters, digits, '-' and '.'");
  }
  read.name.name_space = metadata["namespace"].text("default");
  if (!is_dns_label(read.name.name_space)) {
    metadata["namespace"].wrong("a name of lower-case letters, digits and '-'");
  }
  read.labels = read_labels(metadata["labels"]);
  for (const Field& owner : metadata["ownerReferences"].elements()) {
    if (!owner["controller"].flag(false)) continue;
    if (!read.controller.kind.empty()) owner.refuse("an object has one controller at most");
    read.controller = {.kind = owner["kind"].text(), .name = owner["name"].text()};
  }
  read.is_terminating = metadata["deletionTimestamp"].is_there();
  return read;
}

void PodReader::add(const Namespace& name_space) {
  namespaces_[name_space.name] = name_space.labels;
}
void PodReader::add(const PriorityClass& priority_class) {
  priority_classes_[priority_class.name] = priority_class;
}
void PodReader::add(const Service& service) {
  services_[service.name.name_space].push_back(service);
}
void PodReader::add(const ReplicaSet& replica_set) {
  replica_sets_[replica_set.name] = {replica_set.selector, replica_set.controller};
}
void PodReader::add(const StatefulSet& stateful_set) {
  stateful_sets_[stateful_set.name] = {stateful_set.selector, {}};
}

void PodReader::read_priority(const Field& pod_spec, PodTemplate& placement) const {
  const Field name = pod_spec["priorityClassName"];
  const Field number = pod_spec["priority"];
  PriorityClass chosen;
  if (name.is_empty()) {
    for (const auto& [key, one] : priority_classes_) {
      if (one.is_default) chosen = one;
    }
  } else if (name.text() == "system-node-critical") {
    chosen.value = kSystemCritical + 1000;
  } else if (name.text() == "system-cluster-critical") {
    chosen.value = kSystemCritical;
  } else if (const auto found = priority_classes_.find(name.text());
             found != priority_classes_.end()) {
    chosen = found->second;
  } else if (!number.is_there()) {  // an object that a server has admitted says what it got
    std::vector<std::string> names{"system-cluster-critical", "system-node-critical"};
    for (const auto& [key, one] : priority_classes_) names.push_back(key);
    name.wrong("a PriorityClass that is there", suggest(name.text(), names));
  }
  placement.priority = number.integer32(chosen.value, INT32_MIN);
  placement.preempts = read_enum(pod_spec["preemptionPolicy"], kPreemption, chosen.preempts);
}

/// The selectors of the Services that select the pod and of what controls it, together (kubernetes
/// v1.36.3, pkg/scheduler/framework/plugins/helper/spread.go).
LabelSelector PodReader::default_spread_selector(const Metadata& pod) const {
  Labels merged;
  if (const auto own = services_.find(pod.name.name_space); own != services_.end()) {
    for (const Service& service : own->second) {
      if (!service.selector.matches(pod.labels)) continue;
      for (const LabelRequirement& one : service.selector.requirements) {
        merged[one.key] = one.values.front();
      }
    }
  }
  LabelSelector selector = LabelSelector::all_of(merged);
  const auto take = [&](const std::map<ObjectName, Controlled>& sets) {
    const auto found = sets.find({.name_space = pod.name.name_space, .name = pod.controller.name});
    if (found == sets.end()) return;
    const auto& more = found->second.selector.requirements;
    selector.requirements.insert(selector.requirements.end(), more.begin(), more.end());
  };
  if (pod.controller.kind == "ReplicaSet") take(replica_sets_);
  if (pod.controller.kind == "StatefulSet") take(stateful_sets_);
  return selector;
}

/// What the pod belongs to in the end: a Deployment rather than its ReplicaSet.
std::string PodReader::owner_of(const Metadata& pod) const {
  if (pod.controller.kind == "ReplicaSet") {
    const auto found =
        replica_sets_.find({.name_space = pod.name.name_space, .name = pod.controller.name});
    if (found != replica_sets_.end() && !found->second.controller.name.empty()) {
      return found->second.controller.name;
    }
  }
  return pod.controller.name;
}

PodBlueprint PodReader::read_blueprint(const Field& pod, const Metadata& metadata) {
  const auto [known, is_new] = namespaces_.try_emplace(metadata.name.name_space);
  if (is_new) known->second["kubernetes.io/metadata.name"] = known->first;
  const Field pod_spec = pod["spec"];
  pod_spec.required();
  PodBlueprint read;
  read.spec = read_pod_spec(pod_spec);
  read.spec.run_time = read_run_time(pod["metadata"]["annotations"]);
  PodTemplate& placement = read.placement;
  placement.name_space = metadata.name.name_space;
  placement.owner = owner_of(metadata);
  placement.labels = metadata.labels;
  take_requests(read.spec, read);
  read_priority(pod_spec, placement);
  read_placement_rules(pod_spec, namespaces_, placement);
  placement.default_spread_selector = default_spread_selector(metadata);
  placement.host_ports = read_host_ports(pod_spec);
  for (const auto* containers : {&read.spec.init_containers, &read.spec.containers}) {
    for (const ContainerSpec& one : *containers) placement.images.push_back(one.image);
  }
  static_cast<void>(pod_spec["activeDeadlineSeconds"].integer(1, 1));
  return read;
}

PodBlueprint PodReader::read_template(const Field& pod_template, const std::string& name_space,
                                      const ControllerReference& controller) {
  Metadata metadata{.name = {.name_space = name_space, .name = ""},
                    .labels = read_labels(pod_template["metadata"]["labels"]),
                    .controller = controller};
  return read_blueprint(pod_template, metadata);
}

PodObject PodReader::read_pod(const Field& object) {
  const Metadata metadata = read_metadata(object["metadata"]);
  PodObject read{.name = metadata.name,
                 .pod = read_blueprint(object, metadata),
                 .controller = metadata.controller,
                 .node = object["spec"]["nodeName"].text(),
                 .phase = read_enum(object["status"]["phase"], kPhases, PodPhase::Pending),
                 .is_gated = read_gates(object["spec"]),
                 .is_terminating = metadata.is_terminating};
  return read;
}

}  // namespace orrery::traces::kubernetes
