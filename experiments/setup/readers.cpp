#include "orrery/experiments/setup/readers.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;

constexpr std::array kEffects = {
    std::pair{"NoSchedule", TaintEffect::NoSchedule},
    std::pair{"PreferNoSchedule", TaintEffect::PreferNoSchedule},
    std::pair{"NoExecute", TaintEffect::NoExecute},
};

Result<Taint> read_taint(const json& value, const Location& at) {
  const auto text = read_string(value, at);
  if (!text) return failure(text.error());
  const std::size_t colon = text->rfind(':');
  const std::string effect = colon == std::string::npos ? "" : text->substr(colon + 1);
  for (const auto& [name, meaning] : kEffects) {
    if (effect != name) continue;
    const std::string left = text->substr(0, colon);
    const std::size_t equals = left.find('=');
    Taint taint{.key = left.substr(0, equals),
                .value = equals == std::string::npos ? "" : left.substr(equals + 1),
                .effect = meaning};
    if (!taint.key.empty()) return taint;
  }
  return json_mismatch(value, at, "a taint such as dedicated=training:NoSchedule");
}

}  // namespace

Result<std::int64_t> read_between(const json& value, const Location& at, std::int64_t min,
                                  std::int64_t max) {
  auto number = read_integer(value, at);
  if (!number) return number;
  if (*number >= min && *number <= max) return number;
  return json_mismatch(value, at, fmt::format("a whole number from {} to {}", min, max));
}

Result<std::size_t> read_choice(const json& value, const Location& at,
                                const std::vector<std::string>& names) {
  if (value.is_string()) {
    const auto found = std::find(names.begin(), names.end(), value.get<std::string>());
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    return json_mismatch(value, at, "one of the choices", suggest(value.get<std::string>(), names));
  }
  return json_mismatch(value, at, "one of the choices", suggest("", names));
}

Result<Labels> read_labels(const json& value, const Location& at) {
  if (!value.is_object()) return json_mismatch(value, at, "an object of labels");
  Labels labels;
  for (const auto& [key, text] : value.items()) {
    auto label = read_string(text, child(at, key));
    if (!label) return failure(std::move(label.error()));
    labels[key] = std::move(*label);
  }
  return labels;
}

Result<std::vector<Taint>> read_taints(const json& value, const Location& at) {
  return read_list(value, at, read_taint);
}

Result<std::map<std::string, std::int64_t>> read_extended(const json& value, const Location& at) {
  if (!value.is_object()) return json_mismatch(value, at, "an object of resources and amounts");
  std::map<std::string, std::int64_t> extended;
  for (const auto& [name, amount] : value.items()) {
    const auto count = read_count(amount, child(at, name));
    if (!count) return failure(count.error());
    extended[name] = *count;
  }
  return extended;
}

}  // namespace orrery::experiments
