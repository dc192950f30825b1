#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orrery::python {

enum class ColumnType : std::uint8_t { Integer, Number, Text };

/// One column of a table, in Arrow's layout. Only the vectors of its own type are filled.
class Column {
 public:
  Column(std::string name, ColumnType type) : name_(std::move(name)), type_(type) {}

  void add(std::int64_t value);
  void add(double value);
  void add(std::string_view value);
  /// A missing value: 0, NaN or the empty text, marked as null.
  void add_null();
  /// Facts about the column, such as {"unit", "s"}.
  void describe(std::string key, std::string value);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] ColumnType type() const { return type_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t null_count() const { return null_count_; }
  [[nodiscard]] bool is_null(std::size_t row) const {
    return null_count_ > 0 && ((validity_[row / 8] >> (row % 8)) & 1U) == 0;
  }
  [[nodiscard]] const std::vector<std::int64_t>& integers() const { return integers_; }
  [[nodiscard]] const std::vector<double>& numbers() const { return numbers_; }
  [[nodiscard]] std::string_view text(std::size_t row) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& facts() const {
    return facts_;
  }
  /// As Arrow wants them: one bit a row, or null when no value is missing.
  [[nodiscard]] const void* validity() const {
    return null_count_ == 0 ? nullptr : validity_.data();
  }
  /// Of a Text: where each row begins in characters(), and the end.
  [[nodiscard]] const std::vector<std::int64_t>& offsets() const { return offsets_; }
  [[nodiscard]] const std::string& characters() const { return characters_; }

 private:
  void count_row(bool is_valid);

  std::string name_;
  ColumnType type_;
  std::size_t size_ = 0;
  std::size_t null_count_ = 0;
  std::vector<std::uint8_t> validity_;
  std::vector<std::int64_t> integers_;
  std::vector<double> numbers_;
  std::vector<std::int64_t> offsets_ = {0};
  std::string characters_;
  std::vector<std::pair<std::string, std::string>> facts_;
};

/// Columns of one length. Not changed any more once Python has it: arrays are views of it.
struct Table {
  std::vector<Column> columns;

  [[nodiscard]] std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
  /// Null when there is none of that name.
  [[nodiscard]] const Column* find(std::string_view name) const;
};

}  // namespace orrery::python
