#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/metrics/integrated_level.hpp"
#include "orrery/sim/metrics/metric_totals.hpp"
#include "orrery/sim/metrics/metric_window.hpp"
#include "orrery/sim/metrics/rolling_windows.hpp"

namespace orrery::sim {

/// Integrates levels and counts events as the world changes: exactly, not by sampling, and in
/// windows that join (RollingWindows), so that a series of unknown length stays within its number
/// of points without bias.
/// Each call is O(1) apart from joins, which cost O(points) each time that the run has doubled.
class MetricsRecorder {
 public:
  explicit MetricsRecorder(const WindowPlan& plan);

  /// `level` changes by `delta` at `now`. Times must not go back.
  void shift(Level level, std::int64_t delta, Time now) {
    if (windows_.is_over(now)) [[unlikely]]
      roll(now);
    levels_[static_cast<std::size_t>(level)].shift(delta, now);
  }
  void shift_gpu_model(GpuModelId model, std::int64_t delta, Time now);
  void count(Count what, Time now, std::int64_t times = 1) {
    if (windows_.is_over(now)) [[unlikely]]
      roll(now);
    counts_[static_cast<std::size_t>(what)] += times;
  }
  void sample(Sample what, std::int64_t value, Time now) {
    if (windows_.is_over(now)) [[unlikely]]
      roll(now);
    samples_[static_cast<std::size_t>(what)].add(value);
  }

  [[nodiscard]] std::int64_t value(Level level) const {
    return levels_[static_cast<std::size_t>(level)].value;
  }

  /// What was measured from the plan's beginning up to `now`, before finish(). O(1).
  [[nodiscard]] MetricTotals totals(Time now);

  /// Closes the record at `end`, which must lie behind the plan's beginning: windows in the order
  /// of time, the last one possibly shorter. Nothing may be recorded afterwards.
  [[nodiscard]] std::vector<MetricWindow> finish(Time end);

 private:
  void roll(Time now);
  [[nodiscard]] MetricWindow close(Time start, Time end);

  RollingWindows<MetricWindow> windows_;
  std::array<IntegratedLevel, kLevels> levels_{};
  std::vector<IntegratedLevel> gpu_models_;
  std::array<std::int64_t, kCounts> counts_{};
  std::array<Tally, kSamples> samples_;
  MetricTotals closed_;  // of windows_
};

}  // namespace orrery::sim
