#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/container/static_vector.hpp>
#include <nlohmann/json.hpp>

#include "orrery/models/kubernetes_quantity.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"

namespace orrery::traces::kubernetes {

class Field;

/// What is wrong with one object: the first thing that was found.
class Problems {
 public:
  /// Where the object stands.
  explicit Problems(Location at) : at_(std::move(at)) {}

  void note(const Field& field, std::string found, std::string expected, std::string hint = "");
  void note_message(const Field& field, std::string message, std::string hint = "");
  /// `error.at` becomes the field's place.
  void note(const Field& field, Error error);
  [[nodiscard]] const std::optional<Error>& first() const { return first_; }
  [[nodiscard]] const Location& at() const { return at_; }

 private:
  Location at_;
  std::optional<Error> first_;
};

/// A value within an object that check_fields() has passed, or the place where none is, and the way
/// to it. Cheap: the pointer is put together only for an error. Reading never fails: what is wrong
/// is noted, and the value that was asked for is its default. The JSON must outlive it.
class Field {
 public:
  /// A whole object; `problems` must outlive all fields of it.
  Field(const nlohmann::json& object, Problems& problems) : value_(&object), problems_(&problems) {}

  [[nodiscard]] bool is_there() const { return value_ != nullptr; }
  /// Not there, "", [] or {}.
  [[nodiscard]] bool is_empty() const;
  [[nodiscard]] const nlohmann::json& json() const { return *value_; }
  /// A member; not there if this is not. `name` must outlive the result.
  [[nodiscard]] Field operator[](std::string_view name) const;
  [[nodiscard]] std::vector<Field> elements() const;
  [[nodiscard]] std::vector<std::pair<std::string, Field>> members() const;

  [[nodiscard]] std::string text(std::string_view otherwise = "") const;
  [[nodiscard]] bool flag(bool otherwise) const;
  /// A whole number from `min` to `max`.
  [[nodiscard]] std::int64_t integer(
      std::int64_t otherwise, std::int64_t min,
      std::int64_t max = std::numeric_limits<std::int32_t>::max()) const;
  [[nodiscard]] std::int32_t integer32(
      std::int32_t otherwise, std::int32_t min,
      std::int32_t max = std::numeric_limits<std::int32_t>::max()) const;
  /// Seconds that are not negative.
  [[nodiscard]] Duration seconds(std::int64_t otherwise) const;
  /// Not negative.
  [[nodiscard]] KubernetesQuantity quantity() const;
  /// An optional thing: what `read(field)` gives if the field is there.
  template <class Read>
  [[nodiscard]] auto optional(Read read) const -> std::optional<decltype(read(*this))> {
    if (!is_there()) return std::nullopt;
    return read(*this);
  }
  /// Notes that the field must be there if it is not, or is empty.
  const Field& required() const;

  void wrong(std::string expected, std::string hint = "") const;
  void refuse(std::string message, std::string hint = "") const;
  [[nodiscard]] Problems& problems() const { return *problems_; }
  [[nodiscard]] std::string pointer() const;
  /// The name of the last member on the way.
  [[nodiscard]] std::string_view name() const;

 private:
  struct Step {
    std::string_view key;
    std::size_t index = 0;
    bool is_index = false;
  };
  using Way = boost::container::static_vector<Step, 16>;  // the API is 13 deep
  Field(const nlohmann::json* value, Problems* problems, Way way)
      : value_(value), problems_(problems), way_(std::move(way)) {}

  const nlohmann::json* value_;
  Problems* problems_;
  Way way_;
};

}  // namespace orrery::traces::kubernetes
