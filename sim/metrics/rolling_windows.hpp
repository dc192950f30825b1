#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "orrery/models/units.hpp"

namespace orrery::sim {

/// How virtual time is cut into windows.
struct WindowPlan {
  Time begin{};               ///< what comes before is measured but thrown away: a fixed warm-up
  Time horizon = kTimeMax;    ///< end of the run if it is known
  std::size_t points = 200;   ///< windows kept: between `points` and twice as many
  std::size_t node_rows = 0;  ///< rows of a heat map of the nodes; 0: none
};

/// The windows of a run one after another, of bounded number: all have one width; when there are
/// twice as many as asked for, neighbours are joined (`Window::append`) and the width doubles.
/// `Window` has `start` and `end`.
template <class Window>
class RollingWindows {
 public:
  explicit RollingWindows(const WindowPlan& plan)
      : begin_(plan.begin),
        points_(std::max<std::size_t>(plan.points, 1)),
        width_(first_width(plan)),
        end_(begin_ > kTimeZero ? begin_ : saturating_add(kTimeZero, width_)) {}

  /// Does `now` lie beyond the present window?
  [[nodiscard]] bool is_over(Time now) const { return now >= end_; }
  [[nodiscard]] Time start() const { return start_; }
  /// Is the present window one of the warm-up?
  [[nodiscard]] bool is_warm_up() const { return start_ < begin_; }

  /// Closes windows until `now` lies in the present one. `close(start, end)` makes one of what was
  /// recorded meanwhile.
  template <class Close>
  void roll(Time now, const Close& close) {
    while (is_over(now)) {
      end_window(end_, close);
      if (windows_.size() >= 2 * points_) join_neighbours();
      end_ = saturating_add(start_, width_);
    }
  }

  /// Closes the present window at `at`, and keeps it unless it is one of the warm-up.
  template <class Close>
  void end_window(Time at, const Close& close) {
    Window window = close(start_, at);
    start_ = at;
    if (at > begin_ || begin_ == kTimeZero) windows_.push_back(std::move(window));
  }

  [[nodiscard]] std::vector<Window>& closed() { return windows_; }
  [[nodiscard]] const std::vector<Window>& closed() const { return windows_; }

 private:
  /// The width of a run whose end is unknown doubles as it goes on.
  [[nodiscard]] static Duration first_width(const WindowPlan& plan) {
    if (plan.horizon == kTimeMax || plan.horizon <= plan.begin) return std::chrono::seconds{1};
    const auto points = static_cast<std::int64_t>(plan.points);
    return std::max(Duration{1}, (plan.horizon - plan.begin + Duration{points - 1}) / points);
  }

  void join_neighbours() {
    std::vector<Window> joined;
    joined.reserve(windows_.size());
    for (std::size_t i = 0; i + 1 < windows_.size(); i += 2) {  // an even number: twice the points
      joined.push_back(std::move(windows_[i]));
      joined.back().append(windows_[i + 1]);
    }
    windows_ = std::move(joined);
    width_ *= 2;
  }

  Time begin_;
  std::size_t points_;
  Duration width_;
  Time start_{};
  Time end_;
  std::vector<Window> windows_;
};

}  // namespace orrery::sim
