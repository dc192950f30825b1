#include "orrery/sim/metrics/metric_window.hpp"

#include <limits>

namespace orrery::sim {

void MetricWindow::append(const MetricWindow& next) {
  end = next.end;
  for (std::size_t i = 0; i < kLevels; ++i) integrals[i] += next.integrals[i];
  if (gpu_model_allocated.size() < next.gpu_model_allocated.size()) {
    gpu_model_allocated.resize(next.gpu_model_allocated.size());
  }
  for (std::size_t i = 0; i < next.gpu_model_allocated.size(); ++i) {
    gpu_model_allocated[i] += next.gpu_model_allocated[i];
  }
  for (std::size_t i = 0; i < kCounts; ++i) counts[i] += next.counts[i];
  for (std::size_t i = 0; i < kSamples; ++i) samples[i].merge(next.samples[i]);
}

double MetricWindow::average(Level level) const {
  if (end <= start) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(integral(level)) / static_cast<double>((end - start).count());
}

double MetricWindow::ratio(Level numerator, Level denominator) const {
  if (integral(denominator) == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(integral(numerator)) / static_cast<double>(integral(denominator));
}

}  // namespace orrery::sim
