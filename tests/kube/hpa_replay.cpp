// What the policy horizontal-pod-autoscaler decides in histories that somebody else has recorded.
//
// Reads JSON, one object a line, of three kinds:
//   {"policy": ID, "parameters": {…}}     a new policy
//   {"sync": ID, "now": NS, …}            one sync: read_signals() says what else; answered
//   {"scaled": ID, "now": NS, "from": N, "to": M}
// Each sync is answered by one line: {"replicas": N, "conditions": {TYPE: [STATUS, REASON]},
// "metric": INDEX}, the last null where no metric decided.

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/policies/registry.hpp"
#include "orrery/policies/scaling/scaling_policy.hpp"

namespace orrery::policies {
namespace {

using nlohmann::json;

Time time_from(const json& nanoseconds) { return Time{Duration{nanoseconds.get<std::int64_t>()}}; }

/// {"phase", "deleting", "ready": null or a status, "ready_changed", "started": null or an instant}
PodSignal read_pod(const json& pod) {
  static const std::map<std::string, PodPhase> phases{{"Pending", PodPhase::Pending},
                                                      {"Running", PodPhase::Running},
                                                      {"Succeeded", PodPhase::Succeeded},
                                                      {"Failed", PodPhase::Failed}};
  static const std::map<std::string, ReadyStatus> statuses{{"True", ReadyStatus::True},
                                                           {"False", ReadyStatus::False},
                                                           {"Unknown", ReadyStatus::Unknown}};
  PodSignal signal{.phase = phases.at(pod.at("phase")), .is_deleting = pod.at("deleting")};
  if (!pod.at("ready").is_null()) {
    signal.ready = statuses.at(pod.at("ready"));
    signal.ready_changed = time_from(pod.at("ready_changed"));
  }
  if (!pod.at("started").is_null()) signal.started = time_from(pod.at("started"));
  return signal;
}

/// [milli, measured, window]
PodSample read_sample(const json& sample) {
  return {.value = MilliValue{sample.at(0).get<std::int64_t>()},
          .measured = time_from(sample.at(1)),
          .window = Duration{sample.at(2).get<std::int64_t>()}};
}

/// {"samples": one or null for each pod, "strangers", "requests": a number or null for each pod,
/// "values"}, each of which may be missing.
MetricReading read_reading(const json& metric) {
  MetricReading reading;
  for (const json& sample : metric.value("samples", json::array())) {
    reading.samples.push_back(sample.is_null() ? std::nullopt : std::optional{read_sample(sample)});
  }
  for (const json& sample : metric.value("strangers", json::array())) {
    reading.strangers.push_back(read_sample(sample));
  }
  for (const json& request : metric.value("requests", json::array())) {
    reading.requests.push_back(
        request.is_null() ? std::nullopt : std::optional{MilliValue{request.get<std::int64_t>()}});
  }
  for (const json& value : metric.value("values", json::array())) {
    reading.values.push_back(MilliValue{value.get<std::int64_t>()});
  }
  return reading;
}

/// A policy and its conditions so far, as a HorizontalPodAutoscaler's status keeps them.
struct History {
  std::unique_ptr<ScalingPolicy> policy;
  json conditions = json::object();
};

void note(json& conditions, const char* type, const std::optional<ScalingCondition>& condition) {
  if (!condition) return;
  conditions[type] = {condition->is_true ? "True" : "False", to_string(condition->reason)};
}

/// {"spec_replicas", "status_replicas", "pods", "metrics"}
json sync(History& history, const json& line) {
  std::vector<PodSignal> pods;
  for (const json& pod : line.at("pods")) pods.push_back(read_pod(pod));
  std::vector<MetricReading> metrics;
  for (const json& metric : line.at("metrics")) metrics.push_back(read_reading(metric));
  const ScalingSignals signals{.now = time_from(line.at("now")),
                               .spec_replicas = line.at("spec_replicas"),
                               .status_replicas = line.at("status_replicas"),
                               .pods = pods,
                               .metrics = metrics};
  const ScalingDecision decision = history.policy->decide(signals);
  note(history.conditions, "AbleToScale", decision.able_to_scale);
  note(history.conditions, "ScalingActive", decision.scaling_active);
  note(history.conditions, "ScalingLimited", decision.scaling_limited);
  return {{"replicas", decision.replicas},
          {"conditions", history.conditions},
          {"metric", decision.metric ? json(*decision.metric) : json()}};
}

History make(const PolicyRegistry& registry, const json& line) {
  json document = line.at("parameters");
  document["name"] = "horizontal-pod-autoscaler";
  const auto choice = registry.choose(ScalingPolicy::kKind, document, {});
  if (!choice) throw std::runtime_error(to_string(choice.error()));
  auto policy = registry.make<ScalingPolicy>(*choice, {.registry = registry});
  if (!policy) throw std::runtime_error(to_string(policy.error()));
  return {.policy = std::move(*policy)};
}

void replay(std::istream& input, std::ostream& output) {
  const PolicyRegistry registry = with_builtin_policies();
  std::map<std::string, History> histories;
  for (std::string text; std::getline(input, text);) {
    const json line = json::parse(text);
    if (line.contains("policy")) {
      histories.insert_or_assign(line["policy"].get<std::string>(), make(registry, line));
    } else if (line.contains("sync")) {
      output << sync(histories.at(line["sync"]), line) << "\n";
    } else {
      histories.at(line.at("scaled"))
          .policy->on_scaled(
              {.now = time_from(line.at("now")), .from = line.at("from"), .to = line.at("to")});
    }
  }
}

}  // namespace
}  // namespace orrery::policies

int main() {
  try {
    orrery::policies::replay(std::cin, std::cout);
  } catch (const std::exception& error) {
    std::cerr << "hpa_replay: " << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
