#include "orrery/traces/kubernetes/object_view.hpp"

#include <fmt/format.h>

#include "orrery/models/json_fields.hpp"

namespace orrery::traces::kubernetes {

void Problems::note(const Field& field, Error error) {
  if (first_) return;
  error.at = at_;
  error.at.pointer += field.pointer();
  first_ = std::move(error);
}

void Problems::note(const Field& field, std::string found, std::string expected, std::string hint) {
  note(field, Error{.at = {},
                    .message = "",
                    .found = std::move(found),
                    .expected = std::move(expected),
                    .hint = std::move(hint)});
}

void Problems::note_message(const Field& field, std::string message, std::string hint) {
  note(field, Error{.at = {}, .message = std::move(message), .hint = std::move(hint)});
}

bool Field::is_empty() const {
  if (!is_there()) return true;
  return value_->is_string() ? value_->get_ref<const std::string&>().empty()
                             : value_->is_structured() && value_->empty();
}

Field Field::operator[](std::string_view name) const {
  Way way = way_;
  way.push_back({.key = name});
  const nlohmann::json* value = nullptr;
  if (value_ != nullptr && value_->is_object()) {
    const auto found = value_->find(name);
    if (found != value_->end()) value = &*found;
  }
  return {value, problems_, std::move(way)};
}

std::vector<Field> Field::elements() const {
  std::vector<Field> list;
  if (!is_there() || !value_->is_array()) return list;
  for (std::size_t i = 0; i < value_->size(); ++i) {
    Way way = way_;
    way.push_back({.key = {}, .index = i, .is_index = true});
    list.push_back(Field(&(*value_)[i], problems_, std::move(way)));
  }
  return list;
}

std::vector<std::pair<std::string, Field>> Field::members() const {
  std::vector<std::pair<std::string, Field>> list;
  if (!is_there() || !value_->is_object()) return list;
  for (auto member = value_->begin(); member != value_->end(); ++member) {
    Way way = way_;
    way.push_back({.key = member.key()});
    list.emplace_back(member.key(), Field(&*member, problems_, std::move(way)));
  }
  return list;
}

std::string Field::text(std::string_view otherwise) const {
  return is_there() && value_->is_string() ? value_->get<std::string>() : std::string(otherwise);
}

bool Field::flag(bool otherwise) const {
  return is_there() && value_->is_boolean() ? value_->get<bool>() : otherwise;
}

std::int64_t Field::integer(std::int64_t otherwise, std::int64_t min, std::int64_t max) const {
  if (!is_there()) return otherwise;
  const auto number = read_integer(*value_, {});
  if (number && *number >= min && *number <= max) return *number;
  const bool is_open = max == std::numeric_limits<std::int64_t>::max() ||
                       max == std::numeric_limits<std::int32_t>::max();
  wrong(number && is_open && *number < min ? fmt::format("at least {}", min)
                                           : fmt::format("a number from {} to {}", min, max));
  return otherwise;
}

std::int32_t Field::integer32(std::int32_t otherwise, std::int32_t min, std::int32_t max) const {
  return static_cast<std::int32_t>(integer(otherwise, min, max));
}

Duration Field::seconds(std::int64_t otherwise) const {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;
  return std::chrono::seconds{integer(otherwise, 0, kMost)};
}

KubernetesQuantity Field::quantity() const {
  if (!is_there()) return {};
  const auto quantity = read_kubernetes_quantity(*value_, {});
  if (!quantity) {
    problems_->note(*this, quantity.error());
    return {};
  }
  if (quantity->sign() < 0) {
    wrong("a quantity that is not negative");
    return {};
  }
  return *quantity;
}

const Field& Field::required() const {
  if (is_empty()) refuse(fmt::format("'{}' is missing", name()));
  return *this;
}

void Field::wrong(std::string expected, std::string hint) const {
  problems_->note(*this, is_there() ? json_excerpt(*value_) : "", std::move(expected),
                  std::move(hint));
}

void Field::refuse(std::string message, std::string hint) const {
  problems_->note_message(*this, std::move(message), std::move(hint));
}

std::string Field::pointer() const {
  Location at;
  for (const Step& step : way_) at = step.is_index ? child(at, step.index) : child(at, step.key);
  return at.pointer;
}

std::string_view Field::name() const {
  for (std::size_t i = way_.size(); i > 0; --i) {
    if (!way_[i - 1].is_index) return way_[i - 1].key;
  }
  return {};
}

}  // namespace orrery::traces::kubernetes
