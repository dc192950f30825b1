#include "orrery/traces/csv.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <limits>

#include <fmt/format.h>

namespace orrery::traces {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Digits at the front of `text`, at most `most` of them, cut off; -1 when there are none.
int take_number(std::string_view& text, std::size_t most) {
  int value = 0;
  std::size_t count = 0;
  while (count < most && count < text.size() && text[count] >= '0' && text[count] <= '9') {
    value = value * 10 + (text[count++] - '0');
  }
  text.remove_prefix(count);
  return count > 0 ? value : -1;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

struct CivilTime {
  int year = -1;
  int month = -1;
  int day = -1;
  int hour = -1;
  int minute = -1;
  int second = 0;
};

/// Seconds since 1970; nothing when there is no such date or time. Years from 1970 to 2199 only:
/// the difference of any two fits a Duration, and no trace is older.
std::optional<std::int64_t> epoch_seconds(const CivilTime& time) {
  if (time.year < 1970 || time.year > 2199 || time.month < 1 || time.day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{time.year},
                                         std::chrono::month{static_cast<unsigned>(time.month)},
                                         std::chrono::day{static_cast<unsigned>(time.day)}};
  const bool is_time = time.hour >= 0 && time.hour < 24 && time.minute >= 0 && time.minute < 60 &&
                       time.second >= 0 && time.second < 60;
  if (!date.ok() || !is_time) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return ((days * 24 + time.hour) * 60 + time.minute) * 60 + time.second;
}

}  // namespace

Result<CsvTable> CsvTable::open(std::unique_ptr<ByteSource> source,
                                std::vector<std::string> required,
                                std::vector<std::string> optional, CsvOptions options) {
  CsvTable table(std::move(source), std::move(options));
  const Result<bool> header = table.read_header();
  if (!header) return failure(header.error());
  if (!*header) {
    return failure({.at = {.file = table.name(), .line = 0, .field = "", .pointer = ""},
                    .message = "the file is empty",
                    .found = "",
                    .expected = "a header line",
                    .hint = ""});
  }
  if (table.problem_) return failure(*table.problem_);
  const std::size_t required_count = required.size();
  table.names_ = std::move(required);
  table.names_.insert(table.names_.end(), optional.begin(), optional.end());
  if (auto error = table.find_columns(required_count)) return failure(*error);
  table.width_ = table.fields_.size();
  table.row_ = 0;
  return table;
}

Result<bool> CsvTable::read_header() {
  const char separator = options_.separator;
  if (options_.header_separator != 0) options_.separator = options_.header_separator;
  Result<bool> found = next_record();
  options_.separator = separator;
  if (found && *found && !fields_.empty() && !options_.header_prefix.empty() &&
      fields_[0].starts_with(options_.header_prefix)) {
    fields_[0].remove_prefix(options_.header_prefix.size());
    if (fields_[0].empty() && fields_.size() > 1) fields_.erase(fields_.begin());
  }
  return found;
}

std::optional<Error> CsvTable::find_columns(std::size_t required) {
  std::vector<std::string> header;
  for (const std::string_view field : fields_) header.emplace_back(trimmed(field));
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const auto found = std::find(header.begin(), header.end(), names_[i]);
    if (found == header.end() && i < required) {
      std::vector<std::string> unknown;
      for (const std::string& name : header) {
        if (std::find(names_.begin(), names_.end(), name) == names_.end()) unknown.push_back(name);
      }
      if (unknown.size() > 12) unknown.resize(12);
      return Error{.at = {.file = name(), .line = lines_.number(), .field = "", .pointer = ""},
                   .message = fmt::format("there is no column '{}'", names_[i]),
                   .found = "",
                   .expected = "",
                   .hint = unknown.empty() ? "" : suggest(names_[i], unknown)};
    }
    positions_.push_back(found == header.end() ? kAbsent
                                               : static_cast<std::size_t>(found - header.begin()));
  }
  return std::nullopt;
}

Result<bool> CsvTable::next() {
  Result<bool> more = next_record();
  if (!more || !*more) return more;
  ++row_;
  if (!problem_ && fields_.size() != width_) {
    malformed("wrong number of fields", fmt::format("{}", fields_.size()),
              fmt::format("{} as in the header", width_));
  }
  return true;
}

/// Moves to the next line that is not blank and splits it.
Result<bool> CsvTable::next_record() {
  problem_.reset();
  do {
    Result<bool> more = lines_.next();
    if (!more || !*more) return more;
  } while (lines_.line().empty());
  const std::string_view line = lines_.line();
  if (!options_.is_quoted || std::memchr(line.data(), '"', line.size()) == nullptr) {
    split();
    return true;
  }
  Result<bool> closed = complete_quotes();
  if (!closed) return closed;
  if (*closed) {
    split_quoted();
  } else {
    malformed("a quoted field does not end", "the end of the file", "a closing quote");
  }
  return true;
}

/// Joins lines until the quotes are even: a line break within quotes is part of the field.
Result<bool> CsvTable::complete_quotes() {
  std::size_t counted = 0;
  std::size_t quotes = 0;
  for (;;) {
    const std::string_view line = lines_.line();
    quotes += static_cast<std::size_t>(
        std::count(line.begin() + static_cast<std::ptrdiff_t>(counted), line.end(), '"'));
    if (quotes % 2 == 0) return true;
    counted = line.size();
    Result<bool> more = lines_.append_next();
    if (!more) return more;
    if (!*more) return false;
  }
}

void CsvTable::split() {
  fields_.clear();
  std::string_view rest = lines_.line();
  for (;;) {
    const std::size_t end = rest.find(options_.separator);
    const std::string_view field = rest.substr(0, end);
    fields_.push_back(options_.is_trimmed ? trimmed(field) : field);
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

void CsvTable::split_quoted() {
  fields_.clear();
  const std::string_view line = lines_.line();
  // Unquoting only shrinks: with the room reserved, views into unquoted_ stay valid.
  unquoted_.clear();
  unquoted_.reserve(line.size());
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = unquoted_.size();
    if (at < line.size() && line[at] == '"') {
      for (++at; at < line.size(); ++at) {
        if (line[at] != '"') {
          unquoted_ += line[at];
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
          unquoted_ += line[at++];
        } else {
          break;
        }
      }
      ++at;
    } else {
      while (at < line.size() && line[at] != options_.separator && line[at] != '"') {
        unquoted_ += line[at++];
      }
    }
    if (at < line.size() && line[at] != options_.separator) {
      malformed(line[at] == '"' ? "a quote inside an unquoted field" : "text after a closing quote",
                std::string(line.substr(at, 20)), "the separator");
      return;
    }
    const std::string_view field(unquoted_.data() + begin, unquoted_.size() - begin);
    fields_.push_back(options_.is_trimmed ? trimmed(field) : field);
    if (at >= line.size()) return;
    ++at;
  }
}

void CsvTable::malformed(std::string message, std::string found, std::string expected) {
  problem_ = Error{.at = {.file = name(), .line = lines_.number(), .field = "", .pointer = ""},
                   .message = std::move(message),
                   .found = std::move(found),
                   .expected = std::move(expected),
                   .hint = ""};
}

Location CsvTable::at(std::size_t column) const {
  return {.file = name(), .line = lines_.number(), .field = names_[column], .pointer = ""};
}

std::int64_t CsvRow::integer(std::size_t column, std::int64_t min, std::int64_t max) {
  const std::string_view text = table_.text(column);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size() && !text.empty();
  if (is_whole && value >= min && value <= max) return value;
  fail(column, max == std::numeric_limits<std::int64_t>::max()
                   ? fmt::format("a whole number of at least {}", min)
                   : fmt::format("a whole number from {} to {}", min, max));
  return min;
}

Duration CsvRow::seconds(std::size_t column) {
  const std::string_view text = table_.text(column);
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  const auto [point, error] = std::from_chars(text.data(), end, whole);
  constexpr std::int64_t kSecond = 1'000'000'000;
  bool is_good = error == std::errc{} && whole >= 0 && !text.starts_with('-') &&
                 whole < std::numeric_limits<std::int64_t>::max() / kSecond;
  std::int64_t nanoseconds = 0;
  if (is_good && point != end) {
    std::int64_t unit = kSecond;
    is_good = *point == '.';
    for (const char* digit = point + 1; is_good && digit != end; ++digit) {
      unit /= 10;
      is_good = *digit >= '0' && *digit <= '9' && (unit > 0 || *digit == '0');
      nanoseconds += unit * (*digit - '0');
    }
  }
  if (!is_good) {
    fail(column, "seconds, not negative, such as 12 or 0.5");
    return Duration::zero();
  }
  return Duration{whole * kSecond + nanoseconds};
}

std::int64_t CsvRow::date_time(std::size_t column) {
  std::string_view rest = table_.text(column);
  CivilTime time;
  time.year = take_number(rest, 4);
  bool is_good = take(rest, '-');
  time.month = take_number(rest, 2);
  is_good = is_good && take(rest, '-');
  time.day = take_number(rest, 2);
  is_good = is_good && (take(rest, ' ') || take(rest, 'T'));
  time.hour = take_number(rest, 2);
  is_good = is_good && take(rest, ':');
  time.minute = take_number(rest, 2);
  is_good = is_good && take(rest, ':');
  time.second = take_number(rest, 2);
  const auto value = epoch_seconds(time);
  if (is_good && rest.empty() && value) return *value;
  fail(column, "a date and time such as 2017-10-09 07:01:55");
  return 0;
}

std::int64_t CsvRow::us_date_time(std::size_t column) {
  std::string_view rest = table_.text(column);
  CivilTime time;
  time.month = take_number(rest, 2);
  bool is_good = take(rest, '/');
  time.day = take_number(rest, 2);
  is_good = is_good && take(rest, '/');
  time.year = take_number(rest, 4);
  is_good = is_good && take(rest, ' ');
  time.hour = take_number(rest, 2);
  is_good = is_good && take(rest, ':');
  time.minute = take_number(rest, 2);
  const auto value = epoch_seconds(time);
  if (is_good && rest.empty() && value) return *value;
  fail(column, "a date and time such as 6/21/2005 10:54");
  return 0;
}

void CsvRow::fail(std::size_t column, std::string expected) {
  if (error_) return;
  error_ = Error{.at = table_.at(column),
                 .message = "",
                 .found = std::string(table_.text(column).substr(0, 100)),
                 .expected = std::move(expected),
                 .hint = ""};
  if (error_->found.empty()) error_->message = "nothing here";
}

bool BadRows::skip(const Error& error) {
  if (mode_ == OnBadRow::Fail) return false;
  if (!first_) first_ = error;
  ++skipped_;
  return true;
}

}  // namespace orrery::traces
