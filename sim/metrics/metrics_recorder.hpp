#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/metrics/metric_totals.hpp"
#include "orrery/sim/metrics/metric_window.hpp"

namespace orrery::sim {

/// How virtual time is cut into windows.
struct WindowPlan {
  Time begin{};               ///< what comes before is measured but thrown away: a fixed warm-up
  Time horizon = kTimeMax;    ///< end of the run if it is known
  std::size_t points = 200;   ///< windows kept: between `points` and twice as many
  std::size_t node_rows = 0;  ///< rows of a heat map of the nodes; 0: none
};

/// Width of the first windows of a plan: those of a run whose end is unknown double as it goes on.
[[nodiscard]] Duration first_window_width(const WindowPlan& plan);

/// Integrates levels and counts events as the world changes: exactly, not by sampling. Windows all
/// have one width; when there are twice as many as asked for, neighbours are joined and the width
/// doubles, so a series of unknown length stays within its number of points without bias.
/// Each call is O(1) apart from joins, which cost O(points) each time that the run has doubled.
class MetricsRecorder {
 public:
  explicit MetricsRecorder(const WindowPlan& plan);

  /// `level` changes by `delta` at `now`. Times must not go back.
  void shift(Level level, std::int64_t delta, Time now) {
    if (now >= window_end_) [[unlikely]]
      roll(now);
    State& state = levels_[static_cast<std::size_t>(level)];
    state.integral += static_cast<Int128>(state.value) * (now - state.since).count();
    state.value += delta;
    state.since = now;
  }
  void shift_gpu_model(GpuModelId model, std::int64_t delta, Time now);
  void count(Count what, Time now, std::int64_t times = 1) {
    if (now >= window_end_) [[unlikely]]
      roll(now);
    counts_[static_cast<std::size_t>(what)] += times;
  }
  void sample(Sample what, std::int64_t value, Time now) {
    if (now >= window_end_) [[unlikely]]
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
  struct State {
    std::int64_t value = 0;
    Time since{};
    Int128 integral = 0;
  };

  void roll(Time now);
  void close_window(Time at);
  void join_neighbours();

  WindowPlan plan_;
  Duration width_;
  Time window_start_{};
  Time window_end_{};
  std::array<State, kLevels> levels_{};
  std::vector<State> gpu_models_;
  std::array<std::int64_t, kCounts> counts_{};
  std::array<Tally, kSamples> samples_;
  std::vector<MetricWindow> windows_;
  MetricTotals closed_;  // of windows_
};

}  // namespace orrery::sim
