#include "orrery/policies/registry.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orrery/models/check.hpp"
#include "orrery/models/json_fields.hpp"

namespace orrery::policies {
namespace {

using nlohmann::json;

/// "placement policy", "scorer".
std::string noun(std::string_view kind) {
  const bool is_part = kind == "scorer" || kind == "filter";
  return fmt::format("{}{}", kind, is_part ? "" : " policy");
}

std::string shown(const json& value) {
  constexpr std::size_t kLongest = 60;
  std::string text = value.is_string() ? value.get<std::string>()
                                       : value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "…";
  return text;
}

/// A whole number, also when written as 3.0, as JSON Schema counts it.
std::optional<std::int64_t> whole(const json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return {};
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (value.is_number_float()) {
    const auto number = value.get<double>();
    if (std::abs(number) <= kExact && number == std::trunc(number)) {
      return static_cast<std::int64_t>(number);
    }
  }
  return {};
}

std::string range_of(const ParameterSpec& spec) {
  const char* const unit = spec.type == ParameterType::Duration ? " s" : "";
  if (spec.minimum && spec.maximum) {
    return fmt::format(" from {} to {}{}", *spec.minimum, *spec.maximum, unit);
  }
  if (spec.minimum) return fmt::format(" of at least {}{}", *spec.minimum, unit);
  if (spec.maximum) return fmt::format(" of at most {}{}", *spec.maximum, unit);
  return "";
}

Error wrong_value(const ParameterSpec& spec, const json& value, const Location& at) {
  Error error{.at = at,
              .message = fmt::format("parameter '{}'", spec.name),
              .found = shown(value),
              .expected = std::string{to_string(spec.type)} + range_of(spec),
              .hint = ""};
  if (!spec.choices.empty()) {
    error.expected = fmt::format("one of {}", fmt::join(spec.choices, ", "));
    if (value.is_string() && !nearest(error.found, spec.choices).empty()) {
      error.hint = suggest(error.found, spec.choices);
    }
  }
  return error;
}

bool is_within(const ParameterSpec& spec, double value) {
  return (!spec.minimum || value >= *spec.minimum) && (!spec.maximum || value <= *spec.maximum);
}

Result<Parameters::Value> read_policies(const PolicyRegistry& registry, const ParameterSpec& spec,
                                        const json& value, const Location& at) {
  if (!value.is_array()) return failure(wrong_value(spec, value, at));
  std::vector<PolicyChoice> choices;
  for (std::size_t index = 0; index < value.size(); ++index) {
    Result<PolicyChoice> choice =
        registry.choose(spec.policy_kind, value[index], element(at, index));
    if (!choice) return failure(std::move(choice.error()));
    choices.push_back(std::move(*choice));
  }
  return choices;
}

Result<Parameters::Value> read_value(const PolicyRegistry& registry, const ParameterSpec& spec,
                                     const json& value, const Location& at) {
  switch (spec.type) {
    case ParameterType::Boolean:
      if (value.is_boolean()) return value.get<bool>();
      break;
    case ParameterType::Integer:
      if (const auto number = whole(value); number && is_within(spec, static_cast<double>(*number)))
        return *number;
      break;
    case ParameterType::Number:
      if (value.is_number() && is_within(spec, value.get<double>())) return value.get<double>();
      break;
    case ParameterType::Text:
      if (value.is_string() &&
          (spec.choices.empty() || std::find(spec.choices.begin(), spec.choices.end(),
                                             value.get<std::string>()) != spec.choices.end())) {
        return value.get<std::string>();
      }
      break;
    case ParameterType::Duration:
      if (const Result<Duration> span = read_duration(value, at);
          span && is_within(spec, seconds(*span))) {
        return *span;
      }
      break;
    case ParameterType::Json:
      if (spec.check) {
        if (Result<void> checked = spec.check(value, at); !checked) {
          return failure(std::move(checked.error()));
        }
      }
      return Parameters::JsonText{value.dump()};
    case ParameterType::Policies:
      return read_policies(registry, spec, value, at);
  }
  return failure(wrong_value(spec, value, at));
}

Error unknown_parameter(const PolicyInfo& info, const std::string& name, const Location& at) {
  std::vector<std::string> known{"name"};
  for (const ParameterSpec& spec : info.parameters) known.push_back(spec.name);
  return {.at = member(at, name),
          .message = fmt::format("unknown parameter of {} '{}'", noun(info.kind), info.name),
          .found = name,
          .expected = "",
          .hint = info.parameters.empty() ? "it takes no parameters" : suggest(name, known)};
}

Error missing_parameter(const PolicyInfo& info, const ParameterSpec& spec, const Location& at) {
  return {.at = at,
          .message = fmt::format("{} '{}' needs '{}': {}", noun(info.kind), info.name, spec.name,
                                 spec.doc),
          .found = "",
          .expected = "",
          .hint = ""};
}

Result<std::string> name_in(std::string_view kind, const json& document, const Location& at) {
  if (document.is_string()) return document.get<std::string>();
  if (document.is_object() && document.contains("name") && document["name"].is_string()) {
    return document["name"].get<std::string>();
  }
  const bool has_bad_name = document.is_object() && document.contains("name");
  return failure(
      {.at = has_bad_name ? member(at, "name") : at,
       .message = document.is_object() && !has_bad_name ? "member 'name' is missing" : "",
       .found = shown(has_bad_name ? document["name"] : document),
       .expected = fmt::format("the name of a {}, or an object with its 'name' "
                               "and parameters",
                               noun(kind)),
       .hint = ""});
}

}  // namespace

void PolicyRegistry::add_entry(Entry entry) {
  ORRERY_CHECK(find(entry.info.kind, entry.info.name) == nullptr,
               fmt::format("{} '{}' is registered twice", noun(entry.info.kind), entry.info.name));
  entries_.push_back(std::move(entry));
}

std::vector<const PolicyInfo*> PolicyRegistry::list(std::string_view kind) const {
  std::vector<const PolicyInfo*> infos;
  for (const Entry& entry : entries_) {
    if (kind.empty() || entry.info.kind == kind) infos.push_back(&entry.info);
  }
  return infos;
}

std::vector<std::string> PolicyRegistry::names(std::string_view kind) const {
  std::vector<std::string> names;
  for (const PolicyInfo* info : list(kind)) names.push_back(info->name);
  return names;
}

const PolicyRegistry::Entry* PolicyRegistry::entry(std::string_view kind,
                                                   std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.info.kind == kind && entry.info.name == name) return &entry;
  }
  return nullptr;
}

const PolicyInfo* PolicyRegistry::find(std::string_view kind, std::string_view name) const {
  const Entry* found = entry(kind, name);
  return found == nullptr ? nullptr : &found->info;
}

Result<PolicyChoice> PolicyRegistry::choose(std::string_view kind, const json& document,
                                            const Location& at) const {
  const Result<std::string> name = name_in(kind, document, at);
  if (!name) return failure(name.error());
  const PolicyInfo* info = find(kind, *name);
  if (info == nullptr) {
    return failure({.at = document.is_object() ? member(at, "name") : at,
                    .message = fmt::format("unknown {}", noun(kind)),
                    .found = *name,
                    .expected = "",
                    .hint = suggest(*name, names(kind))});
  }
  if (document.is_object()) {
    for (const auto& [key, value] : document.items()) {
      const bool is_known =
          key == "name" || std::any_of(info->parameters.begin(), info->parameters.end(),
                                       [&key = key](const auto& spec) { return spec.name == key; });
      if (!is_known) return failure(unknown_parameter(*info, key, at));
    }
  }
  PolicyChoice choice{.kind = std::string{kind}, .name = *name, .parameters = Parameters{at}};
  for (const ParameterSpec& spec : info->parameters) {
    const bool is_given = document.is_object() && document.contains(spec.name);
    if (spec.is_required && !is_given) return failure(missing_parameter(*info, spec, at));
    Result<Parameters::Value> value =
        read_value(*this, spec, is_given ? document[spec.name] : json::parse(spec.default_json),
                   member(at, spec.name));
    if (!value) return failure(std::move(value.error()));
    choice.parameters.set(spec.name, std::move(*value), is_given);
  }
  return choice;
}

Result<PolicyRegistry::Made> PolicyRegistry::build(std::string_view kind,
                                                   const PolicyChoice& choice,
                                                   const PolicyContext& context) const {
  const Entry* found = entry(kind, choice.name);
  ORRERY_CHECK(found != nullptr && kind == choice.kind, "the choice was checked by this registry");
  try {
    return found->build(choice.parameters, context);
  } catch (const CheckFailure&) {
    throw;
  } catch (const std::exception& exception) {
    return failure({.at = choice.parameters.at(),
                    .message = fmt::format("{} '{}' cannot be built: {}", noun(kind), choice.name,
                                           exception.what()),
                    .found = "",
                    .expected = "",
                    .hint = ""});
  }
}

Result<std::unique_ptr<PlacementPolicy>> make_placement(const json& document, const Location& at,
                                                        const PolicyContext& context) {
  const Result<PolicyChoice> choice = context.registry.choose(PlacementPolicy::kKind, document, at);
  if (!choice) return failure(choice.error());
  return context.registry.make<PlacementPolicy>(*choice, context);
}

Result<void> validate_placement(const json& document, const Location& at,
                                const PolicyRegistry& registry) {
  const Result<PolicyChoice> choice = registry.choose(PlacementPolicy::kKind, document, at);
  if (!choice) return failure(choice.error());
  return {};
}

}  // namespace orrery::policies
