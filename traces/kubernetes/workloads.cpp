#include "orrery/traces/kubernetes/workloads.hpp"

#include <charconv>
#include <utility>

#include "orrery/traces/kubernetes/labels.hpp"

namespace orrery::traces::kubernetes {
namespace {

/// The selector must be there, say something, and select the pods of the template.
LabelSelector read_selector(const Field& spec) {
  const Field field = spec["selector"];
  LabelSelector selector = read_label_selector(field);
  if (selector.selects_nothing || selector.requirements.empty()) {
    field.refuse("'selector' is missing", "it must select the pods of the template");
    return selector;
  }
  const Field labels = spec["template"]["metadata"]["labels"];
  if (!selector.matches(read_labels(labels))) {
    (labels.is_there() ? labels : spec["template"])
        .refuse("the selector does not match the labels of the template");
  }
  return selector;
}

void require_always(const Field& spec, const PodBlueprint& pod) {
  if (pod.spec.restart_policy == RestartPolicy::Always) return;
  spec["template"]["spec"]["restartPolicy"].wrong("Always, as what ends is replaced");
}

/// maxSurge and maxUnavailable.
void read_strategy(const Field& strategy, Deployment& deployment) {
  constexpr std::array<EnumName<bool>, 2> kTypes{{{false, "RollingUpdate"}, {true, "Recreate"}}};
  deployment.recreates = read_enum(strategy["type"], kTypes, false);
  const Field rolling = strategy["rollingUpdate"];
  if (deployment.recreates && rolling.is_there()) {
    rolling.refuse("Recreate has no rollingUpdate");
  }
  deployment.surge_max = read_int_or_percent(rolling["maxSurge"], deployment.surge_max);
  const Field unavailable = rolling["maxUnavailable"];
  deployment.unavailable_max = read_int_or_percent(unavailable, deployment.unavailable_max);
  if (deployment.unavailable_max.is_percent && deployment.unavailable_max.value > 100) {
    unavailable.wrong("at most 100%");
  }
  if (deployment.surge_max.value == 0 && deployment.unavailable_max.value == 0) {
    unavailable.refuse("may not be 0 where maxSurge is 0");
  }
}

bool is_finished(const Field& conditions) {
  for (const Field& condition : conditions.elements()) {
    const std::string type = condition["type"].text();
    if ((type == "Complete" || type == "Failed") && condition["status"].text() == "True") {
      return true;
    }
  }
  return false;
}

void read_completions(const Field& spec, Job& job) {
  job.parallelism = spec["parallelism"].integer32(1, 0);
  if (spec["completions"].is_there()) {
    job.completions = spec["completions"].integer32(1, 0);
  } else if (spec["parallelism"].is_there()) {
    job.completions.reset();
  }
  constexpr std::array<EnumName<bool>, 2> kModes{{{false, "NonIndexed"}, {true, "Indexed"}}};
  job.is_indexed = read_enum(spec["completionMode"], kModes, false);
  if (job.is_indexed && !job.completions) spec["completions"].refuse("Indexed needs completions");
}

}  // namespace

IntOrPercent read_int_or_percent(const Field& field, IntOrPercent otherwise) {
  if (!field.is_there()) return otherwise;
  if (!field.json().is_string()) return {.value = field.integer32(0, 0)};
  const std::string text = field.text();
  IntOrPercent read{.is_percent = true};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, read.value);
  const bool is_right = error == std::errc{} && read.value >= 0 && rest + 1 == end && *rest == '%';
  if (!is_right) field.wrong("a whole number or a percentage such as \"25%\"");
  return is_right ? read : otherwise;
}

ReplicaSet read_replica_set(const Field& object, PodReader& pods) {
  const Metadata metadata = read_metadata(object["metadata"]);
  const Field spec = object["spec"];
  ReplicaSet read{.name = metadata.name,
                  .controller = metadata.controller,
                  .replicas = spec["replicas"].integer32(1, 0),
                  .selector = read_selector(spec),
                  .pod = {},
                  .ready_min = spec["minReadySeconds"].seconds(0)};
  pods.add(read);
  read.pod = pods.read_template(spec["template"], read.name.name_space,
                                {.kind = "ReplicaSet", .name = read.name.name});
  require_always(spec, read.pod);
  return read;
}

Deployment read_deployment(const Field& object, PodReader& pods) {
  const Metadata metadata = read_metadata(object["metadata"]);
  const Field spec = object["spec"];
  Deployment read{.name = metadata.name,
                  .replicas = spec["replicas"].integer32(1, 0),
                  .selector = read_selector(spec),
                  .pod = pods.read_template(spec["template"], metadata.name.name_space,
                                            {.kind = "Deployment", .name = metadata.name.name}),
                  .ready_min = spec["minReadySeconds"].seconds(0),
                  .progress_deadline = spec["progressDeadlineSeconds"].seconds(600),
                  .revision_history_limit = spec["revisionHistoryLimit"].integer32(10, 0),
                  .is_paused = spec["paused"].flag(false)};
  // Its ReplicaSets select what it selects, and their own hash of the template.
  auto& spread = read.pod.placement.default_spread_selector.requirements;
  spread.insert(spread.end(), read.selector.requirements.begin(), read.selector.requirements.end());
  read_strategy(spec["strategy"], read);
  require_always(spec, read.pod);
  if (read.progress_deadline <= read.ready_min) {
    spec["progressDeadlineSeconds"].wrong("more than minReadySeconds");
  }
  return read;
}

StatefulSet read_stateful_set(const Field& object, PodReader& pods) {
  const Metadata metadata = read_metadata(object["metadata"]);
  const Field spec = object["spec"];
  constexpr std::array<EnumName<bool>, 2> kManagement{
      {{false, "OrderedReady"}, {true, "Parallel"}}};
  StatefulSet read{.name = metadata.name,
                   .replicas = spec["replicas"].integer32(1, 0),
                   .selector = read_selector(spec),
                   .pod = {},
                   .is_parallel = read_enum(spec["podManagementPolicy"], kManagement, false),
                   .ready_min = spec["minReadySeconds"].seconds(0)};
  pods.add(read);
  read.pod = pods.read_template(spec["template"], read.name.name_space,
                                {.kind = "StatefulSet", .name = read.name.name});
  require_always(spec, read.pod);
  return read;
}

Job read_job(const Field& object, PodReader& pods) {
  const Metadata metadata = read_metadata(object["metadata"]);
  const Field spec = object["spec"];
  Job read{.name = metadata.name,
           .backoff_limit = spec["backoffLimit"].integer32(6, 0),
           .active_deadline = spec["activeDeadlineSeconds"].optional(
               [](const Field& field) { return field.seconds(0); }),
           .is_suspended = spec["suspend"].flag(false),
           .succeeded = object["status"]["succeeded"].integer32(0, 0),
           .is_finished = is_finished(object["status"]["conditions"]),
           .pod = pods.read_template(spec["template"], metadata.name.name_space,
                                     {.kind = "Job", .name = metadata.name.name})};
  read_completions(spec, read);
  const Field policy = spec["template"]["spec"]["restartPolicy"];
  if (read.pod.spec.restart_policy == RestartPolicy::Always) {
    if (policy.is_there()) {
      policy.wrong("OnFailure or Never, as a Job's pods end");
    } else {
      policy.refuse("'restartPolicy' is missing", "OnFailure or Never, as a Job's pods end");
    }
  }
  for (const char* const name : {"podFailurePolicy", "successPolicy", "backoffLimitPerIndex"}) {
    if (spec[name].is_there()) spec[name].refuse("this is not simulated");
  }
  return read;
}

}  // namespace orrery::traces::kubernetes
