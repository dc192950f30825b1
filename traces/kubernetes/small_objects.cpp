#include "orrery/traces/kubernetes/small_objects.hpp"

#include "orrery/traces/kubernetes/labels.hpp"
#include "orrery/traces/kubernetes/pods.hpp"
#include "orrery/traces/kubernetes/workloads.hpp"

namespace orrery::traces::kubernetes {

Namespace read_namespace(const Field& object) {
  const Metadata metadata = read_metadata(object["metadata"]);
  Namespace read{.name = metadata.name.name, .labels = metadata.labels};
  read.labels["kubernetes.io/metadata.name"] = read.name;
  return read;
}

Service read_service(const Field& object) {
  Service read{.name = read_metadata(object["metadata"]).name, .selector = {}};
  const Labels selector = read_labels(object["spec"]["selector"]);
  read.selector = LabelSelector::all_of(selector);
  read.selector.selects_nothing = selector.empty();
  return read;
}

PriorityClass read_priority_class(const Field& object) {
  constexpr std::array<EnumName<bool>, 2> kPreemption{
      {{true, "PreemptLowerPriority"}, {false, "Never"}}};
  constexpr std::int32_t kHighest = 1'000'000'000;  // pkg/apis/scheduling/types.go
  const std::string name = read_metadata(object["metadata"]).name.name;
  const bool is_system = name == "system-node-critical" || name == "system-cluster-critical";
  object["value"].required();
  return {.name = name,
          .value = object["value"].integer32(0, INT32_MIN, is_system ? INT32_MAX : kHighest),
          .is_default = object["globalDefault"].flag(false),
          .preempts = read_enum(object["preemptionPolicy"], kPreemption, true)};
}

PodDisruptionBudget read_budget(const Field& object) {
  constexpr std::array<EnumName<bool>, 2> kPolicies{
      {{false, "IfHealthyBudget"}, {true, "AlwaysAllow"}}};
  const Field spec = object["spec"];
  const auto limit = [](const Field& field) { return read_int_or_percent(field, {}); };
  PodDisruptionBudget read{
      .name = read_metadata(object["metadata"]).name,
      .selector = read_label_selector(spec["selector"]),
      .available_min = spec["minAvailable"].optional(limit),
      .unavailable_max = spec["maxUnavailable"].optional(limit),
      .always_evicts_unhealthy = read_enum(spec["unhealthyPodEvictionPolicy"], kPolicies, false)};
  if (read.available_min && read.unavailable_max) {
    spec["maxUnavailable"].refuse("a budget has either minAvailable or maxUnavailable");
  }
  for (const char* const name : {"minAvailable", "maxUnavailable"}) {
    const IntOrPercent given = read_int_or_percent(spec[name], {});
    if (given.is_percent && given.value > 100) spec[name].wrong("at most 100%");
  }
  return read;
}

HorizontalPodAutoscaler read_autoscaler(const Field& object) {
  const Field spec = object["spec"];
  const Field target = spec["scaleTargetRef"];
  const std::int32_t min = spec["minReplicas"].integer32(1, 0);
  const std::int32_t max = spec["maxReplicas"].integer32(1, 1);
  spec["maxReplicas"].required();
  target["kind"].required();
  target["name"].required();
  if (max < min) spec["maxReplicas"].wrong("at least minReplicas");
  return {.name = read_metadata(object["metadata"]).name,
          .target = {.kind = target["kind"].text(), .name = target["name"].text()},
          .spec = spec.is_there()
                      ? spec.json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                      : std::string()};
}

}  // namespace orrery::traces::kubernetes
