#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace orrery {

/// Where in the outside world something is: a file, and a line or a JSON pointer in it.
struct Location {
  std::string file;            ///< path as the user wrote it; empty when there is no file
  std::uint64_t line = 0;      ///< counted from 1; 0 when the file has no lines
  std::string field;           ///< column name of a table; empty when not a table
  std::string pointer;         ///< RFC 6901 JSON pointer; empty when not JSON
  std::uint64_t document = 0;  ///< of a file of several, counted from 1; 0 otherwise

  friend bool operator==(const Location&, const Location&) = default;
};

/// What the outside world did wrong, told so that the user can mend it.
struct Error {
  Location at;
  std::string message;   ///< what is wrong, in words; may be empty when `expected` says it
  std::string found;     ///< the offending text; empty when something is missing
  std::string expected;  ///< what would have been right
  std::string hint;      ///< the nearest valid choice, or what to do

  friend bool operator==(const Error&, const Error&) = default;
};

/// One line: "FILE:LINE: field 'cpu_milli': found 'x', expected a whole number (did you mean
/// 'y'?)".
[[nodiscard]] std::string to_string(const Location& at);
[[nodiscard]] std::string to_string(const Error& error);

/// A value, or what was wrong with the input that should have given it.
template <class T>
using Result = tl::expected<T, Error>;

/// `Error` as the unexpected alternative of any Result.
[[nodiscard]] inline tl::unexpected<Error> failure(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

/// The entries of `choices` that a person may have meant by `text`, nearest first, at most three:
/// optimal string alignment distance of at most a third of the length, at least 2.
[[nodiscard]] std::vector<std::string> nearest(const std::string& text,
                                               const std::vector<std::string>& choices);
/// "did you mean 'fgd'?" or, when nothing is near, "one of: a, b, c".
[[nodiscard]] std::string suggest(const std::string& text, const std::vector<std::string>& choices);

}  // namespace orrery
