#pragma once

#include <cstdint>
#include <limits>

/// Arithmetic of the language that Kubernetes is written in, where C++ leaves the outcome open: the
/// same numbers also where they run over.
namespace orrery::policies::go {

/// int32(value) as Go compiles it for amd64: cut towards zero, through 64 bits.
[[nodiscard]] inline std::int32_t to_int32(double value) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  const bool is_in_range = value >= -kTwoTo63 && value < kTwoTo63;  // not for NaN
  const std::int64_t whole =
      is_in_range ? static_cast<std::int64_t>(value) : std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int32_t>(static_cast<std::uint64_t>(whole));
}

[[nodiscard]] inline std::int64_t add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
[[nodiscard]] inline std::int64_t multiply(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
[[nodiscard]] inline std::int32_t add(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}
[[nodiscard]] inline std::int32_t subtract(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b));
}

}  // namespace orrery::policies::go
