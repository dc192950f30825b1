#include "orrery/models/quantity_text.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace orrery {
namespace {

/// A name for a multiple of the base unit.
struct Suffix {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::array kCpuSuffixes = {Suffix{"", 1000}, Suffix{"m", 1}};
constexpr std::array kByteSuffixes = {
    Suffix{"", 1},
    Suffix{"B", 1},
    Suffix{"k", 1000},
    Suffix{"kB", 1000},
    Suffix{"KB", 1000},
    Suffix{"M", 1'000'000},
    Suffix{"MB", 1'000'000},
    Suffix{"G", 1'000'000'000},
    Suffix{"GB", 1'000'000'000},
    Suffix{"T", 1'000'000'000'000},
    Suffix{"TB", 1'000'000'000'000},
    Suffix{"P", 1'000'000'000'000'000},
    Suffix{"PB", 1'000'000'000'000'000},
    Suffix{"Ki", std::int64_t{1} << 10},
    Suffix{"KiB", std::int64_t{1} << 10},
    Suffix{"Mi", std::int64_t{1} << 20},
    Suffix{"MiB", std::int64_t{1} << 20},
    Suffix{"Gi", std::int64_t{1} << 30},
    Suffix{"GiB", std::int64_t{1} << 30},
    Suffix{"Ti", std::int64_t{1} << 40},
    Suffix{"TiB", std::int64_t{1} << 40},
    Suffix{"Pi", std::int64_t{1} << 50},
    Suffix{"PiB", std::int64_t{1} << 50},
};
/// Largest first, as a duration is written.
constexpr std::array kDurationSuffixes = {
    Suffix{"w", 604'800 * kSecond},
    Suffix{"d", 86'400 * kSecond},
    Suffix{"h", 3'600 * kSecond},
    Suffix{"m", 60 * kSecond},
    Suffix{"s", kSecond},
    Suffix{"ms", 1'000'000},
    Suffix{"us", 1'000},
    Suffix{"ns", 1},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// An amount in billionths, so that up to nine decimals are exact; none when it is no number or has
/// more decimals.
__extension__ using Wide = __int128;
constexpr Wide kBillion = 1'000'000'000;

std::optional<Wide> billionths_from(std::string_view number) {
  const std::size_t point = number.find('.');
  const std::string_view whole = number.substr(0, point);
  const std::string_view decimals =
      point == std::string_view::npos ? std::string_view{} : number.substr(point + 1);
  if (whole.empty() || whole.size() > 19 || decimals.size() > 9) return std::nullopt;
  if (point != std::string_view::npos && decimals.empty()) return std::nullopt;
  Wide value = 0;
  for (const char c : whole) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  for (std::size_t i = 0; i < 9; ++i) {
    if (i < decimals.size() && !is_digit(decimals[i])) return std::nullopt;
    value = value * 10 + (i < decimals.size() ? decimals[i] - '0' : 0);
  }
  return value;
}

/// `billionths` × `factor` as a whole 63-bit number, if it is one.
std::optional<std::int64_t> scaled(Wide billionths, std::int64_t factor) {
  const Wide product = billionths * factor;
  if (billionths != 0 && product / billionths != factor) return std::nullopt;
  if (product % kBillion != 0) return std::nullopt;
  const Wide value = product / kBillion;
  if (value > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

/// Splits "1.5GiB" into "1.5" and "GiB", and moves `text` behind both.
std::pair<std::string_view, std::string_view> take_number_and_suffix(std::string_view& text) {
  std::size_t number_end = 0;
  while (number_end < text.size() && (is_digit(text[number_end]) || text[number_end] == '.')) {
    ++number_end;
  }
  std::size_t suffix_end = number_end;
  while (suffix_end < text.size() && is_letter(text[suffix_end])) ++suffix_end;
  const auto parts =
      std::pair{text.substr(0, number_end), text.substr(number_end, suffix_end - number_end)};
  text.remove_prefix(suffix_end);
  return parts;
}

/// One number with one of `suffixes`, nothing else.
template <std::size_t N>
std::optional<std::int64_t> amount_from(std::string_view text,
                                        const std::array<Suffix, N>& suffixes) {
  const auto [number, name] = take_number_and_suffix(text);
  if (!text.empty()) return std::nullopt;
  for (const Suffix& suffix : suffixes) {
    if (suffix.name != name) continue;
    const auto billionths = billionths_from(number);
    return billionths ? scaled(*billionths, suffix.factor) : std::nullopt;
  }
  return std::nullopt;
}

/// Parts from larger to smaller units, added up.
std::optional<std::int64_t> nanoseconds_from(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  Wide total = 0;
  std::size_t next = 0;  // the first unit still allowed
  while (!text.empty()) {
    const auto [number, name] = take_number_and_suffix(text);
    while (next < kDurationSuffixes.size() && kDurationSuffixes[next].name != name) ++next;
    if (next == kDurationSuffixes.size()) return std::nullopt;
    const auto billionths = billionths_from(number);
    if (!billionths) return std::nullopt;
    const auto part = scaled(*billionths, kDurationSuffixes[next].factor);
    if (!part) return std::nullopt;
    total += *part;
    ++next;
  }
  if (total > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return static_cast<std::int64_t>(total);
}

tl::unexpected<Error> not_a(std::string_view what, std::string_view text, const Location& at) {
  return failure({.at = at,
                  .message = "",
                  .found = std::string(text),
                  .expected = std::string(what),
                  .hint = !text.empty() && text.front() == '-' ? "it cannot be negative" : ""});
}

}  // namespace

Result<MilliCpu> parse_cpu(std::string_view text, const Location& at) {
  if (const auto milli = amount_from(text, kCpuSuffixes)) return MilliCpu{*milli};
  return not_a("CPU such as 4, 0.5 or 250m", text, at);
}

Result<Bytes> parse_bytes(std::string_view text, const Location& at) {
  if (const auto bytes = amount_from(text, kByteSuffixes)) return Bytes{*bytes};
  return not_a("a size such as 64GiB, 500MB or 1024", text, at);
}

Result<Duration> parse_duration(std::string_view text, const Location& at) {
  if (const auto nanoseconds = nanoseconds_from(text)) return Duration{*nanoseconds};
  return not_a("a duration such as 30s, 1h30m or 7d", text, at);
}

std::string to_text(MilliCpu cpu) {
  if (cpu.count() % 1000 == 0) return fmt::format("{}", cpu.count() / 1000);
  return fmt::format("{}m", cpu.count());
}

std::string to_text(Bytes bytes) {
  constexpr std::array<std::string_view, 6> kNames = {"", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::int64_t count = bytes.count();
  std::size_t step = 0;
  while (count != 0 && count % 1024 == 0 && step + 1 < kNames.size()) {
    count /= 1024;
    ++step;
  }
  return fmt::format("{}{}", count, kNames[step]);
}

std::string to_text(Duration span) {
  if (span == Duration::zero()) return "0s";
  std::string text = span < Duration::zero() ? "-" : "";
  auto left = span < Duration::zero() ? 0 - static_cast<std::uint64_t>(span.count())
                                      : static_cast<std::uint64_t>(span.count());
  for (const Suffix& unit : kDurationSuffixes) {
    if (unit.name == "w") continue;  // days read better
    const auto factor = static_cast<std::uint64_t>(unit.factor);
    if (left >= factor) text += fmt::format("{}{}", left / factor, unit.name);
    left %= factor;
  }
  return text;
}

}  // namespace orrery
