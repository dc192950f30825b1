#pragma once

#include <cstdint>
#include <utility>

#include "orrery/models/units.hpp"
#include "orrery/sim/metrics/tally.hpp"

namespace orrery::sim {

/// A whole number that changes now and then, integrated exactly over virtual time.
struct IntegratedLevel {
  std::int64_t value = 0;
  Time since{};
  Int128 integral = 0;  ///< value × nanoseconds, up to `since`

  /// Times must not go back.
  void shift(std::int64_t delta, Time now) {
    integral = integral_at(now);
    value += delta;
    since = now;
  }
  [[nodiscard]] Int128 integral_at(Time now) const {
    return integral + static_cast<Int128>(value) * (now - since).count();
  }
  /// The integral up to `now`, which begins again from there.
  [[nodiscard]] Int128 take(Time now) {
    shift(0, now);
    return std::exchange(integral, 0);
  }
};

}  // namespace orrery::sim
