#include "orrery/traces/kubernetes/api_fields.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/check.hpp"
#include "orrery/models/json_fields.hpp"
#include "orrery/models/kubernetes_quantity.hpp"

namespace orrery::traces::kubernetes {
namespace {

using nlohmann::json;

struct TypeFields {
  std::string_view name;
  std::string_view fields;  ///< "name:kind …"; a kind is a scalar, a type, []kind or {}kind
};

// In the order of the names.
constexpr TypeFields kTypes[] = {
#include "orrery/traces/kubernetes/api_fields.inc"
};

const TypeFields& type_named(std::string_view name) {
  const auto* const found = std::lower_bound(
      std::begin(kTypes), std::end(kTypes), name,
      [](const TypeFields& type, std::string_view text) { return type.name < text; });
  ORRERY_CHECK(found != std::end(kTypes) && found->name == name, "a type of the table");
  return *found;
}

/// The kind of a field; empty: the type has no such field.
std::string_view kind_of(const TypeFields& type, std::string_view field) {
  std::string_view rest = type.fields;
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::size_t end = std::min(rest.find(' ', colon), rest.size());
    if (rest.substr(0, colon) == field) return rest.substr(colon + 1, end - colon - 1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

std::vector<std::string> names_of(const TypeFields& type) {
  std::vector<std::string> names;
  std::string_view rest = type.fields;
  while (!rest.empty()) {
    names.emplace_back(rest.substr(0, rest.find(':')));
    rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
  }
  return names;
}

/// One walk down an object; the pointer is put together only for an error.
class FieldCheck {
 public:
  std::optional<Error> error;

  void check(json& value, std::string_view kind) {
    if (kind == "any") return;
    if (kind.starts_with("[]")) return check_list(value, kind.substr(2));
    if (kind.starts_with("{}")) return check_map(value, kind.substr(2));
    if (kind == "string") return require(value.is_string(), value, "a string");
    if (kind == "bool") return require(value.is_boolean(), value, "true or false");
    if (kind == "int") return require(value.is_number_integer(), value, "a whole number");
    if (kind == "intstr") {
      return require(value.is_number_integer() || value.is_string(), value,
                     "a whole number or a string such as \"25%\"");
    }
    if (kind == "quantity") return check_quantity(value);
    check_object(value, type_named(kind));
  }

 private:
  void require(bool is_right, const json& value, const char* expected) {
    if (is_right || error) return;
    const bool wants_text = std::string_view(expected) == "a string";
    const bool is_trap = wants_text && (value.is_boolean() || value.is_number());
    error = json_mismatch(value, {}, expected, is_trap ? "quote it: YAML reads it as no text" : "")
                .value();
    if (value.is_string()) error->found = fmt::format("\"{}\"", error->found);
  }

  void check_quantity(const json& value) {
    const auto quantity = read_kubernetes_quantity(value, {});
    if (!quantity && !error) error = quantity.error();
  }

  void check_list(json& value, std::string_view kind) {
    require(value.is_array(), value, "a list");
    for (std::size_t i = 0; i < value.size() && !error; ++i) {
      check(value[i], kind);
      if (error) under(fmt::format("{}", i));
    }
  }

  void check_map(json& value, std::string_view kind) {
    require(value.is_object(), value, "a map");
    if (error) return;
    for (auto& [key, item] : value.items()) {
      check(item, kind);
      if (error) return under(key);
    }
  }

  void check_object(json& value, const TypeFields& type) {
    require(value.is_object(), value, "an object");
    if (error) return;
    for (auto field = value.begin(); field != value.end();) {
      if (field->is_null()) {
        field = value.erase(field);
        continue;
      }
      check_field(field.key(), *field, type);
      if (error) return under(field.key());
      ++field;
    }
  }

  void check_field(const std::string& name, json& value, const TypeFields& type) {
    const std::string_view kind = kind_of(type, name);
    const bool is_status = name == "status";
    if (kind.empty()) {
      if (in_status_) return;
      error = Error{.at = {},
                    .message = fmt::format("{} has no field '{}'", type.name, name),
                    .hint = suggest(name, names_of(type))};
      return;
    }
    in_status_ = in_status_ || is_status;
    check(value, kind);
    if (is_status) in_status_ = false;
  }

  void under(const std::string& key) {
    const std::string below = error->at.pointer;
    error->at.pointer = child(Location{}, key).pointer + below;
  }

  bool in_status_ = false;
};

}  // namespace

std::optional<Error> check_fields(json& object, std::string_view type, const Location& at) {
  FieldCheck walk;
  walk.check(object, type);
  if (!walk.error) return std::nullopt;
  const std::string below = walk.error->at.pointer;
  walk.error->at = at;
  walk.error->at.pointer += below;
  return walk.error;
}

}  // namespace orrery::traces::kubernetes
