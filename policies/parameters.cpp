#include "orrery/policies/parameters.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/check.hpp"

namespace orrery::policies {

struct Parameters::Entry {
  Value value;
  bool is_given = false;
};

Parameters::Parameters(Location at) : at_(std::move(at)) {}
Parameters::Parameters(const Parameters&) = default;
Parameters::Parameters(Parameters&&) noexcept = default;
Parameters& Parameters::operator=(const Parameters&) = default;
Parameters& Parameters::operator=(Parameters&&) noexcept = default;
Parameters::~Parameters() = default;

namespace {

template <class T>
const T& typed(const Parameters::Value& value, std::string_view name) {
  const T* found = std::get_if<T>(&value);
  ORRERY_CHECK(found != nullptr, fmt::format("parameter '{}' is declared with another type", name));
  return *found;
}

}  // namespace

std::string_view to_string(ParameterType type) {
  switch (type) {
    case ParameterType::Boolean:
      return "true or false";
    case ParameterType::Integer:
      return "a whole number";
    case ParameterType::Number:
      return "a number";
    case ParameterType::Text:
      return "a text";
    case ParameterType::Duration:
      return "a duration with its unit";
    case ParameterType::Json:
      return "JSON";
    case ParameterType::Policies:
      return "a list of policies";
  }
  return "unknown";
}

const Parameters::Entry& Parameters::entry(std::string_view name) const {
  const auto found = entries_.find(name);
  ORRERY_CHECK(found != entries_.end(), fmt::format("parameter '{}' is not declared", name));
  return found->second;
}

bool Parameters::boolean(std::string_view name) const {
  return typed<bool>(entry(name).value, name);
}
std::int64_t Parameters::integer(std::string_view name) const {
  return typed<std::int64_t>(entry(name).value, name);
}
double Parameters::number(std::string_view name) const {
  return typed<double>(entry(name).value, name);
}
const std::string& Parameters::text(std::string_view name) const {
  return typed<std::string>(entry(name).value, name);
}
Duration Parameters::duration(std::string_view name) const {
  return typed<Duration>(entry(name).value, name);
}
nlohmann::json Parameters::json(std::string_view name) const {
  return nlohmann::json::parse(typed<JsonText>(entry(name).value, name).text);
}
std::span<const PolicyChoice> Parameters::policies(std::string_view name) const {
  return typed<std::vector<PolicyChoice>>(entry(name).value, name);
}
bool Parameters::is_given(std::string_view name) const { return entry(name).is_given; }

Location Parameters::at(std::string_view name) const { return member(at_, name); }

void Parameters::set(std::string name, Value value, bool is_given) {
  entries_.insert_or_assign(std::move(name), Entry{std::move(value), is_given});
}

Location member(const Location& at, std::string_view name) {
  Location deeper = at;
  deeper.pointer += '/';
  for (const char letter : name) {  // RFC 6901 §3
    if (letter == '~') {
      deeper.pointer += "~0";
    } else if (letter == '/') {
      deeper.pointer += "~1";
    } else {
      deeper.pointer += letter;
    }
  }
  return deeper;
}

Location element(const Location& at, std::size_t index) {
  return member(at, std::to_string(index));
}

}  // namespace orrery::policies
