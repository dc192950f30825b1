#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "orrery/models/units.hpp"

namespace orrery {

/// The most GPU devices that one node may have.
inline constexpr std::size_t kGpusPerNodeMax = 16;
/// The most GPU models in one cluster: admissible models are one bit each.
inline constexpr std::size_t kGpuModelsMax = 64;

/// A set of devices of one node, bit d for device d.
class GpuDeviceMask {
 public:
  constexpr GpuDeviceMask() = default;
  constexpr explicit GpuDeviceMask(std::uint16_t bits) : bits_(bits) {}

  [[nodiscard]] constexpr std::uint16_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool has(std::size_t device) const {
    return ((bits_ >> device) & 1U) != 0;
  }
  constexpr void add(std::size_t device) {
    bits_ = static_cast<std::uint16_t>(bits_ | (1U << device));
  }
  [[nodiscard]] constexpr int size() const { return std::popcount(bits_); }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

  friend constexpr bool operator==(GpuDeviceMask, GpuDeviceMask) = default;

 private:
  std::uint16_t bits_ = 0;
};

/// What a pod asks of a node's GPUs: `count` distinct devices with `milli` left on each. A share of
/// a device (milli < 1000) is possible only with count 1, as in the openb trace.
struct GpuRequest {
  std::uint8_t count = 0;
  std::int16_t milli = 1000;

  [[nodiscard]] constexpr MilliGpu total() const {
    return MilliGpu{static_cast<std::int64_t>(count) * milli};
  }
  [[nodiscard]] constexpr bool is_shared() const { return count == 1 && milli < 1000; }
  friend constexpr bool operator==(GpuRequest, GpuRequest) = default;
};

/// Free milli of each device of one node; devices that the node does not have hold zero.
struct GpuDevices {
  std::array<std::int16_t, kGpusPerNodeMax> free{};

  /// How many devices have at least `milli` left. `milli` > 0.
  [[nodiscard]] constexpr int count_with(std::int16_t milli) const {
    int count = 0;
    for (const std::int16_t left : free) count += left >= milli ? 1 : 0;
    return count;
  }
  friend constexpr bool operator==(const GpuDevices&, const GpuDevices&) = default;
};

}  // namespace orrery
