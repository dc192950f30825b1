#include "orrery/models/quantity_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include <fmt/format.h>

namespace orrery {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

struct Unit {
  std::string_view name;
  std::int64_t scale;
};

constexpr std::array<Unit, 14> kDurationUnits{{{"d", 86'400'000'000'000},
                                               {"h", 3'600'000'000'000},
                                               {"m", 60'000'000'000},
                                               {"s", 1'000'000'000},
                                               {"ms", 1'000'000},
                                               {"us", 1'000},
                                               {"ns", 1},
                                               {"days", 86'400'000'000'000},
                                               {"day", 86'400'000'000'000},
                                               {"min", 60'000'000'000},
                                               {"hours", 3'600'000'000'000},
                                               {"hour", 3'600'000'000'000},
                                               {"sec", 1'000'000'000},
                                               {"\xC2\xB5s", 1'000}}};
constexpr std::array<Unit, 15> kByteUnits{{{"", 1},
                                           {"k", 1'000},
                                           {"K", 1'000},
                                           {"M", 1'000'000},
                                           {"G", 1'000'000'000},
                                           {"T", 1'000'000'000'000},
                                           {"P", 1'000'000'000'000'000},
                                           {"E", 1'000'000'000'000'000'000},
                                           {"Ki", 1LL << 10},
                                           {"ki", 1LL << 10},
                                           {"Mi", 1LL << 20},
                                           {"Gi", 1LL << 30},
                                           {"Ti", 1LL << 40},
                                           {"Pi", 1LL << 50},
                                           {"Ei", 1LL << 60}}};
constexpr std::array<Unit, 3> kMilliUnits{{{"", 1000}, {"m", 1}, {"k", 1'000'000}}};
constexpr std::array<Unit, 5> kCountUnits{
    {{"", 1}, {"k", 1'000}, {"K", 1'000}, {"M", 1'000'000}, {"G", 1'000'000'000}}};
constexpr std::array<Unit, 7> kRateUnits{
    {{"s", 1}, {"sec", 1}, {"m", 60}, {"min", 60}, {"h", 3'600}, {"hour", 3'600}, {"d", 86'400}}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// An unsigned decimal number split from the text that follows it.
struct Decimal {
  Wide mantissa = 0;  ///< all digits, without the point
  int exponent = 0;   ///< the number is mantissa × 10^exponent
  double value = 0;
  std::string_view rest;
};

/// Reads "12", "12.5", "1e6", ".5". An "e" counts only when digits follow, so that "1Ei" and "1E"
/// are exbi and exa. Nothing when there is no number or it has more digits than any quantity needs.
std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal number;
  std::size_t at = 0;
  std::size_t digits = 0;
  bool is_fraction = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !is_fraction)); ++at) {
    if (text[at] == '.') {
      is_fraction = true;
      continue;
    }
    if (++digits > 30) return std::nullopt;
    number.mantissa = number.mantissa * 10 + (text[at] - '0');
    if (is_fraction) --number.exponent;
  }
  if (digits == 0) return std::nullopt;
  if (at + 1 < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const std::size_t sign = text[at + 1] == '+' || text[at + 1] == '-' ? 1 : 0;
    int power = 0;
    const char* const first = text.data() + at + 1 + (text[at + 1] == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(first, text.data() + text.size(), power);
    if (at + 1 + sign < text.size() && is_digit(text[at + 1 + sign])) {
      if (error != std::errc{} || power > 400 || power < -400) return std::nullopt;
      number.exponent += power;
      at = static_cast<std::size_t>(end - text.data());
    }
  }
  std::from_chars(text.data(), text.data() + at, number.value);
  number.rest = text.substr(at);
  return number;
}

enum class Rounding : std::uint8_t { Refuse, Up };

/// number × scale as a whole number, or why not.
std::optional<std::int64_t> scaled(const Decimal& number, std::int64_t scale, Rounding rounding) {
  Wide value = number.mantissa;
  int exponent = number.exponent;
  // 10^31 is beyond any mantissa: cutting the exponent there changes no outcome.
  for (; exponent < 0 && value != 0 && value % 10 == 0; ++exponent) value /= 10;
  const Wide limit = static_cast<Wide>(kMost);
  for (; exponent > 0 && value != 0; --exponent) {
    value *= 10;
    if (value > limit) return std::nullopt;
  }
  if (value == 0) return 0;
  std::int64_t factor = scale;
  for (; exponent < 0 && factor % 10 == 0; ++exponent) factor /= 10;
  if (value > (Wide{1} << 100) / factor) return std::nullopt;
  value *= factor;
  bool is_cut = false;
  for (; exponent < 0; ++exponent) {
    is_cut = is_cut || value % 10 != 0;
    value /= 10;
    if (value == 0 && is_cut) break;
  }
  if (is_cut && rounding == Rounding::Refuse) return std::nullopt;
  if (is_cut) ++value;
  if (value > limit) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

const Unit* find_unit(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

tl::unexpected<Error> unreadable(std::string_view text, const Location& at, std::string expected,
                                 std::string hint = "") {
  return failure({.at = at,
                  .message = text.empty() ? "nothing here" : "",
                  .found = std::string(text.substr(0, 100)),
                  .expected = std::move(expected),
                  .hint = std::move(hint)});
}

constexpr const char* kDurationExpected =
    "a duration with its unit, such as 30s, 1h30m, 250ms or 30d";

/// One "<number><unit>" of a duration and the text after it.
struct DurationPart {
  Decimal number;
  std::int64_t scale = 0;
  std::string_view rest;
};

std::optional<DurationPart> read_duration_part(std::string_view text) {
  const std::optional<Decimal> number = read_decimal(text);
  if (!number) return std::nullopt;
  const std::string_view after = trimmed(number->rest);
  std::size_t length = 0;
  while (length < after.size() && !is_digit(after[length]) && after[length] != ' ' &&
         after[length] != '.') {
    ++length;
  }
  const Unit* const unit = find_unit(kDurationUnits, after.substr(0, length));
  if (unit == nullptr) return std::nullopt;
  return DurationPart{*number, unit->scale, trimmed(after.substr(length))};
}

bool is_bare_number(std::string_view text) {
  const std::optional<Decimal> number = read_decimal(text);
  return number && number->rest.empty();
}

std::string unit_hint(std::string_view text) {
  return is_bare_number(text) ? fmt::format("a bare number has no unit; {}s?", text) : "";
}

Result<std::int64_t> parse_scaled(std::string_view text, const Location& at,
                                  std::span<const Unit> units, Rounding rounding,
                                  const char* expected) {
  const std::string_view whole = trimmed(text);
  const std::optional<Decimal> number = read_decimal(whole);
  if (!number) return unreadable(whole, at, expected);
  const Unit* const unit = find_unit(units, trimmed(number->rest));
  if (unit == nullptr) return unreadable(whole, at, expected);
  const auto value = scaled(*number, unit->scale, rounding);
  if (!value) return unreadable(whole, at, expected, "too large or too fine for 64 bits");
  return *value;
}

std::string milli_text(std::int64_t milli) {
  return milli % 1000 == 0 ? fmt::format("{}", milli / 1000) : fmt::format("{}m", milli);
}

/// `count` × 10^-`places` without trailing zeros.
std::string decimal_text(std::int64_t count, int places) {
  std::int64_t power = 1;
  for (int i = 0; i < places; ++i) power *= 10;
  std::string text = fmt::format("{}", count / power);
  if (count % power == 0) return text;
  text += fmt::format(".{:0{}}", count % power, places);
  while (text.back() == '0') text.pop_back();
  return text;
}

std::string sub_minute_text(std::int64_t ns) {
  if (ns >= 1'000'000'000) return decimal_text(ns, 9) + "s";
  if (ns >= 1'000'000) return decimal_text(ns, 6) + "ms";
  if (ns >= 1'000) return decimal_text(ns, 3) + "us";
  return fmt::format("{}ns", ns);
}

/// "HH:MM" or "HH:MM:SS" since midnight; hours up to 24.
std::optional<Duration> clock_time(std::string_view text) {
  std::array<int, 3> parts{};
  std::size_t count = 0;
  while (count < 3) {
    const std::size_t colon = text.find(':');
    const std::string_view digits = text.substr(0, colon);
    if (digits.empty() || digits.size() > 2) return std::nullopt;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), parts[count]);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    ++count;
    if (colon == std::string_view::npos) break;
    if (count == 3) return std::nullopt;
    text.remove_prefix(colon + 1);
  }
  if (count < 2 || parts[0] < 0 || parts[0] > 24 || parts[1] < 0 || parts[1] > 59 || parts[2] < 0 ||
      parts[2] > 59) {
    return std::nullopt;
  }
  return std::chrono::hours{parts[0]} + std::chrono::minutes{parts[1]} +
         std::chrono::seconds{parts[2]};
}

}  // namespace

Result<Duration> parse_duration(std::string_view text, const Location& at) {
  const std::string_view whole = trimmed(text);
  if (whole == "0") return Duration::zero();
  std::int64_t total = 0;
  std::int64_t scale_before = kMost;
  std::string_view rest = whole;
  do {
    const auto part = read_duration_part(rest);
    if (!part || part->scale >= scale_before) {
      return unreadable(whole, at, kDurationExpected, unit_hint(whole));
    }
    const auto value = scaled(part->number, part->scale, Rounding::Refuse);
    if (!value || *value > kMost - total) {
      return unreadable(whole, at, "a whole number of nanoseconds below 292 years");
    }
    total += *value;
    scale_before = part->scale;
    rest = part->rest;
  } while (!rest.empty());
  return Duration{total};
}

Result<double> parse_seconds(std::string_view text, const Location& at) {
  const std::string_view whole = trimmed(text);
  if (whole == "0") return 0.0;
  double total = 0;
  std::int64_t scale_before = kMost;
  std::string_view rest = whole;
  do {
    const auto part = read_duration_part(rest);
    if (!part || part->scale >= scale_before) {
      return unreadable(whole, at, kDurationExpected, unit_hint(whole));
    }
    // Whole seconds must stay exact: multiply or divide by a whole number, never by a fraction.
    const double value = part->number.value;
    if (part->scale >= 1'000'000'000) {
      const std::int64_t seconds_each = part->scale / 1'000'000'000;
      total += value * static_cast<double>(seconds_each);
    } else {
      const std::int64_t each_second = 1'000'000'000 / part->scale;
      total += value / static_cast<double>(each_second);
    }
    scale_before = part->scale;
    rest = part->rest;
  } while (!rest.empty());
  if (!std::isfinite(total)) return unreadable(whole, at, "a finite duration");
  return total;
}

Result<Time> parse_instant(std::string_view text, const Location& at) {
  const std::string_view whole = trimmed(text);
  const std::size_t colon = whole.find(':');
  if (colon == std::string_view::npos) {
    return parse_duration(whole, at).map([](Duration span) { return kTimeZero + span; });
  }
  constexpr const char* kExpected = "an instant, such as 12:00, 2d 3h or 2d 12:00";
  const std::size_t blank = whole.rfind(' ', colon);
  const auto clock = clock_time(blank == std::string_view::npos ? whole : whole.substr(blank + 1));
  if (!clock) return unreadable(whole, at, kExpected);
  if (blank == std::string_view::npos) return kTimeZero + *clock;
  const Result<Duration> day = parse_duration(whole.substr(0, blank), at);
  if (!day || *day > Duration::max() - *clock) return unreadable(whole, at, kExpected);
  return kTimeZero + *day + *clock;
}

Result<Bytes> parse_bytes(std::string_view text, const Location& at) {
  std::string_view number = trimmed(text);
  if (number.size() > 1 && number.back() == 'B') number.remove_suffix(1);
  const auto value = parse_scaled(number, at, kByteUnits, Rounding::Up,
                                  "a size, such as 64GiB, 64Gi, 500MB or 1024");
  if (!value) {
    Error error = value.error();
    error.found = std::string(trimmed(text).substr(0, 100));
    return failure(std::move(error));
  }
  return Bytes{*value};
}

Result<MilliCpu> parse_cpu(std::string_view text, const Location& at) {
  return parse_scaled(text, at, kMilliUnits, Rounding::Up, "CPU cores, such as 2, 0.5 or 250m")
      .map([](std::int64_t milli) { return MilliCpu{milli}; });
}

Result<MilliGpu> parse_gpu(std::string_view text, const Location& at) {
  return parse_scaled(text, at, kMilliUnits, Rounding::Up, "GPU devices, such as 1, 0.5 or 500m")
      .map([](std::int64_t milli) { return MilliGpu{milli}; });
}

Result<std::int64_t> parse_count(std::string_view text, const Location& at) {
  return parse_scaled(text, at, kCountUnits, Rounding::Refuse,
                      "a whole number that is not negative, such as 1000, 1k or 1e6");
}

Result<double> parse_rate(std::string_view text, const Location& at) {
  constexpr const char* kExpected = "a rate with its unit, such as 12/s, 0.5/min or 3/h";
  const std::string_view whole = trimmed(text);
  const std::optional<Decimal> number = read_decimal(whole);
  if (!number) return unreadable(whole, at, kExpected);
  std::string_view rest = trimmed(number->rest);
  if (rest.empty() || rest.front() != '/') {
    return unreadable(whole, at, kExpected, rest.empty() ? "a bare number has no unit" : "");
  }
  rest.remove_prefix(1);
  const Unit* const unit = find_unit(kRateUnits, trimmed(rest));
  if (unit == nullptr || !std::isfinite(number->value)) return unreadable(whole, at, kExpected);
  return number->value / static_cast<double>(unit->scale);
}

Result<std::int64_t> parse_bandwidth(std::string_view text, const Location& at) {
  constexpr const char* kExpected = "bytes or bits per second, such as 1.25GB/s or 10Gbit/s";
  std::string_view rest = trimmed(text);
  const auto ends = [&rest](std::string_view suffix) {
    if (!rest.ends_with(suffix)) return false;
    rest.remove_suffix(suffix.size());
    return true;
  };
  const bool is_bits = ends("bit/s") || ends("bps") || ends("b/s");
  if (!is_bits && !ends("B/s")) return unreadable(trimmed(text), at, kExpected);
  const auto value = parse_scaled(rest, at, kByteUnits, Rounding::Up, kExpected);
  if (!value) return unreadable(trimmed(text), at, kExpected);
  return is_bits ? *value / 8 : *value;
}

std::string to_text(Duration span) {
  std::int64_t ns = span.count();
  if (ns == 0) return "0s";
  if (ns < 0) return fmt::format("{}ns", ns);
  std::string text;
  for (const Unit& unit : {kDurationUnits[0], kDurationUnits[1], kDurationUnits[2]}) {
    if (ns >= unit.scale) text += fmt::format("{}{}", ns / unit.scale, unit.name);
    ns %= unit.scale;
  }
  return ns > 0 ? text + sub_minute_text(ns) : text;
}

std::string to_text(Time instant) { return to_text(instant.time_since_epoch()); }

std::string to_text(Bytes size) {
  constexpr std::array<std::string_view, 6> kNames{"EiB", "PiB", "TiB", "GiB", "MiB", "KiB"};
  const std::int64_t count = size.count();
  for (std::size_t i = 0; i < kNames.size() && count != 0; ++i) {
    const std::int64_t unit = std::int64_t{1} << (60 - 10 * static_cast<int>(i));
    if (count % unit == 0) return fmt::format("{}{}", count / unit, kNames[i]);
  }
  return fmt::format("{}B", count);
}

std::string to_text(MilliCpu cpu) { return milli_text(cpu.count()); }
std::string to_text(MilliGpu gpu) { return milli_text(gpu.count()); }

std::string rate_to_text(double per_second) { return fmt::format("{}/s", per_second); }

std::string bandwidth_to_text(std::int64_t bytes_per_second) {
  constexpr std::array<std::string_view, 4> kNames{"TB/s", "GB/s", "MB/s", "kB/s"};
  std::int64_t unit = 1'000'000'000'000;
  for (const std::string_view name : kNames) {
    if (bytes_per_second != 0 && bytes_per_second % unit == 0) {
      return fmt::format("{}{}", bytes_per_second / unit, name);
    }
    unit /= 1000;
  }
  return fmt::format("{}B/s", bytes_per_second);
}

}  // namespace orrery
