#include "orrery/models/json_fields.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/quantity_text.hpp"

namespace orrery {
namespace {

using nlohmann::json;

/// Numbers go through their text, so that 0.1 stays the decimal that the user wrote.
template <class Parse>
auto read_text_or_number(const json& value, const Location& at, const char* expected, Parse parse)
    -> decltype(parse(std::string_view{}, at)) {
  if (value.is_string()) return parse(value.get_ref<const std::string&>(), at);
  if (value.is_number()) return parse(value.dump(), at);
  return json_mismatch(value, at, expected);
}

template <class Parse>
auto read_text(const json& value, const Location& at, const char* expected, Parse parse)
    -> decltype(parse(std::string_view{}, at)) {
  if (value.is_string()) return parse(value.get_ref<const std::string&>(), at);
  return json_mismatch(value, at, expected, value.is_number() ? "a bare number has no unit" : "");
}

}  // namespace

Location child(const Location& at, std::string_view key) {
  Location place = at;
  place.pointer += '/';
  for (const char c : key) {
    if (c == '~') {
      place.pointer += "~0";
    } else if (c == '/') {
      place.pointer += "~1";
    } else {
      place.pointer += c;
    }
  }
  return place;
}

Location child(const Location& at, std::size_t index) {
  Location place = at;
  place.pointer += fmt::format("/{}", index);
  return place;
}

std::string json_excerpt(const json& value) {
  constexpr std::size_t kLongest = 60;
  if (value.is_structured() && value.size() > 8) {
    return fmt::format("{} of {}", value.is_array() ? "an array" : "an object", value.size());
  }
  std::string text = value.is_string() ? value.get<std::string>()
                                       : value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

tl::unexpected<Error> json_mismatch(const json& value, const Location& at, std::string expected,
                                    std::string hint) {
  return failure({.at = at,
                  .message = "",
                  .found = json_excerpt(value),
                  .expected = std::move(expected),
                  .hint = std::move(hint)});
}

Result<std::string> read_string(const json& value, const Location& at) {
  if (!value.is_string()) return json_mismatch(value, at, "a string");
  return value.get<std::string>();
}

Result<bool> read_bool(const json& value, const Location& at) {
  if (!value.is_boolean()) return json_mismatch(value, at, "true or false");
  return value.get<bool>();
}

Result<double> read_number(const json& value, const Location& at) {
  if (!value.is_number() || !std::isfinite(value.get<double>())) {
    return json_mismatch(value, at, "a number");
  }
  return value.get<double>();
}

Result<double> read_positive(const json& value, const Location& at) {
  if (!value.is_number() || !std::isfinite(value.get<double>()) || !(value.get<double>() > 0)) {
    return json_mismatch(value, at, "a number above 0");
  }
  return value.get<double>();
}

Result<double> read_not_negative(const json& value, const Location& at) {
  if (!value.is_number() || !std::isfinite(value.get<double>()) || !(value.get<double>() >= 0)) {
    return json_mismatch(value, at, "a number of at least 0");
  }
  return value.get<double>();
}

Result<std::int64_t> read_integer(const json& value, const Location& at) {
  const bool is_huge = value.is_number_unsigned() &&
                       value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  if (!value.is_number_integer() || is_huge) return json_mismatch(value, at, "a whole number");
  return value.get<std::int64_t>();
}

Result<std::int64_t> read_count(const json& value, const Location& at) {
  return read_text_or_number(value, at, "a whole number that is not negative", parse_count);
}

Result<Duration> read_duration(const json& value, const Location& at) {
  return read_text(value, at, "a duration with its unit, such as \"30s\"", parse_duration);
}

Result<Time> read_instant(const json& value, const Location& at) {
  return read_text(value, at, "an instant, such as \"12:00\" or \"2d 3h\"", parse_instant);
}

Result<Bytes> read_bytes(const json& value, const Location& at) {
  return read_text_or_number(value, at, "a size, such as \"64GiB\"", parse_bytes);
}

Result<MilliCpu> read_cpu(const json& value, const Location& at) {
  return read_text_or_number(value, at, "CPU cores, such as 2 or \"250m\"", parse_cpu);
}

Result<MilliGpu> read_gpu(const json& value, const Location& at) {
  return read_text_or_number(value, at, "GPU devices, such as 1 or \"500m\"", parse_gpu);
}

Result<double> read_rate(const json& value, const Location& at) {
  return read_text(value, at, "a rate with its unit, such as \"12/s\"", parse_rate);
}

Result<std::int64_t> read_bandwidth(const json& value, const Location& at) {
  return read_text(value, at, "a bandwidth, such as \"10Gbit/s\" or \"1.25GB/s\"", parse_bandwidth);
}

Result<std::vector<std::string>> read_strings(const json& value, const Location& at) {
  return read_list(value, at, read_string);
}

Result<std::vector<std::pair<const json*, Location>>> read_elements(const json& value,
                                                                    const Location& at) {
  if (!value.is_array()) return json_mismatch(value, at, "an array");
  std::vector<std::pair<const json*, Location>> elements;
  elements.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) elements.emplace_back(&value[i], child(at, i));
  return elements;
}

JsonFields::JsonFields(const json& object, Location at) : object_(object), at_(std::move(at)) {
  if (!object_.is_object()) fail(json_mismatch(object_, at_, "an object").value());
}

bool JsonFields::has(std::string_view name) const {
  return object_.is_object() && object_.contains(name);
}

void JsonFields::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

const json* JsonFields::find(std::string_view name) {
  known_.emplace_back(name);
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

void JsonFields::fail_missing(std::string_view name) {
  // A misspelt name is more likely than a forgotten one: let the unknown member be reported.
  const auto is_known = [this](const std::string& key) {
    return std::find(known_.begin(), known_.end(), key) != known_.end();
  };
  std::string hint;
  if (object_.is_object()) {
    for (const auto& [key, value] : object_.items()) {
      if (!is_known(key) && !nearest(key, {std::string(name)}).empty()) {
        hint = fmt::format("is '{}' meant to be '{}'?", key, name);
      }
    }
  }
  fail({.at = at_,
        .message = fmt::format("'{}' is missing", name),
        .found = "",
        .expected = "",
        .hint = hint});
}

void JsonFields::check_unknown() {
  if (error_ || !object_.is_object()) return;
  for (const auto& [key, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    fail({.at = child(at_, key),
          .message = fmt::format("unknown field '{}'", key),
          .found = "",
          .expected = "",
          .hint = suggest(key, known_)});
    return;
  }
}

}  // namespace orrery
