#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "orrery/sim/metrics/metric_window.hpp"

namespace orrery::sim {

/// What was measured so far, added up: each figure is a sum over time or over pods, so the change
/// from one moment to a later one is what happened in between.
struct MetricTotals {
  std::array<Int128, kLevels> integrals{};  ///< level × nanoseconds
  std::array<std::int64_t, kCounts> counts{};
  std::array<Int128, kSamples> samples{};  ///< sums, in the samples' units

  [[nodiscard]] double integral(Level level) const {
    return static_cast<double>(integrals[static_cast<std::size_t>(level)]);
  }
  [[nodiscard]] double count(Count what) const {
    return static_cast<double>(counts[static_cast<std::size_t>(what)]);
  }
  [[nodiscard]] double sample(Sample what) const {
    return static_cast<double>(samples[static_cast<std::size_t>(what)]);
  }
};

}  // namespace orrery::sim
