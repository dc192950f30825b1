#include "orrery/models/kubernetes_quantity.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"

namespace orrery {
namespace {

using Nanos = KubernetesQuantity::Nanos;

constexpr Nanos kBillion = 1'000'000'000;
constexpr Nanos kLimit = (Nanos{1} << 63) * kBillion;

struct Suffix {
  std::string_view text;
  int tens;  ///< power of ten
  int twos;  ///< power of two
};
constexpr std::array<Suffix, 16> kSuffixes{{{"", 0, 0},
                                            {"n", -9, 0},
                                            {"u", -6, 0},
                                            {"m", -3, 0},
                                            {"k", 3, 0},
                                            {"M", 6, 0},
                                            {"G", 9, 0},
                                            {"T", 12, 0},
                                            {"P", 15, 0},
                                            {"E", 18, 0},
                                            {"Ki", 0, 10},
                                            {"Mi", 0, 20},
                                            {"Gi", 0, 30},
                                            {"Ti", 0, 40},
                                            {"Pi", 0, 50},
                                            {"Ei", 0, 60}}};

/// The suffix, or an exponent such as "e3".
std::optional<Suffix> suffix_of(std::string_view text) {
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.text == text) return suffix;
  }
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  const std::size_t start = text[1] == '+' ? 2 : 1;
  int exponent = 0;
  const auto [end, error] =
      std::from_chars(text.data() + start, text.data() + text.size(), exponent);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (exponent < -60 || exponent > 60) return std::nullopt;
  return Suffix{text, exponent, 0};
}

struct Digits {
  Nanos mantissa = 0;
  int exponent = 0;
  std::string_view rest;
};

/// "12.50" and what follows it; nothing where there is no digit or more than a quantity may have.
std::optional<Digits> digits_of(std::string_view text) {
  Digits number;
  std::size_t at = 0;
  int count = 0;
  bool is_fraction = false;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !is_fraction) {
      is_fraction = true;
      continue;
    }
    if (text[at] < '0' || text[at] > '9') break;
    if (++count > 28) return std::nullopt;
    number.mantissa = number.mantissa * 10 + (text[at] - '0');
    if (is_fraction) --number.exponent;
  }
  if (count == 0) return std::nullopt;
  number.rest = text.substr(at);
  return number;
}

/// digits · suffix in nanos, rounded up; nothing when it is too large.
std::optional<Nanos> scaled(const Digits& number, const Suffix& suffix) {
  Nanos value = number.mantissa;
  int tens = number.exponent + suffix.tens + 9;
  for (; tens < 0 && value != 0 && value % 10 == 0; ++tens) value /= 10;
  for (; tens > 0 && value != 0; --tens) {
    if (__builtin_mul_overflow(value, Nanos{10}, &value)) return std::nullopt;
  }
  if (__builtin_mul_overflow(value, Nanos{1} << suffix.twos, &value)) return std::nullopt;
  bool is_cut = false;
  for (; tens < 0 && value != 0; ++tens) {
    is_cut = is_cut || value % 10 != 0;
    value /= 10;
  }
  if (is_cut) ++value;
  if (value >= kLimit) return std::nullopt;
  return value;
}

/// Rounded away from zero, within 64 bits.
std::int64_t in_units_of(Nanos nanos, Nanos unit) {
  Nanos value = nanos / unit;
  if (value * unit != nanos) value += nanos > 0 ? 1 : -1;
  if (value > std::numeric_limits<std::int64_t>::max()) {
    return std::numeric_limits<std::int64_t>::max();
  }
  if (value < std::numeric_limits<std::int64_t>::min()) {
    return std::numeric_limits<std::int64_t>::min();
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::int64_t KubernetesQuantity::milli() const { return in_units_of(nanos_, 1'000'000); }

std::int64_t KubernetesQuantity::value() const { return in_units_of(nanos_, kBillion); }

double KubernetesQuantity::approximate() const {
  constexpr std::array<double, 10> kPowers{1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9, 1e12, 1e15, 1e18};
  Nanos value = nanos_;
  std::size_t power = 0;
  for (; value != 0 && value % 1000 == 0 && power + 1 < kPowers.size(); ++power) value /= 1000;
  if (value == 0) return 0;
  return static_cast<double>(value) * kPowers[power];
}

Result<KubernetesQuantity> parse_kubernetes_quantity(std::string_view text, const Location& at) {
  const bool is_signed = !text.empty() && (text[0] == '-' || text[0] == '+');
  const std::optional<Digits> number = digits_of(text.substr(is_signed ? 1 : 0));
  const std::optional<Suffix> suffix = number ? suffix_of(number->rest) : std::nullopt;
  const std::optional<Nanos> nanos = suffix ? scaled(*number, *suffix) : std::nullopt;
  if (!nanos) {
    return failure(
        {.at = at,
         .message = suffix ? "too large or too many digits" : "",
         .found = std::string(text.substr(0, 60)),
         .expected = "a quantity such as 1.5, \"250m\" or \"64Gi\"",
         .hint = "suffixes are n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or an exponent such as e3"});
  }
  return KubernetesQuantity{text[0] == '-' ? -*nanos : *nanos};
}

Result<KubernetesQuantity> read_kubernetes_quantity(const nlohmann::json& value,
                                                    const Location& at) {
  if (value.is_string()) {
    return parse_kubernetes_quantity(value.get_ref<const std::string&>(), at);
  }
  if (value.is_number()) return parse_kubernetes_quantity(value.dump(), at);
  return json_mismatch(value, at, "a quantity such as 1.5, \"250m\" or \"64Gi\"");
}

}  // namespace orrery
