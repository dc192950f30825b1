#include "orrery/experiments/document/json_text.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::experiments {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kDepthMax = 100;

/// Reads the text and tells the handler how far the parser has come.
class TrackedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  TrackedIterator& operator++() {
    ++at_;
    if (reached_ != nullptr) *reached_ = at_;
    return *this;
  }
  TrackedIterator operator++(int) {
    TrackedIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const TrackedIterator& a, const TrackedIterator& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const TrackedIterator& a, const TrackedIterator& b) { return !(a == b); }

 private:
  const char* at_;
  const char** reached_;
};

/// Builds the value and notes lines (nlohmann's SAX interface).
class Builder {
 public:
  Builder(std::string_view text, const std::string& file, const char* const* reached,
          LineMap& lines)
      : text_(text), file_(file), reached_(reached), lines_(lines), counted_(text.data()) {}

  bool null() { return add(ordered_json(nullptr), 0); }
  bool boolean(bool value) { return add(ordered_json(value), 0); }
  bool number_integer(std::int64_t value) { return add(ordered_json(value), 1); }
  bool number_unsigned(std::uint64_t value) { return add(ordered_json(value), 1); }
  bool number_float(double value, const std::string& text) {
    // nlohmann turns a whole number that is too large into a rounded one.
    const bool is_whole = text.find_first_of(".eE") == std::string::npos;
    if (is_whole) return fail("this number does not fit 64 bits", text);
    return add(ordered_json(value), 1);
  }
  bool string(std::string& value) { return add(ordered_json(std::move(value)), 0); }
  bool binary(std::vector<std::uint8_t>&) { return false; }

  bool start_object(std::size_t) { return open(ordered_json::object()); }
  bool start_array(std::size_t) { return open(ordered_json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    if (stack_.back().value->contains(name)) return fail("this member occurs twice", name);
    stack_.back().key = name;
    lines_.emplace(pointer_of_next(), line(0));
    return true;
  }

  template <class Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception& exception) {
    if (error_) return false;
    std::string what = exception.what();
    // "[json.exception.parse_error.101] parse error at line 3, column 5: syntax error while …"
    if (const std::size_t detail = what.find(": "); detail != std::string::npos) {
      what = what.substr(detail + 2);
    }
    const std::string_view before = text_.substr(0, std::min(position, text_.size()));
    const auto newlines = std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    error_ = Error{.at = {.file = file_, .line = static_cast<std::uint64_t>(newlines) + 1},
                   .message = fmt::format("broken JSON at column {}: {}",
                                          std::max<std::size_t>(position - line_start, 1), what)};
    return false;
  }

  [[nodiscard]] std::optional<Error>& error() { return error_; }
  [[nodiscard]] ordered_json& root() { return root_; }

 private:
  struct Level {
    ordered_json* value;
    std::string pointer;
    std::string key;
  };

  /// The current line; a number is known to have ended only `lookahead` characters behind it.
  std::uint64_t line(std::ptrdiff_t lookahead) {
    const char* const end = std::max(*reached_ - lookahead, counted_);
    line_ += static_cast<std::uint64_t>(std::count(counted_, end, '\n'));
    counted_ = end;
    return line_;
  }

  std::string pointer_of_next() const {
    if (stack_.empty()) return "";
    const Level& level = stack_.back();
    if (level.value->is_array()) return fmt::format("{}/{}", level.pointer, level.value->size());
    return fmt::format("{}/{}", level.pointer, escape_token(level.key));
  }

  ordered_json* place(ordered_json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    ordered_json& parent = *stack_.back().value;
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[stack_.back().key] = std::move(value));
  }

  bool add(ordered_json value, std::ptrdiff_t lookahead) {
    lines_.emplace(pointer_of_next(), line(lookahead));
    place(std::move(value));
    return true;
  }

  bool open(ordered_json value) {
    if (stack_.size() >= kDepthMax) return fail("this is nested too deep", "");
    std::string pointer = pointer_of_next();
    lines_.emplace(pointer, line(0));
    ordered_json* const placed = place(std::move(value));
    stack_.push_back({.value = placed, .pointer = std::move(pointer), .key = ""});
    return true;
  }

  bool close() {
    stack_.pop_back();
    return true;
  }

  bool fail(std::string message, std::string found) {
    error_ =
        Error{.at = {.file = file_, .line = line(0), .field = "", .pointer = pointer_of_next()},
              .message = std::move(message),
              .found = std::move(found)};
    if (!stack_.empty() && error_->message.find("twice") != std::string::npos) {
      error_->at.pointer = fmt::format("{}/{}", stack_.back().pointer, escape_token(error_->found));
      error_->found.clear();
    }
    return false;
  }

  std::string_view text_;
  const std::string& file_;
  const char* const* reached_;
  LineMap& lines_;
  const char* counted_;
  std::uint64_t line_ = 1;
  ordered_json root_;
  std::vector<Level> stack_;
  std::optional<Error> error_;
};

}  // namespace

Result<ordered_json> parse_json(std::string_view text, const std::string& file, LineMap& lines) {
  const char* reached = text.data();
  Builder builder(text, file, &reached, lines);
  const bool parsed =
      ordered_json::sax_parse(TrackedIterator(text.data(), &reached),
                              TrackedIterator(text.data() + text.size(), nullptr), &builder);
  if (builder.error()) return failure(std::move(*builder.error()));
  if (!parsed) return failure({.at = {.file = file}, .message = "broken JSON"});
  return std::move(builder.root());
}

std::string escape_token(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

Result<std::vector<std::string>> pointer_tokens(const std::string& pointer, const Location& at) {
  std::vector<std::string> tokens;
  if (pointer.empty() || pointer.front() != '/') {
    return failure({.at = at,
                    .message = "",
                    .found = pointer,
                    .expected = "a JSON pointer such as /clusters/0/scheduler/policy"});
  }
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] == '~' && i + 1 < pointer.size() &&
               (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
      tokens.back() += pointer[++i] == '0' ? '~' : '/';
    } else {
      tokens.back() += pointer[i];
    }
  }
  return tokens;
}

}  // namespace orrery::experiments
