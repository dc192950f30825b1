#include "orrery/traces/arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/check.hpp"
#include "orrery/models/json_fields.hpp"
#include "orrery/models/quantity_text.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;

constexpr double kTwoPi = 6.283185307179586;
constexpr Duration kDay = std::chrono::hours{24};

double weekday_factor(const DiurnalArrivals& model, Time at) {
  if (model.weekdays.empty()) return 1;
  return model.weekdays[static_cast<std::size_t>(at.time_since_epoch() / kDay % 7)];
}

double day_factor(const DiurnalArrivals& model, Time at) {
  const Duration since_peak = (at.time_since_epoch() - model.peak) % kDay;
  return 1 + model.amplitude * std::cos(kTwoPi * seconds(since_peak) / seconds(kDay));
}

struct MeanRate {
  double operator()(const PoissonArrivals& model) const { return model.rate; }
  double operator()(const MmppArrivals& model) const {
    // Each phase is entered equally often: every other phase leads to it with one probability.
    double arrivals = 0;
    double time = 0;
    for (const MmppArrivals::Phase& phase : model.phases) {
      arrivals += phase.rate * phase.stay;
      time += phase.stay;
    }
    return arrivals / time;
  }
  double operator()(const DiurnalArrivals& model) const { return model.rate; }
  double operator()(const BurstyArrivals& model) const { return model.rate * model.size.mean(); }
};

Result<double> read_positive_rate(const json& value, const Location& at) {
  Result<double> rate = read_rate(value, at);
  // Above one per nanosecond time would stand still.
  if (rate && !(*rate > 0 && *rate <= 1e9)) {
    return json_mismatch(value, at, "a rate above 0 and up to 1e9/s");
  }
  return rate;
}

/// A phase may be silent.
Result<double> read_phase_rate(const json& value, const Location& at) {
  const Result<double> rate = read_rate(value, at);
  return rate && *rate == 0 ? rate : read_positive_rate(value, at);
}

Result<double> read_stay(const json& value, const Location& at) {
  const Result<Duration> stay = read_duration(value, at);
  if (!stay) return failure(stay.error());
  if (*stay <= Duration::zero()) return json_mismatch(value, at, "a mean stay above 0");
  return seconds(*stay);
}

Result<ArrivalModel> read_poisson(const json& value, const Location& at) {
  PoissonArrivals model;
  JsonFields fields(value, at);
  fields.required("rate", model.rate, read_positive_rate);
  return fields.finish(ArrivalModel(model));
}

/// How many arrivals a stay in one phase brings on average; when next to none, drawing an arrival
/// would mean drawing millions of phases.
double arrivals_per_phase(const MmppArrivals& model) {
  double sum = 0;
  for (const MmppArrivals::Phase& phase : model.phases) sum += phase.rate * phase.stay;
  return sum / static_cast<double>(model.phases.size());
}

Result<ArrivalModel> read_mmpp(const json& value, const Location& at) {
  MmppArrivals model;
  const auto read_phase = [](const json& item, const Location& place) {
    MmppArrivals::Phase phase;
    JsonFields fields(item, place);
    fields.required("rate", phase.rate, read_phase_rate);
    fields.required("stay", phase.stay, read_stay);
    return fields.finish(phase);
  };
  JsonFields fields(value, at);
  fields.required("phases", model.phases, [&read_phase](const json& list, const Location& place) {
    return read_list(list, place, read_phase);
  });
  if (fields.ok() && (model.phases.size() < 2 || !(arrivals_per_phase(model) > 1e-6))) {
    return json_mismatch(value["phases"], fields.at("phases"),
                         "at least two phases, which bring an arrival now and then");
  }
  return fields.finish(ArrivalModel(std::move(model)));
}

Result<double> read_amplitude(const json& value, const Location& at) {
  Result<double> amplitude = read_not_negative(value, at);
  if (amplitude && *amplitude > 1) return json_mismatch(value, at, "a number from 0 to 1");
  return amplitude;
}

Result<Duration> read_time_of_day(const json& value, const Location& at) {
  const Result<Time> instant = read_instant(value, at);
  if (!instant) return failure(instant.error());
  if (*instant >= kTimeZero + kDay) return json_mismatch(value, at, "a time of day, such as 14:00");
  return instant->time_since_epoch();
}

Result<std::vector<double>> read_weekdays(const json& value, const Location& at) {
  Result<std::vector<double>> factors = read_list(value, at, read_not_negative);
  if (!factors) return factors;
  const double sum = std::accumulate(factors->begin(), factors->end(), 0.0);
  if (factors->size() != 7 || !(sum > 0)) {
    return json_mismatch(value, at, "seven factors, not all 0, the run's first day first");
  }
  // As `rate` is the mean over the week, the factors only share it out.
  for (double& factor : *factors) factor *= 7 / sum;
  return factors;
}

Result<ArrivalModel> read_diurnal(const json& value, const Location& at) {
  DiurnalArrivals model;
  JsonFields fields(value, at);
  fields.required("rate", model.rate, read_positive_rate);
  fields.optional("amplitude", model.amplitude, read_amplitude);
  fields.optional("peak", model.peak, read_time_of_day);
  fields.optional("weekdays", model.weekdays, read_weekdays);
  return fields.finish(ArrivalModel(std::move(model)));
}

Result<ArrivalModel> read_bursty(const json& value, const Location& at) {
  BurstyArrivals model;
  JsonFields fields(value, at);
  fields.required("rate", model.rate, read_positive_rate);
  fields.required("size", model.size, read_plain_distribution);
  return fields.finish(ArrivalModel(std::move(model)));
}

struct Writer {
  json operator()(const PoissonArrivals& model) const {
    return {{"poisson", {{"rate", rate_to_text(model.rate)}}}};
  }
  json operator()(const MmppArrivals& model) const {
    json phases = json::array();
    for (const MmppArrivals::Phase& phase : model.phases) {
      phases.push_back({{"rate", rate_to_text(phase.rate)},
                        {"stay", to_text(duration_from_seconds(phase.stay))}});
    }
    return {{"mmpp", {{"phases", std::move(phases)}}}};
  }
  json operator()(const DiurnalArrivals& model) const {
    json fields{{"rate", rate_to_text(model.rate)},
                {"amplitude", model.amplitude},
                {"peak", to_text(model.peak)}};
    if (!model.weekdays.empty()) fields["weekdays"] = model.weekdays;
    return {{"diurnal", std::move(fields)}};
  }
  json operator()(const BurstyArrivals& model) const {
    return {{"bursty",
             {{"rate", rate_to_text(model.rate)}, {"size", to_json(model.size, kPlainUnit)}}}};
  }
};

}  // namespace

double mean_rate(const ArrivalModel& model) { return std::visit(MeanRate{}, model); }

Result<ArrivalModel> read_arrivals(const json& value, const Location& at) {
  if (value.is_string()) {
    return read_positive_rate(value, at).map(
        [](double rate) { return ArrivalModel(PoissonArrivals{rate}); });
  }
  if (!value.is_object() || value.size() != 1) {
    return json_mismatch(value, at, R"(arrivals, such as "12/s" or {"poisson": {"rate": "12/s"}})");
  }
  const std::string& name = value.begin().key();
  const json& fields = value.begin().value();
  if (name == "poisson") return read_poisson(fields, child(at, name));
  if (name == "mmpp") return read_mmpp(fields, child(at, name));
  if (name == "diurnal") return read_diurnal(fields, child(at, name));
  if (name == "bursty") return read_bursty(fields, child(at, name));
  return failure({.at = child(at, name),
                  .message = fmt::format("unknown arrivals '{}'", name),
                  .found = "",
                  .expected = "",
                  .hint = suggest(name, {"poisson", "mmpp", "diurnal", "bursty"})});
}

json to_json(const ArrivalModel& model) { return std::visit(Writer{}, model); }

ArrivalProcess::ArrivalProcess(ArrivalModel model, double share, const ArrivalKey& key)
    : model_(std::move(model)),
      share_(share),
      stream_(key.seed, Purpose::Arrival, key.entity),
      path_(key.seed, Purpose::Arrival, ~key.shared_entity) {
  ORRERY_CHECK(share > 0 && mean_rate(model_) > 0, "arrivals need a rate above 0");
  if (const auto* mmpp = std::get_if<MmppArrivals>(&model_)) {
    ORRERY_CHECK(mmpp->phases.size() >= 2, "an MMPP has at least two phases");
    phase_end_ = kTimeZero + duration_from_seconds(mmpp->phases[0].stay * path_.exponential());
  }
  if (const auto* diurnal = std::get_if<DiurnalArrivals>(&model_)) {
    const auto& days = diurnal->weekdays;
    const double day_max = days.empty() ? 1 : *std::max_element(days.begin(), days.end());
    rate_max_ = share_ * diurnal->rate * (1 + diurnal->amplitude) * day_max;
  }
}

void ArrivalProcess::reseed(const ArrivalKey& key) {
  stream_ = Stream(key.seed, Purpose::Arrival, key.entity);
  path_ = Stream(key.seed, Purpose::Arrival, ~key.shared_entity);
}

Time ArrivalProcess::next() {
  last_ = std::visit([this](const auto& model) { return next_of(model); }, model_);
  return last_;
}

Time ArrivalProcess::next_of(const PoissonArrivals& model) {
  return saturating_add(last_,
                        duration_from_seconds(stream_.exponential() / (share_ * model.rate)));
}

/// Inverts the integrated rate, which is exact for a rate that is constant piece by piece.
Time ArrivalProcess::next_of(const MmppArrivals& model) {
  double needed = stream_.exponential();
  Time at = last_;
  while (at < kTimeMax) {
    const double rate = share_ * model.phases[phase_].rate;
    const double gain = rate * seconds(phase_end_ - at);
    if (needed <= gain) return std::min(phase_end_, at + duration_from_seconds(needed / rate));
    needed -= gain;
    at = phase_end_;
    change_phase(model);
  }
  return kTimeMax;
}

void ArrivalProcess::change_phase(const MmppArrivals& model) {
  const std::size_t step = 1 + path_.below(model.phases.size() - 1);
  phase_ = (phase_ + step) % model.phases.size();
  phase_end_ = saturating_add(
      phase_end_, duration_from_seconds(model.phases[phase_].stay * path_.exponential()));
}

Time ArrivalProcess::next_of(const DiurnalArrivals& model) {
  Time at = last_;
  while (at < kTimeMax) {
    at = saturating_add(at, duration_from_seconds(stream_.exponential() / rate_max_));
    const double rate = share_ * model.rate * weekday_factor(model, at) * day_factor(model, at);
    if (stream_.uniform() * rate_max_ < rate) return at;
  }
  return kTimeMax;
}

Time ArrivalProcess::next_of(const BurstyArrivals& model) {
  if (burst_left_ > 0) {
    --burst_left_;
    return last_;
  }
  constexpr double kBurstMax = 1e9;
  const double size = std::min(std::round(model.size.sample(stream_)), kBurstMax);
  burst_left_ = std::max<std::int64_t>(0, static_cast<std::int64_t>(size) - 1);
  return saturating_add(last_,
                        duration_from_seconds(stream_.exponential() / (share_ * model.rate)));
}

}  // namespace orrery::traces
