#include "orrery/sim/metrics/metrics_recorder.hpp"

#include <algorithm>
#include <utility>

namespace orrery::sim {
namespace {

/// Width of the first windows of a run whose end is unknown.
constexpr Duration kFirstWidth = std::chrono::seconds{1};

void add(MetricTotals& totals, const MetricWindow& window) {
  for (std::size_t i = 0; i < kLevels; ++i) totals.integrals[i] += window.integrals[i];
  for (std::size_t i = 0; i < kCounts; ++i) totals.counts[i] += window.counts[i];
  for (std::size_t i = 0; i < kSamples; ++i) totals.samples[i] += window.samples[i].sum();
}

}  // namespace

Duration first_window_width(const WindowPlan& plan) {
  if (plan.horizon == kTimeMax || plan.horizon <= plan.begin) return kFirstWidth;
  const auto points = static_cast<std::int64_t>(plan.points);
  return std::max(Duration{1}, (plan.horizon - plan.begin + Duration{points - 1}) / points);
}

MetricsRecorder::MetricsRecorder(const WindowPlan& plan)
    : plan_(plan), width_(first_window_width(plan)) {
  plan_.points = std::max<std::size_t>(plan_.points, 1);
  window_end_ = plan_.begin > kTimeZero ? plan_.begin : saturating_add(kTimeZero, width_);
}

void MetricsRecorder::shift_gpu_model(GpuModelId model, std::int64_t delta, Time now) {
  if (now >= window_end_) [[unlikely]]
    roll(now);
  if (model.index() >= gpu_models_.size()) gpu_models_.resize(model.index() + 1);
  State& state = gpu_models_[model.index()];
  state.integral += static_cast<Int128>(state.value) * (now - state.since).count();
  state.value += delta;
  state.since = now;
}

void MetricsRecorder::roll(Time now) {
  while (now >= window_end_) {
    close_window(window_end_);
    if (windows_.size() >= 2 * plan_.points) join_neighbours();
    window_end_ = saturating_add(window_start_, width_);
  }
}

void MetricsRecorder::close_window(Time at) {
  const auto take = [at](State& state) {
    const Int128 integral =
        state.integral + static_cast<Int128>(state.value) * (at - state.since).count();
    state.integral = 0;
    state.since = at;
    return integral;
  };
  MetricWindow window{.start = window_start_,
                      .end = at,
                      .integrals = {},
                      .gpu_model_allocated = {},
                      .counts = std::exchange(counts_, {}),
                      .samples = std::exchange(samples_, {})};
  for (std::size_t i = 0; i < kLevels; ++i) window.integrals[i] = take(levels_[i]);
  for (State& state : gpu_models_) window.gpu_model_allocated.push_back(take(state));
  window_start_ = at;
  if (window.end <= plan_.begin && plan_.begin > kTimeZero) return;  // the warm-up
  add(closed_, window);
  windows_.push_back(std::move(window));
}

void MetricsRecorder::join_neighbours() {
  std::vector<MetricWindow> joined;
  joined.reserve(windows_.size());
  for (std::size_t i = 0; i + 1 < windows_.size(); i += 2) {  // an even number: twice the points
    joined.push_back(std::move(windows_[i]));
    joined.back().append(windows_[i + 1]);
  }
  windows_ = std::move(joined);
  width_ *= 2;
}

MetricTotals MetricsRecorder::totals(Time now) {
  if (now >= window_end_) roll(now);
  MetricTotals totals = closed_;
  if (window_start_ < plan_.begin) return totals;
  for (std::size_t i = 0; i < kLevels; ++i) {
    const State& state = levels_[i];
    totals.integrals[i] +=
        state.integral + static_cast<Int128>(state.value) * (now - state.since).count();
  }
  for (std::size_t i = 0; i < kCounts; ++i) totals.counts[i] += counts_[i];
  for (std::size_t i = 0; i < kSamples; ++i) totals.samples[i] += samples_[i].sum();
  return totals;
}

std::vector<MetricWindow> MetricsRecorder::finish(Time end) {
  if (end >= window_end_) roll(end);
  if (end > window_start_ || windows_.empty()) {
    close_window(end);
  } else {
    // What happened exactly at the end belongs to the last window.
    MetricWindow rest{.start = end,
                      .end = end,
                      .integrals = {},
                      .gpu_model_allocated = {},
                      .counts = counts_,
                      .samples = std::move(samples_)};
    windows_.back().append(rest);
  }
  return std::move(windows_);
}

}  // namespace orrery::sim
