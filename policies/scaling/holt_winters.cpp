#include "orrery/policies/scaling/holt_winters.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::policies {
namespace {

/// More steps than this without any sync, and what was learnt is of another time.
constexpr std::int64_t kStepsMax = 1'000'000;

Result<MetricSpec> read_load(const nlohmann::json& value, const Location& at) {
  Result<MetricSpec> metric = read_metric(value, at);
  if (metric && metric->target_type != TargetType::AverageValue) {
    return failure({.at = at,
                    .message = "a forecast needs the load that one replica is to carry",
                    .found = "",
                    .expected = "a target of type AverageValue",
                    .hint = ""});
  }
  return metric;
}

ParameterSpec share(const char* name, const char* default_json, const char* doc, double most = 1) {
  return {.name = name,
          .type = ParameterType::Number,
          .default_json = default_json,
          .doc = doc,
          .minimum = 0,
          .maximum = most};
}

ParameterSpec span(const char* name, const char* default_json, const char* doc, double least) {
  return {.name = name,
          .type = ParameterType::Duration,
          .default_json = default_json,
          .doc = doc,
          .minimum = least,
          .maximum = 365.0 * 86400};
}

}  // namespace

std::vector<ParameterSpec> HoltWinters::parameters() {
  std::vector<ParameterSpec> specs{
      {.name = "metric",
       .type = ParameterType::Json,
       .default_json = "null",
       .doc = "The load and what one replica is to carry of it: a metric as in autoscaling/v2, its "
              "target an AverageValue.",
       .is_required = true,
       .check = [](const auto& value, const Location& at) -> Result<void> {
         const Result<MetricSpec> metric = read_load(value, at);
         if (!metric) return failure(metric.error());
         return {};
       }},
      span("season", "\"24h\"", "After what time the load repeats itself; 0: never.", 0),
      span("step", "\"1m\"", "The load is learnt as means over this time.", 1),
      span("horizon", "\"2m\"", "How far ahead replicas are asked for: until a pod is ready.", 0),
      share("alpha", "0.3", "How much of the level each step replaces."),
      share("beta", "0.01", "How much of the trend each step replaces."),
      share("gamma", "0.3", "How much of a step's season each season replaces."),
      share("headroom", "0.1", "How much more load than forecast there is to be room for.", 10)};
  for (ParameterSpec& spec : ReplicaBounds::parameters()) specs.push_back(std::move(spec));
  return specs;
}

Result<std::unique_ptr<HoltWinters>> HoltWinters::make(const Parameters& parameters,
                                                       const PolicyContext& /*context*/) {
  const Result<MetricSpec> metric = read_load(parameters.json("metric"), parameters.at("metric"));
  if (!metric) return failure(metric.error());
  Result<ReplicaBounds> bounds = ReplicaBounds::read(parameters);
  if (!bounds) return failure(std::move(bounds.error()));
  const Duration step = parameters.duration("step");
  const Duration season = parameters.duration("season");
  if (season % step != Duration::zero() || season / step == 1 || season / step > kStepsMax) {
    return failure({.at = parameters.at("season"),
                    .message = "a season is a whole number of steps",
                    .found = fmt::format("{} steps", seconds(season) / seconds(step)),
                    .expected = fmt::format("0, or from 2 to {}", kStepsMax),
                    .hint = ""});
  }
  return std::make_unique<HoltWinters>(
      Settings{.query = metric->query,
               .target = static_cast<double>(metric->target) / 1000,
               .smoothing = {.alpha = parameters.number("alpha"),
                             .beta = parameters.number("beta"),
                             .gamma = parameters.number("gamma"),
                             .season_steps = static_cast<std::size_t>(season / step)},
               .step = step,
               .horizon = parameters.duration("horizon"),
               .headroom = parameters.number("headroom"),
               .bounds = *bounds},
      parameters.duration("sync_period"));
}

HoltWinters::HoltWinters(Settings settings, Duration period)
    : ScalingPolicy(period),
      settings_(std::move(settings)),
      state_{.model = SeasonalForecast{settings_.smoothing}} {}

ScalingDecision HoltWinters::decide(const ScalingSignals& signals) {
  return decide(signals, state_, nullptr);
}

ScalingExplanation HoltWinters::explain(const ScalingSignals& signals) const {
  ScalingExplanation explanation;
  State state = state_;
  explanation.decision = decide(signals, state, &explanation.steps);
  if (explanation.steps.empty()) explanation.steps.push_back(inaction(explanation.decision));
  return explanation;
}

ScalingDecision HoltWinters::decide(const ScalingSignals& signals, State& state,
                                    Steps* steps) const {
  const std::optional<double> load = total_load(signals.metrics[0], signals);
  observe(state, signals.now, load);
  state.recent.start(signals.now, signals.spec_replicas);
  if (signals.spec_replicas == 0) return disabled();
  if (!load && state.model.is_empty()) return without(settings_.query, signals);

  const double forecast = peak(state, signals.now);
  const double expected = std::max(load.value_or(0), forecast);
  const std::int32_t asked = replicas_for(expected * (1 + settings_.headroom) / settings_.target);
  const ScalingDecision decision = bounded(asked, signals, settings_.bounds, state.recent);
  if (steps != nullptr) {
    steps->push_back({to_string(settings_.query),
                      {},
                      load ? fmt::format("{:.6g} now", *load) : "there is no value"});
    steps->push_back({"forecast", {}, fmt::format("at most {:.6g} until the horizon", forecast)});
    explain_bounds(asked, decision, *steps);
  }
  return decision;
}

void HoltWinters::observe(State& state, Time now, std::optional<double> load) const {
  if (!state.step_began) state.step_began = now;
  std::int64_t ended = (now - *state.step_began) / settings_.step;
  if (ended > 0) *state.step_began += ended * settings_.step;
  if (ended > kStepsMax) {
    state.model = SeasonalForecast{settings_.smoothing};
    ended = 0;
    state.count = 0;
    state.sum = 0;
  }
  for (; ended > 0; --ended) {
    if (state.count > 0) {
      state.model.observe(state.sum / state.count);
    } else if (!state.model.is_empty()) {
      state.model.skip();
    }
    state.count = 0;
    state.sum = 0;
  }
  if (!load) return;
  state.sum += *load;
  ++state.count;
}

/// The highest forecast from the step that is going on to that in which the horizon ends.
double HoltWinters::peak(const State& state, Time now) const {
  if (state.model.is_empty()) return 0;
  const auto last =
      static_cast<std::size_t>((now + settings_.horizon - *state.step_began) / settings_.step);
  double peak = 0;
  for (std::size_t ahead = 0; ahead <= last; ++ahead) {
    peak = std::max(peak, state.model.forecast(ahead + 1));
  }
  return peak;
}

}  // namespace orrery::policies
