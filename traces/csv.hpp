#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/traces/byte_source.hpp"
#include "orrery/traces/line_reader.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::traces {

struct CsvOptions {
  char separator = ',';
  bool is_quoted = true;    ///< RFC 4180 quotes; without them a quote is a character like any other
  bool is_trimmed = false;  ///< blanks around fields are padding
  char header_separator = 0;  ///< of the header line when it is another one
  std::string header_prefix;  ///< cut from the header line when it begins so
};

/// A table in CSV (RFC 4180) whose first line names the columns; blank lines are no rows. Columns
/// are found by name, in any order, and more of them than asked for may be there. (libfccp throws
/// on malformed input, limits the line length and knows no line breaks in quotes, hence this
/// reader.)
class CsvTable {
 public:
  /// Reads the header. Column i is required[i], and after those optional[i]; a required one that is
  /// absent is an error which names it.
  [[nodiscard]] static Result<CsvTable> open(std::unique_ptr<ByteSource> source,
                                             std::vector<std::string> required,
                                             std::vector<std::string> optional = {},
                                             CsvOptions options = {});

  /// Moves to the next row; false at the end. Errors here are the source's; a row that is malformed
  /// is moved to, and problem() tells what is wrong.
  Result<bool> next();
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }

  /// Does the file have the (optional) column?
  [[nodiscard]] bool has(std::size_t column) const { return positions_[column] != kAbsent; }
  /// The field, valid until next(); empty when the column is absent.
  [[nodiscard]] std::string_view text(std::size_t column) const {
    return has(column) ? fields_[positions_[column]] : std::string_view{};
  }
  [[nodiscard]] Location at(std::size_t column) const;
  /// Rows seen so far, malformed ones included; the present row's number, from 1.
  [[nodiscard]] std::uint64_t row() const { return row_; }
  [[nodiscard]] std::string checksum() const { return lines_.checksum(); }
  [[nodiscard]] const std::string& name() const { return lines_.name(); }

 private:
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

  CsvTable(std::unique_ptr<ByteSource> source, CsvOptions options)
      : lines_(std::move(source)), options_(std::move(options)) {}
  Result<bool> next_record();
  Result<bool> complete_quotes();
  void split();
  void split_quoted();
  void malformed(std::string message, std::string found = "", std::string expected = "");
  std::optional<Error> find_columns(std::size_t required);
  Result<bool> read_header();

  LineReader lines_;
  CsvOptions options_;
  std::vector<std::string> names_;
  std::vector<std::size_t> positions_;
  std::vector<std::string_view> fields_;
  std::string unquoted_;
  std::optional<Error> problem_;
  std::size_t width_ = 0;
  std::uint64_t row_ = 0;
};

/// Reads the fields of one row and keeps the first error.
class CsvRow {
 public:
  explicit CsvRow(const CsvTable& table) : table_(table) {}

  /// A whole number from `min` to `max`; `min` after an error.
  std::int64_t integer(std::size_t column, std::int64_t min, std::int64_t max);
  /// Seconds, whole or with a decimal point, not negative, exact to the nanosecond.
  Duration seconds(std::size_t column);
  /// "2017-10-09 07:01:55" as seconds since 1970-01-01 of the same, zoneless clock.
  std::int64_t date_time(std::size_t column);
  /// "6/21/2005 10:54" likewise.
  std::int64_t us_date_time(std::size_t column);
  [[nodiscard]] std::string_view text(std::size_t column) const { return table_.text(column); }
  [[nodiscard]] bool is_empty(std::size_t column) const { return table_.text(column).empty(); }

  void fail(std::size_t column, std::string expected);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  const CsvTable& table_;
  std::optional<Error> error_;
};

/// Malformed rows: refused or left out and counted, as the user chose.
class BadRows {
 public:
  explicit BadRows(OnBadRow mode) : mode_(mode) {}

  /// True: go on with the next row.
  bool skip(const Error& error);
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }
  /// What was wrong with the first one, to be shown beside the count.
  [[nodiscard]] const std::optional<Error>& first() const { return first_; }

 private:
  OnBadRow mode_;
  std::uint64_t skipped_ = 0;
  std::optional<Error> first_;
};

/// Moves `table` to the next row that `parse(CsvRow&)` reads without error; false at the end.
template <class Parse>
Result<bool> next_good_row(CsvTable& table, BadRows& bad, Parse parse) {
  for (;;) {
    Result<bool> more = table.next();
    if (!more || !*more) return more;
    if (!table.problem()) {
      CsvRow row(table);
      parse(row);
      if (!row.error()) return true;
      if (!bad.skip(*row.error())) return failure(*row.error());
    } else if (!bad.skip(*table.problem())) {
      return failure(*table.problem());
    }
  }
}

}  // namespace orrery::traces
