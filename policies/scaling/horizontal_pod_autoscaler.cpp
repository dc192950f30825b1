#include "orrery/policies/scaling/horizontal_pod_autoscaler.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::policies {
namespace {

template <class T>
Result<void> without_value(const Result<T>& read) {
  if (!read) return failure(read.error());
  return {};
}

ParameterSpec duration(const char* name, const char* default_json, const char* doc) {
  return {.name = name,
          .type = ParameterType::Duration,
          .default_json = default_json,
          .doc = doc,
          .minimum = 0,
          .maximum = 365.0 * 86400};
}

}  // namespace

std::vector<ParameterSpec> HorizontalPodAutoscaler::parameters() {
  constexpr double kMost = 2147483647;
  return {
      {.name = "minReplicas",
       .type = ParameterType::Integer,
       .default_json = "1",
       .doc = "No fewer replicas than this.",
       .minimum = 1,
       .maximum = kMost},
      {.name = "maxReplicas",
       .type = ParameterType::Integer,
       .default_json = "1",
       .doc = "No more replicas than this.",
       .minimum = 1,
       .maximum = kMost,
       .is_required = true},
      {.name = "metrics",
       .type = ParameterType::Json,
       .default_json = "[]",
       .doc = "Metrics and their targets, as in autoscaling/v2; none: 80 % of the requested CPU.",
       .check = [](const auto& value,
                   const Location& at) { return without_value(read_metrics(value, at)); }},
      {.name = "behavior",
       .type = ParameterType::Json,
       .default_json = "null",
       .doc = "Rules of scaling up and down, as in autoscaling/v2.",
       .check = [](const auto& value,
                   const Location& at) { return without_value(read_behavior(value, at)); }},
      {.name = "scaleTargetRef",
       .type = ParameterType::Json,
       .default_json = "null",
       .doc = "Which block, in a manifest; the policy does not read it."},
      {.name = "tolerance",
       .type = ParameterType::Number,
       .default_json = "0.1",
       .doc = "How far from 1 the ratio of usage to target may be; --horizontal-pod-autoscaler-"
              "tolerance.",
       .minimum = 0,
       .maximum = 1e9},
      duration("downscale_stabilization", "\"5m\"",
               "How long a recommendation keeps the replicas from falling below it."),
      duration("cpu_initialization_period", "\"5m\"",
               "How long after a pod's start its CPU samples may be skipped."),
      duration("initial_readiness_delay", "\"30s\"",
               "A pod whose readiness changed later than this after its start has been ready.")};
}

Result<std::unique_ptr<HorizontalPodAutoscaler>> HorizontalPodAutoscaler::make(
    const Parameters& parameters, const PolicyContext& /*context*/) {
  AutoscalerSpec spec;
  spec.replicas_min = static_cast<std::int32_t>(parameters.integer("minReplicas"));
  spec.replicas_max = static_cast<std::int32_t>(parameters.integer("maxReplicas"));
  if (spec.replicas_max < spec.replicas_min) {
    return failure({.at = parameters.at("maxReplicas"),
                    .message = "",
                    .found = std::to_string(spec.replicas_max),
                    .expected = fmt::format("at least minReplicas, {}", spec.replicas_min),
                    .hint = ""});
  }
  auto metrics = read_metrics(parameters.json("metrics"), parameters.at("metrics"));
  if (!metrics) return failure(std::move(metrics.error()));
  auto behavior = read_behavior(parameters.json("behavior"), parameters.at("behavior"));
  if (!behavior) return failure(std::move(behavior.error()));
  spec.metrics = std::move(*metrics);
  spec.behavior = std::move(*behavior);
  return std::make_unique<HorizontalPodAutoscaler>(
      std::move(spec),
      AutoscalerSettings{
          .tolerance = parameters.number("tolerance"),
          .downscale_stabilization = parameters.duration("downscale_stabilization"),
          .cpu_initialization_period = parameters.duration("cpu_initialization_period"),
          .initial_readiness_delay = parameters.duration("initial_readiness_delay")},
      parameters.duration("sync_period"));
}

HorizontalPodAutoscaler::HorizontalPodAutoscaler(AutoscalerSpec spec, AutoscalerSettings settings,
                                                 Duration period)
    : ScalingPolicy(period),
      spec_(std::move(spec)),
      settings_(settings),
      tolerances_{.down = settings.tolerance, .up = settings.tolerance} {
  if (spec_.behavior) {
    tolerances_.down = spec_.behavior->down.tolerance.value_or(settings.tolerance);
    tolerances_.up = spec_.behavior->up.tolerance.value_or(settings.tolerance);
    if (!spec_.behavior->down.stabilization) {
      spec_.behavior->down.stabilization =
          std::chrono::floor<std::chrono::seconds>(settings.downscale_stabilization);
    }
  }
  for (const MetricSpec& metric : spec_.metrics) queries_.push_back(metric.query);
}

ScalingDecision HorizontalPodAutoscaler::decide(const ScalingSignals& signals) {
  return decide(signals, history_, nullptr);
}

ScalingExplanation HorizontalPodAutoscaler::explain(const ScalingSignals& signals) const {
  ScalingExplanation explanation;
  History history = history_;
  explanation.decision = decide(signals, history, &explanation.steps);
  return explanation;
}

void HorizontalPodAutoscaler::on_scaled(const Rescale& change) {
  if (!spec_.behavior) return;
  if (change.to > change.from) {
    history_.changes.up.add(change.now, change.to - change.from, spec_.behavior->up);
  } else {
    history_.changes.down.add(change.now, change.from - change.to, spec_.behavior->down);
  }
}

ScalingDecision HorizontalPodAutoscaler::decide(const ScalingSignals& signals, History& history,
                                                Steps* steps) const {
  const std::int32_t current = signals.spec_replicas;
  history.recommendations.start(signals.now, current);
  ScalingDecision decision{.replicas = current};
  decision.able_to_scale = {true, ScalingReason::SucceededGetScale};
  if (current == 0) {
    decision.scaling_active = {false, ScalingReason::ScalingDisabled};
    if (steps != nullptr) steps->push_back({"zero replicas", 0, "scaling is disabled"});
    return decision;
  }
  if (current > spec_.replicas_max || current < spec_.replicas_min) {
    decision.replicas = std::clamp(current, spec_.replicas_min, spec_.replicas_max);
    if (steps != nullptr) steps->push_back({"range", decision.replicas, "without any metric"});
    return decision;
  }
  const Asked asked = ask(signals, steps);
  const bool would_shrink_blindly = asked.first_failed && asked.replicas < current;
  if (!asked.metric || would_shrink_blindly) {
    const MetricType type = spec_.metrics[*asked.first_failed].query.type;
    decision.scaling_active = {false, failure_of(type)};
    if (steps != nullptr)
      steps->push_back({"metrics", {}, "one that is missing could ask for more"});
    return decision;
  }
  decision.scaling_active = {true, ScalingReason::ValidMetricFound};
  decision.metric = asked.metric;
  hold_back(signals, history, std::max(asked.replicas, 0), decision, steps);
  return decision;
}

HorizontalPodAutoscaler::Asked HorizontalPodAutoscaler::ask(const ScalingSignals& signals,
                                                            Steps* steps) const {
  Asked asked;
  for (std::size_t index = 0; index < spec_.metrics.size(); ++index) {
    const MetricSpec& metric = spec_.metrics[index];
    const auto proposal =
        propose_replicas(metric, signals.metrics[index], signals, tolerances_, settings_);
    if (steps != nullptr) {
      const std::string name = to_string(metric.query);
      if (proposal) {
        steps->push_back(
            {name, proposal->replicas, fmt::format("{:.4g} times its target", proposal->ratio)});
      } else {
        steps->push_back({name, {}, proposal.error()});
      }
    }
    if (!proposal) {
      if (!asked.first_failed) asked.first_failed = index;
    } else if (!asked.metric || asked.replicas == 0 || proposal->replicas > asked.replicas) {
      asked.replicas = proposal->replicas;
      asked.metric = index;
    }
  }
  return asked;
}

void HorizontalPodAutoscaler::hold_back(const ScalingSignals& signals, History& history,
                                        std::int32_t asked, ScalingDecision& decision,
                                        Steps* steps) const {
  const std::int32_t current = signals.spec_replicas;
  const std::int32_t stable = stabilize(signals, history, asked);
  const bool is_up = spec_.behavior && asked >= current;
  const ScalingReason stabilized =
      is_up ? ScalingReason::ScaleUpStabilized : ScalingReason::ScaleDownStabilized;
  decision.able_to_scale = {true, stable == asked ? ScalingReason::ReadyForNewScale : stabilized};

  const ReplicaRange range{spec_.replicas_min, spec_.replicas_max};
  const Limited limited = spec_.behavior ? limit_by_rules(signals.now, current, stable, range,
                                                          *spec_.behavior, history.changes)
                                         : limit_by_default(current, stable, range);
  decision.replicas = limited.replicas;
  decision.scaling_limited = {limited.replicas != stable, limited.reason};
  if (steps == nullptr) return;
  steps->push_back({"metrics", asked, "the most that one asks for"});
  steps->push_back(
      {"stabilization", stable, std::string{to_string(decision.able_to_scale->reason)}});
  steps->push_back({"limits", limited.replicas, std::string{to_string(limited.reason)}});
}

std::int32_t HorizontalPodAutoscaler::stabilize(const ScalingSignals& signals, History& history,
                                                std::int32_t asked) const {
  if (!spec_.behavior) {
    return history.recommendations.highest(signals.now, asked, settings_.downscale_stabilization);
  }
  return history.recommendations.between(signals.now, asked, signals.spec_replicas,
                                         *spec_.behavior->up.stabilization,
                                         *spec_.behavior->down.stabilization);
}

}  // namespace orrery::policies
