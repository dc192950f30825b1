#include "orrery/policies/scaling/queueing_model.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::policies {
namespace {

constexpr const char* kByWait = "wait";
constexpr const char* kByResponse = "response";

Result<void> check_query(const nlohmann::json& value, const Location& at) {
  const Result<MetricQuery> query = read_metric_query(value, at);
  if (!query) return failure(query.error());
  return {};
}

Result<void> check_optional_query(const nlohmann::json& value, const Location& at) {
  return value.is_null() ? Result<void>{} : check_query(value, at);
}

ParameterSpec number(const char* name, const char* default_json, const char* doc, double least,
                     double most) {
  return {.name = name,
          .type = ParameterType::Number,
          .default_json = default_json,
          .doc = doc,
          .minimum = least,
          .maximum = most};
}

ParameterSpec span(const char* name, const char* default_json, const char* doc, double least) {
  return {.name = name,
          .type = ParameterType::Duration,
          .default_json = default_json,
          .doc = doc,
          .minimum = least,
          .maximum = 86400};
}

}  // namespace

std::vector<ParameterSpec> QueueingModel::parameters() {
  constexpr double kTick = 1e-6;
  std::vector<ParameterSpec> specs{
      {.name = "arrivals",
       .type = ParameterType::Json,
       .default_json = "null",
       .doc = "Requests a second that arrive: a metric as in autoscaling/v2, without a target.",
       .is_required = true,
       .check = check_query},
      {.name = "service_time_metric",
       .type = ParameterType::Json,
       .default_json = "null",
       .doc = "The mean service time in seconds: a metric, like arrivals.",
       .check = check_optional_query},
      span("service_time", "\"100ms\"", "Mean service time as long as none is measured.", kTick),
      {.name = "concurrency",
       .type = ParameterType::Integer,
       .default_json = "1",
       .doc = "Requests that one replica serves at a time.",
       .minimum = 1,
       .maximum = 1e6},
      number("arrival_variation", "1",
             "Squared coefficient of variation of the times between arrivals; 1: Poisson.", 0, 1e3),
      number("service_variation", "1",
             "Squared coefficient of variation of service times; 1: exponential, 0: constant.", 0,
             1e3),
      {.name = "promise",
       .type = ParameterType::Text,
       .default_json = "\"wait\"",
       .doc = "What is kept: few waits of more than wait_limit, or the mean response_time.",
       .choices = {kByWait, kByResponse}},
      span("wait_limit", "\"100ms\"", "A wait that few requests are to exceed.", 0),
      number("wait_probability", "0.05", "How many may exceed it.", 0, 1),
      span("response_time", "\"500ms\"", "Mean of waiting and service time together.", kTick)};
  for (ParameterSpec& spec : ReplicaBounds::parameters()) specs.push_back(std::move(spec));
  return specs;
}

Result<std::unique_ptr<QueueingModel>> QueueingModel::make(const Parameters& parameters,
                                                           const PolicyContext& /*context*/) {
  Result<ReplicaBounds> bounds = ReplicaBounds::read(parameters);
  if (!bounds) return failure(std::move(bounds.error()));
  Settings settings{.service_seconds = seconds(parameters.duration("service_time")),
                    .arrival_variation = parameters.number("arrival_variation"),
                    .service_variation = parameters.number("service_variation"),
                    .concurrency = parameters.integer("concurrency"),
                    .is_response_limited = parameters.text("promise") == kByResponse,
                    .wait_seconds = seconds(parameters.duration("wait_limit")),
                    .wait_probability = parameters.number("wait_probability"),
                    .response_seconds = seconds(parameters.duration("response_time")),
                    .bounds = *bounds};
  for (const char* name : {"arrivals", "service_time_metric"}) {
    const nlohmann::json value = parameters.json(name);
    if (value.is_null()) continue;
    Result<MetricQuery> query = read_metric_query(value, parameters.at(name));
    if (!query) return failure(std::move(query.error()));
    settings.queries.push_back(std::move(*query));
  }
  const bool is_measured = settings.queries.size() > 1;
  if (settings.is_response_limited && !is_measured &&
      settings.response_seconds <= settings.service_seconds) {
    return failure(
        {.at = parameters.at("response_time"),
         .message = "no number of replicas responds faster than it serves",
         .found = fmt::format("{} s", settings.response_seconds),
         .expected = fmt::format("more than the service_time, {} s", settings.service_seconds),
         .hint = ""});
  }
  return std::make_unique<QueueingModel>(std::move(settings), parameters.duration("sync_period"));
}

QueueingModel::QueueingModel(Settings settings, Duration period)
    : ScalingPolicy(period), settings_(std::move(settings)) {}

ScalingDecision QueueingModel::decide(const ScalingSignals& signals) {
  return decide(signals, recent_, nullptr);
}

ScalingExplanation QueueingModel::explain(const ScalingSignals& signals) const {
  ScalingExplanation explanation;
  Recommendations recent = recent_;
  explanation.decision = decide(signals, recent, &explanation.steps);
  if (explanation.steps.empty()) explanation.steps.push_back(inaction(explanation.decision));
  return explanation;
}

ScalingDecision QueueingModel::decide(const ScalingSignals& signals, Recommendations& recent,
                                      Steps* steps) const {
  recent.start(signals.now, signals.spec_replicas);
  if (signals.spec_replicas == 0) return disabled();
  const std::optional<double> arrivals = total_load(signals.metrics[0], signals);
  if (!arrivals) return without(settings_.queries[0], signals);
  const WaitingLine line = this->line(*arrivals, signals);
  const std::int32_t asked = fewest(line);
  const ScalingDecision decision = bounded(asked, signals, settings_.bounds, recent);
  if (steps != nullptr) {
    steps->push_back({to_string(settings_.queries[0]),
                      {},
                      fmt::format("{:.6g} a second, {:.6g} s each: {:.6g} servers are busy",
                                  line.arrival_rate, line.service_seconds, line.offered_load())});
    explain_bounds(asked, decision, *steps);
  }
  return decision;
}

WaitingLine QueueingModel::line(double arrivals, const ScalingSignals& signals) const {
  WaitingLine line{.arrival_rate = arrivals > 0 ? arrivals : 0,
                   .service_seconds = settings_.service_seconds,
                   .arrival_variation = settings_.arrival_variation,
                   .service_variation = settings_.service_variation};
  if (settings_.queries.size() > 1) {
    const std::optional<double> measured = mean_load(signals.metrics[1]);
    if (measured && *measured > 0) line.service_seconds = *measured;
  }
  return line;
}

bool QueueingModel::keeps_promise(const WaitingLine& line, const Waits& waits) const {
  if (settings_.is_response_limited) {
    return waits.mean_seconds + line.service_seconds <= settings_.response_seconds;
  }
  return waits.probability_above(settings_.wait_seconds) <= settings_.wait_probability;
}

std::int32_t QueueingModel::fewest(const WaitingLine& line) const {
  if (line.arrival_rate == 0) return 0;
  const std::int64_t most = settings_.bounds.range.most;
  const auto too_many = static_cast<std::int32_t>(std::min<std::int64_t>(most + 1, INT32_MAX));
  if (settings_.is_response_limited && line.service_seconds >= settings_.response_seconds) {
    return too_many;
  }
  const double load = line.offered_load();
  double blocking = 1;
  std::int64_t servers = 0;
  for (std::int64_t replicas = 1; replicas <= most; ++replicas) {
    for (std::int64_t added = 0; added < settings_.concurrency; ++added) {
      blocking = erlang_b_next(blocking, ++servers, load);
    }
    const double must_wait = erlang_c_from_b(blocking, servers, load);
    if (keeps_promise(line, waits(line, servers, must_wait))) {
      return static_cast<std::int32_t>(replicas);
    }
  }
  return too_many;
}

}  // namespace orrery::policies
