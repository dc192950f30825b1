#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"

namespace orrery {

/// The location of member `key`, or of element `index`, of the JSON value at `at`.
[[nodiscard]] Location child(const Location& at, std::string_view key);
[[nodiscard]] Location child(const Location& at, std::size_t index);

/// "a string", "a number" …, to say what was found; long values are cut.
[[nodiscard]] std::string json_excerpt(const nlohmann::json& value);
/// The error "found VALUE, expected EXPECTED" at `at`.
[[nodiscard]] tl::unexpected<Error> json_mismatch(const nlohmann::json& value, const Location& at,
                                                  std::string expected, std::string hint = "");

/// Readers of single values; each error names the pointer, what was found and what is right. The
/// quantities take strings (see quantity_text.hpp) and, where that is unambiguous, numbers.
[[nodiscard]] Result<std::string> read_string(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<bool> read_bool(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<double> read_number(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<double> read_positive(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<double> read_not_negative(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<std::int64_t> read_integer(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<std::int64_t> read_count(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<Duration> read_duration(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<Time> read_instant(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<Bytes> read_bytes(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<MilliCpu> read_cpu(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<MilliGpu> read_gpu(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<double> read_rate(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<std::int64_t> read_bandwidth(const nlohmann::json& value, const Location& at);
[[nodiscard]] Result<std::vector<std::string>> read_strings(const nlohmann::json& value,
                                                            const Location& at);

/// The elements of a JSON array, with their locations.
[[nodiscard]] Result<std::vector<std::pair<const nlohmann::json*, Location>>> read_elements(
    const nlohmann::json& value, const Location& at);

/// An array of things that `parse(value, location)` reads one by one.
template <class Parse>
[[nodiscard]] auto read_list(const nlohmann::json& value, const Location& at, Parse parse)
    -> Result<std::vector<typename decltype(parse(value, at))::value_type>> {
  auto elements = read_elements(value, at);
  if (!elements) return failure(std::move(elements.error()));
  std::vector<typename decltype(parse(value, at))::value_type> list;
  list.reserve(elements->size());
  for (const auto& [element, place] : *elements) {
    auto item = parse(*element, place);
    if (!item) return failure(std::move(item.error()));
    list.push_back(std::move(*item));
  }
  return list;
}

/// Reads one JSON object member by member and keeps the first error; a member that nobody asked for
/// is an error that lists the right names.
///
///   JsonFields fields(value, at);
///   fields.required("shape", model.shape, read_positive);
///   fields.optional("scale", model.scale, read_positive);
///   return fields.finish(model);
class JsonFields {
 public:
  /// Both must outlive the object.
  JsonFields(const nlohmann::json& object, Location at);

  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] Location at(std::string_view name) const { return child(at_, name); }
  [[nodiscard]] const Location& at() const { return at_; }
  [[nodiscard]] bool ok() const { return !error_; }
  void fail(Error error);

  template <class T, class Parse>
  void required(std::string_view name, T& out, Parse parse) {
    if (const nlohmann::json* const value = find(name)) {
      take(name, *value, out, parse);
    } else {
      fail_missing(name);
    }
  }

  /// Leaves `out` as it is when the member is absent.
  template <class T, class Parse>
  void optional(std::string_view name, T& out, Parse parse) {
    if (const nlohmann::json* const value = find(name)) take(name, *value, out, parse);
  }

  /// The member, or null; from now on its name is known.
  [[nodiscard]] const nlohmann::json* find(std::string_view name);

  template <class T>
  [[nodiscard]] Result<T> finish(T value) {
    check_unknown();
    if (error_) return failure(std::move(*error_));
    return value;
  }

 private:
  template <class T, class Parse>
  void take(std::string_view name, const nlohmann::json& value, T& out, Parse parse) {
    auto parsed = parse(value, child(at_, name));
    if (parsed) {
      out = std::move(*parsed);
    } else {
      fail(std::move(parsed.error()));
    }
  }
  void fail_missing(std::string_view name);
  void check_unknown();

  const nlohmann::json& object_;
  Location at_;
  std::vector<std::string> known_;
  std::optional<Error> error_;
};

}  // namespace orrery
