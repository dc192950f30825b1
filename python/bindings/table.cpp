#include "orrery/python/bindings/table.hpp"

#include <limits>

namespace orrery::python {

void Column::count_row(bool is_valid) {
  if (size_ % 8 == 0) validity_.push_back(0);
  if (is_valid) {
    validity_.back() = static_cast<std::uint8_t>(validity_.back() | (1U << (size_ % 8)));
  } else {
    ++null_count_;
  }
  ++size_;
}

void Column::add(std::int64_t value) {
  integers_.push_back(value);
  count_row(true);
}

void Column::add(double value) {
  numbers_.push_back(value);
  count_row(true);
}

void Column::add(std::string_view value) {
  characters_ += value;
  offsets_.push_back(static_cast<std::int64_t>(characters_.size()));
  count_row(true);
}

void Column::add_null() {
  switch (type_) {
    case ColumnType::Integer:
      integers_.push_back(0);
      break;
    case ColumnType::Number:
      numbers_.push_back(std::numeric_limits<double>::quiet_NaN());
      break;
    case ColumnType::Text:
      offsets_.push_back(static_cast<std::int64_t>(characters_.size()));
      break;
  }
  count_row(false);
}

void Column::describe(std::string key, std::string value) {
  facts_.emplace_back(std::move(key), std::move(value));
}

std::string_view Column::text(std::size_t row) const {
  const auto begin = static_cast<std::size_t>(offsets_[row]);
  const auto end = static_cast<std::size_t>(offsets_[row + 1]);
  return std::string_view(characters_).substr(begin, end - begin);
}

const Column* Table::find(std::string_view name) const {
  for (const Column& column : columns) {
    if (column.name() == name) return &column;
  }
  return nullptr;
}

}  // namespace orrery::python
