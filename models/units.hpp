#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace orrery {

/// An exact, signed amount of one kind of thing; amounts of different kinds do not mix.
template <class Tag>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(std::int64_t count) : count_(count) {}
  [[nodiscard]] constexpr std::int64_t count() const { return count_; }

  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity{a.count_ + b.count_};
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity{a.count_ - b.count_};
  }
  friend constexpr Quantity operator*(Quantity a, std::int64_t times) {
    return Quantity{a.count_ * times};
  }
  friend constexpr Quantity operator*(std::int64_t times, Quantity a) { return a * times; }
  constexpr Quantity& operator+=(Quantity other) { return *this = *this + other; }
  constexpr Quantity& operator-=(Quantity other) { return *this = *this - other; }

 private:
  std::int64_t count_ = 0;
};

/// Thousandths of a CPU core, as Kubernetes counts CPU.
using MilliCpu = Quantity<struct MilliCpuTag>;
/// Bytes of memory or storage.
using Bytes = Quantity<struct BytesTag>;
/// Thousandths of one GPU device.
using MilliGpu = Quantity<struct MilliGpuTag>;

/// A whole GPU device.
inline constexpr MilliGpu kWholeGpu{1000};

/// The clock of a simulation or of a live run. It has no now(): whoever needs the time is handed
/// it.
struct SimClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<SimClock>;
  static constexpr bool is_steady = true;
};

/// An instant in nanoseconds since the start of the run.
using Time = SimClock::time_point;
/// A span of time in nanoseconds.
using Duration = SimClock::duration;

inline constexpr Time kTimeZero{};
inline constexpr Time kTimeMax = Time::max();

/// Seconds as a floating-point number, for statistics only.
[[nodiscard]] constexpr double seconds(Duration span) {
  return static_cast<double>(span.count()) / 1e9;
}
[[nodiscard]] constexpr double seconds(Time instant) { return seconds(instant.time_since_epoch()); }

/// The nearest whole number of nanoseconds to `value` seconds; saturates at Duration::max() (292
/// years) and maps NaN and negative values to zero, because no model may run backwards.
[[nodiscard]] constexpr Duration duration_from_seconds(double value) {
  if (!(value > 0)) return Duration::zero();
  const double nanoseconds = value * 1e9 + 0.5;
  if (nanoseconds >= 9.2233720368547748e18) return Duration::max();
  return Duration{static_cast<std::int64_t>(nanoseconds)};
}

/// `instant` + `span`, saturating at kTimeMax instead of overflowing.
[[nodiscard]] constexpr Time saturating_add(Time instant, Duration span) {
  return span > kTimeMax - instant ? kTimeMax : instant + span;
}

namespace literals {
constexpr MilliCpu operator""_m(unsigned long long count) {
  return MilliCpu{static_cast<std::int64_t>(count)};
}
constexpr MilliCpu operator""_cpu(unsigned long long count) {
  return MilliCpu{static_cast<std::int64_t>(count) * 1000};
}
constexpr Bytes operator""_MiB(unsigned long long count) {
  return Bytes{static_cast<std::int64_t>(count) << 20};
}
constexpr Bytes operator""_GiB(unsigned long long count) {
  return Bytes{static_cast<std::int64_t>(count) << 30};
}
using namespace std::chrono_literals;
}  // namespace literals

}  // namespace orrery
