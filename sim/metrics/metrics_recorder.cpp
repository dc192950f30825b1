#include "orrery/sim/metrics/metrics_recorder.hpp"

#include <utility>

namespace orrery::sim {
namespace {

void add(MetricTotals& totals, const MetricWindow& window) {
  for (std::size_t i = 0; i < kLevels; ++i) totals.integrals[i] += window.integrals[i];
  for (std::size_t i = 0; i < kCounts; ++i) totals.counts[i] += window.counts[i];
  for (std::size_t i = 0; i < kSamples; ++i) totals.samples[i] += window.samples[i].sum();
}

}  // namespace

MetricsRecorder::MetricsRecorder(const WindowPlan& plan) : windows_(plan) {}

void MetricsRecorder::shift_gpu_model(GpuModelId model, std::int64_t delta, Time now) {
  if (windows_.is_over(now)) [[unlikely]]
    roll(now);
  if (model.index() >= gpu_models_.size()) gpu_models_.resize(model.index() + 1);
  gpu_models_[model.index()].shift(delta, now);
}

void MetricsRecorder::roll(Time now) {
  windows_.roll(now, [this](Time start, Time end) { return close(start, end); });
}

MetricWindow MetricsRecorder::close(Time start, Time end) {
  MetricWindow window{.start = start,
                      .end = end,
                      .integrals = {},
                      .gpu_model_allocated = {},
                      .counts = std::exchange(counts_, {}),
                      .samples = std::exchange(samples_, {})};
  for (std::size_t i = 0; i < kLevels; ++i) window.integrals[i] = levels_[i].take(end);
  for (IntegratedLevel& model : gpu_models_) window.gpu_model_allocated.push_back(model.take(end));
  if (!windows_.is_warm_up()) add(closed_, window);
  return window;
}

MetricTotals MetricsRecorder::totals(Time now) {
  if (windows_.is_over(now)) roll(now);
  MetricTotals totals = closed_;
  if (windows_.is_warm_up()) return totals;
  for (std::size_t i = 0; i < kLevels; ++i) totals.integrals[i] += levels_[i].integral_at(now);
  for (std::size_t i = 0; i < kCounts; ++i) totals.counts[i] += counts_[i];
  for (std::size_t i = 0; i < kSamples; ++i) totals.samples[i] += samples_[i].sum();
  return totals;
}

std::vector<MetricWindow> MetricsRecorder::finish(Time end) {
  if (windows_.is_over(end)) roll(end);
  std::vector<MetricWindow>& windows = windows_.closed();
  if (end > windows_.start() || windows.empty()) {
    windows_.end_window(end, [this](Time start, Time at) { return close(start, at); });
  } else {
    // What happened exactly at the end belongs to the last window.
    MetricWindow rest{.start = end,
                      .end = end,
                      .integrals = {},
                      .gpu_model_allocated = {},
                      .counts = counts_,
                      .samples = std::move(samples_)};
    windows.back().append(rest);
  }
  return std::move(windows);
}

}  // namespace orrery::sim
