#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/distribution.hpp"
#include "orrery/models/quantity_text.hpp"

namespace orrery {
namespace {

using nlohmann::json;

/// Reads the parameters of one shape; `unit` is how its quantities are written.
struct ShapeReader {
  const DistributionUnit& unit;
  Location at;

  using Shape = Distribution::Shape;

  [[nodiscard]] tl::unexpected<Error> invalid(std::string message, std::string hint = "") const {
    return failure({.at = at,
                    .message = std::move(message),
                    .found = "",
                    .expected = "",
                    .hint = std::move(hint)});
  }
  [[nodiscard]] Result<Shape> checked(JsonFields& fields, Shape shape) const {
    Result<Shape> result = fields.finish(std::move(shape));
    if (!result) return result;
    if (const auto problem = Distribution::problem(*result)) return invalid(*problem);
    return result;
  }

  Result<Shape> constant(const json& value) const {
    return unit.read(value, at).map([](double v) -> Shape { return shape::Constant{v}; });
  }
  Result<Shape> uniform(const json& value) const {
    shape::Uniform uniform;
    JsonFields fields(value, at);
    fields.required("min", uniform.min, unit.read);
    fields.required("max", uniform.max, unit.read);
    return checked(fields, uniform);
  }
  Result<Shape> exponential(const json& value) const {
    shape::Exponential exponential;
    JsonFields fields(value, at);
    fields.required("mean", exponential.mean, unit.read);
    return checked(fields, exponential);
  }
  Result<Shape> weibull(const json& value) const {
    shape::Weibull weibull;
    JsonFields fields(value, at);
    fields.required("shape", weibull.shape, read_positive);
    if (fields.has("mean")) {
      double mean = 1;
      fields.required("mean", mean, unit.read);
      weibull.scale = mean / std::tgamma(1 + 1 / weibull.shape);
    } else {
      fields.required("scale", weibull.scale, unit.read);
    }
    return checked(fields, weibull);
  }
  Result<Shape> log_normal(const json& value) const {
    shape::LogNormal log_normal;
    JsonFields fields(value, at);
    double mean = 1;
    double p50 = 1;
    double spread = 1;
    if (fields.has("mean")) {
      fields.required("mean", mean, unit.read);
      fields.required("cv", spread, read_not_negative);
      log_normal = shape::LogNormal::from_mean_cv(mean, spread);
    } else if (fields.has("p50") && fields.has("p95")) {
      fields.required("p50", p50, unit.read);
      fields.required("p95", spread, unit.read);
      log_normal = shape::LogNormal::from_percentiles(p50, spread);
    } else if (fields.has("p50")) {
      fields.required("p50", p50, unit.read);
      fields.required("sigma", log_normal.sigma, read_not_negative);
      log_normal.mu = std::log(p50);
    } else if (fields.has("mu") || fields.has("sigma")) {
      fields.required("mu", log_normal.mu, read_number);
      fields.required("sigma", log_normal.sigma, read_not_negative);
    } else if (fields.ok()) {
      return invalid("parameters are missing",
                     "mean and cv, p50 and p95, p50 and sigma, or mu and sigma");
    }
    return checked(fields, log_normal);
  }
  Result<Shape> gamma(const json& value) const {
    shape::Gamma gamma;
    JsonFields fields(value, at);
    fields.required("shape", gamma.shape, read_positive);
    if (fields.has("mean")) {
      double mean = 1;
      fields.required("mean", mean, unit.read);
      gamma.scale = mean / gamma.shape;
    } else {
      fields.required("scale", gamma.scale, unit.read);
    }
    return checked(fields, gamma);
  }
  Result<Shape> erlang(const json& value) const {
    shape::Gamma gamma;
    JsonFields fields(value, at);
    std::int64_t stages = 1;
    double mean = 1;
    fields.required("stages", stages, read_count);
    fields.required("mean", mean, unit.read);
    if (fields.ok() && stages < 1) return invalid("there must be at least one stage");
    gamma.shape = static_cast<double>(stages);
    gamma.scale = mean / gamma.shape;
    return checked(fields, gamma);
  }
  Result<Shape> hyperexponential(const json& value) const {
    JsonFields fields(value, at);
    if (fields.has("mean")) {
      double mean = 1;
      double cv = 1;
      fields.required("mean", mean, unit.read);
      fields.required("cv", cv, read_positive);
      if (fields.ok() && cv < 1) return invalid("cv must be at least 1", "gamma has a cv below 1");
      return checked(fields, shape::Hyperexponential::from_mean_cv(mean, cv));
    }
    shape::Hyperexponential hyper;
    fields.required("branches", hyper.branches, [this](const json& list, const Location& place) {
      return read_list(list, place, [this](const json& item, const Location& item_at) {
        shape::Hyperexponential::Branch branch;
        JsonFields members(item, item_at);
        members.required("weight", branch.weight, read_positive);
        members.required("mean", branch.mean, unit.read);
        return members.finish(branch);
      });
    });
    return checked(fields, std::move(hyper));
  }
  Result<Shape> pareto(const json& value) const {
    shape::Pareto pareto{.shape = 1, .min = 1, .max = std::numeric_limits<double>::infinity()};
    JsonFields fields(value, at);
    fields.required("shape", pareto.shape, read_positive);
    fields.required("min", pareto.min, unit.read);
    fields.optional("max", pareto.max, unit.read);
    return checked(fields, pareto);
  }
  Result<Shape> empirical(const json& value) const {
    JsonFields fields(value, at);
    bool is_interpolated = false;
    fields.optional("interpolate", is_interpolated, read_bool);
    if (!fields.has("cdf")) {
      std::vector<double> values;
      fields.required("values", values, [this](const json& list, const Location& place) {
        return read_list(list, place, unit.read);
      });
      return checked(fields, shape::Empirical::from_values(std::move(values), is_interpolated));
    }
    shape::Empirical table{.values = {}, .cumulative = {}, .is_interpolated = is_interpolated};
    const auto read_row = [this, &table](const json& row, const Location& place) -> Result<bool> {
      if (!row.is_array() || row.size() != 2) {
        return json_mismatch(row, place, "a pair [value, cumulative share]");
      }
      const Result<double> amount = unit.read(row[0], child(place, std::size_t{0}));
      if (!amount) return failure(amount.error());
      const Result<double> share = read_not_negative(row[1], child(place, std::size_t{1}));
      if (!share) return failure(share.error());
      table.values.push_back(*amount);
      table.cumulative.push_back(*share);
      return true;
    };
    std::vector<bool> rows;
    fields.required("cdf", rows, [&read_row](const json& list, const Location& place) {
      return read_list(list, place, read_row);
    });
    return checked(fields, std::move(table));
  }
  Result<Shape> mixture(const json& value) const {
    shape::Mixture mixture;
    const auto read_part = [this, &mixture](const json& item,
                                            const Location& place) -> Result<Distribution> {
      double weight = 1;
      Distribution part;
      JsonFields fields(item, place);
      fields.required("weight", weight, read_positive);
      fields.required("of", part, [this](const json& inner, const Location& inner_at) {
        return distribution_from_json(inner, inner_at, unit);
      });
      mixture.weights.push_back(weight);
      return fields.finish(std::move(part));
    };
    auto parts = read_list(value, at, read_part);
    if (!parts) return failure(std::move(parts.error()));
    mixture.parts = std::move(*parts);
    if (const auto problem = Distribution::problem(mixture)) return invalid(*problem);
    return Shape{std::move(mixture)};
  }
};

struct ShapeName {
  const char* name;
  Result<Distribution::Shape> (ShapeReader::*read)(const json&) const;
};

constexpr std::array<ShapeName, 11> kShapes{{{"constant", &ShapeReader::constant},
                                             {"uniform", &ShapeReader::uniform},
                                             {"exponential", &ShapeReader::exponential},
                                             {"weibull", &ShapeReader::weibull},
                                             {"log-normal", &ShapeReader::log_normal},
                                             {"gamma", &ShapeReader::gamma},
                                             {"erlang", &ShapeReader::erlang},
                                             {"hyperexponential", &ShapeReader::hyperexponential},
                                             {"pareto", &ShapeReader::pareto},
                                             {"empirical", &ShapeReader::empirical},
                                             {"mixture", &ShapeReader::mixture}}};

std::vector<std::string> shape_names() {
  std::vector<std::string> names;
  for (const ShapeName& shape : kShapes) names.emplace_back(shape.name);
  return names;
}

json branch_list(const std::vector<shape::Hyperexponential::Branch>& branches,
                 const DistributionUnit& unit) {
  json list = json::array();
  for (const auto& branch : branches) {
    list.push_back({{"weight", branch.weight}, {"mean", unit.write(branch.mean)}});
  }
  return list;
}

struct ShapeWriter {
  const DistributionUnit& unit;

  json operator()(const shape::Constant& s) const { return {{"constant", unit.write(s.value)}}; }
  json operator()(const shape::Uniform& s) const {
    return {{"uniform", {{"min", unit.write(s.min)}, {"max", unit.write(s.max)}}}};
  }
  json operator()(const shape::Exponential& s) const {
    return {{"exponential", {{"mean", unit.write(s.mean)}}}};
  }
  json operator()(const shape::Weibull& s) const {
    return {{"weibull", {{"shape", s.shape}, {"scale", unit.write(s.scale)}}}};
  }
  json operator()(const shape::LogNormal& s) const {
    return {{"log-normal", {{"mu", s.mu}, {"sigma", s.sigma}}}};
  }
  json operator()(const shape::Gamma& s) const {
    return {{"gamma", {{"shape", s.shape}, {"scale", unit.write(s.scale)}}}};
  }
  json operator()(const shape::Hyperexponential& s) const {
    return {{"hyperexponential", {{"branches", branch_list(s.branches, unit)}}}};
  }
  json operator()(const shape::Pareto& s) const {
    json fields{{"shape", s.shape}, {"min", unit.write(s.min)}};
    if (std::isfinite(s.max)) fields["max"] = unit.write(s.max);
    return {{"pareto", std::move(fields)}};
  }
  json operator()(const shape::Empirical& s) const {
    json rows = json::array();
    for (std::size_t i = 0; i < s.values.size(); ++i) {
      rows.push_back(json::array({unit.write(s.values[i]), s.cumulative[i]}));
    }
    return {{"empirical", {{"cdf", std::move(rows)}, {"interpolate", s.is_interpolated}}}};
  }
  json operator()(const shape::Mixture& s) const {
    json parts = json::array();
    for (std::size_t i = 0; i < s.parts.size(); ++i) {
      parts.push_back({{"weight", s.weights[i]}, {"of", to_json(s.parts[i], unit)}});
    }
    return {{"mixture", std::move(parts)}};
  }
};

/// "a 1, b 30s" of the members of an object.
std::string parameters_text(const json& members) {
  if (members.is_string()) return members.get<std::string>();
  if (!members.is_object()) return members.dump();
  std::string text;
  for (const auto& [key, value] : members.items()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key,
                        value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

Result<double> read_seconds(const json& value, const Location& at) {
  if (value.is_string()) return parse_seconds(value.get_ref<const std::string&>(), at);
  return json_mismatch(value, at, "a duration with its unit, such as \"30s\"",
                       value.is_number() ? "a bare number has no unit" : "");
}

json write_seconds(double value) {
  // Exact in both directions: the text is the shortest that reads back as the same number.
  const Duration whole = duration_from_seconds(std::round(value));
  if (value >= 60 && value < 1e9 && seconds(whole) == value) return to_text(whole);
  return fmt::format("{}s", value);
}

template <class Quantity>
Result<double> counted(Result<Quantity> quantity) {
  return quantity.map([](Quantity q) { return static_cast<double>(q.count()); });
}

/// Numbers in between stay as they are: a distribution's mean may lie between two bytes.
json write_bytes(double value) {
  if (value == std::floor(value) && value < 9e15) {
    return to_text(Bytes{static_cast<std::int64_t>(value)});
  }
  return value;
}
Result<double> read_byte_amount(const json& value, const Location& at) {
  if (value.is_number_float()) return read_not_negative(value, at);
  return counted(read_bytes(value, at));
}

/// A fraction of a thousandth, which a mean may have, is written "460.5m" and read back as it is.
json write_milli(double value) {
  if (value == std::floor(value) && value < 9e15) {
    return to_text(MilliCpu{static_cast<std::int64_t>(value)});
  }
  return fmt::format("{}m", value);
}
Result<double> read_milli(const json& value, const Location& at, const char* expected) {
  if (value.is_number()) return counted(parse_cpu(value.dump(), at));
  if (!value.is_string()) return json_mismatch(value, at, expected);
  const std::string& text = value.get_ref<const std::string&>();
  double milli = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, milli);
  if (error == std::errc{} && rest + 1 == end && *rest == 'm' && milli >= 0) return milli;
  return counted(parse_cpu(text, at));
}

}  // namespace

const DistributionUnit kSecondsUnit{"seconds", read_seconds, write_seconds};
const DistributionUnit kBytesUnit{"bytes", read_byte_amount, write_bytes};
const DistributionUnit kMilliCpuUnit{"milli-CPU",
                                     [](const json& value, const Location& at) {
                                       return read_milli(value, at,
                                                         "CPU cores, such as 2 or \"250m\"");
                                     },
                                     write_milli};
const DistributionUnit kMilliGpuUnit{"milli-GPU",
                                     [](const json& value, const Location& at) {
                                       return read_milli(value, at,
                                                         "GPU devices, such as 1 or \"500m\"");
                                     },
                                     write_milli};
const DistributionUnit kPlainUnit{"", read_not_negative, [](double value) { return json(value); }};

Result<Distribution> distribution_from_json(const json& value, const Location& at,
                                            const DistributionUnit& unit) {
  if (!value.is_object()) {
    return ShapeReader{unit, at}.constant(value).map(
        [](Distribution::Shape shape) { return Distribution(std::move(shape)); });
  }
  if (value.size() != 1) {
    return json_mismatch(value, at, R"(one distribution, such as {"exponential": {"mean": …}})",
                         suggest("", shape_names()));
  }
  const std::string& name = value.begin().key();
  for (const ShapeName& shape : kShapes) {
    if (shape.name != name) continue;
    const ShapeReader reader{unit, child(at, name)};
    return (reader.*shape.read)(value.begin().value()).map([](Distribution::Shape found) {
      return Distribution(std::move(found));
    });
  }
  return failure({.at = child(at, name),
                  .message = fmt::format("unknown distribution '{}'", name),
                  .found = "",
                  .expected = "",
                  .hint = suggest(name, shape_names())});
}

json to_json(const Distribution& distribution, const DistributionUnit& unit) {
  return std::visit(ShapeWriter{unit}, distribution.shape());
}

std::string describe(const Distribution& distribution, const DistributionUnit& unit) {
  const json mean = unit.write(distribution.mean());
  std::string mean_text = mean.is_string() ? mean.get<std::string>() : mean.dump();
  if (distribution.is_constant()) return mean_text;
  if (const auto* table = std::get_if<shape::Empirical>(&distribution.shape())) {
    return fmt::format("empirical({} values), mean {}", table->values.size(), mean_text);
  }
  const json whole = to_json(distribution, unit);
  return fmt::format("{}({}), mean {}", whole.begin().key(), parameters_text(whole.begin().value()),
                     mean_text);
}

Result<Distribution> read_duration_distribution(const json& value, const Location& at) {
  return distribution_from_json(value, at, kSecondsUnit);
}

Result<Distribution> read_plain_distribution(const json& value, const Location& at) {
  return distribution_from_json(value, at, kPlainUnit);
}

}  // namespace orrery
