#include "orrery/sim/metrics/load_curve.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace orrery::sim {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// round(100 · arrived / capacity), half to even, in integers.
std::size_t whole_percent(std::int64_t arrived, std::int64_t capacity) {
  const std::int64_t scaled = arrived * 100;
  std::int64_t percent = scaled / capacity;
  const std::int64_t twice_rest = 2 * (scaled % capacity);
  if (twice_rest > capacity || (twice_rest == capacity && percent % 2 == 1)) ++percent;
  return static_cast<std::size_t>(percent);
}

double percent_of(double part, double whole) { return whole > 0 ? 100.0 * part / whole : kNone; }

double mean_of(double sum, std::int64_t samples) {
  return samples > 0 ? sum / static_cast<double>(samples) : kNone;
}

}  // namespace

void LoadCurve::sample(std::int64_t arrived, std::int64_t allocated, std::int64_t fragment,
                       std::int64_t weight) {
  const std::size_t percent = whole_percent(arrived, capacity_);
  if (percent >= cells_.size()) cells_.resize(percent + 1);
  Cell& cell = cells_[percent];
  ++cell.samples;
  cell.allocated += allocated;
  if (weight <= 0) return;
  const double fragmented = static_cast<double>(fragment) / static_cast<double>(weight);
  ++cell.fragment_samples;
  cell.fragmented += percent_of(fragmented, static_cast<double>(capacity_));
  if (allocated < capacity_) {
    ++cell.idle_samples;
    cell.fragmented_of_idle += percent_of(fragmented, static_cast<double>(capacity_ - allocated));
  }
}

LoadCurve::Reading LoadCurve::read(std::size_t percent) const {
  Cell sum;
  const auto add = [&](std::size_t at) {
    if (at >= cells_.size()) return;
    const Cell& cell = cells_[at];
    sum.samples += cell.samples;
    sum.allocated += cell.allocated;
    sum.fragmented += cell.fragmented;
    sum.fragmented_of_idle += cell.fragmented_of_idle;
    sum.fragment_samples += cell.fragment_samples;
    sum.idle_samples += cell.idle_samples;
  };
  add(percent);
  if (sum.samples == 0) {
    if (percent > 0) add(percent - 1);
    add(percent + 1);
  }
  const double allocated =
      percent_of(static_cast<double>(sum.allocated), static_cast<double>(capacity_));
  return {.allocated = mean_of(allocated, sum.samples),
          .fragmented = mean_of(sum.fragmented, sum.fragment_samples),
          .fragmented_of_idle = mean_of(sum.fragmented_of_idle, sum.idle_samples)};
}

std::vector<MetricValue> LoadCurve::metrics(const std::vector<int>& marks) const {
  std::vector<MetricValue> values;
  for (const int mark : marks) {
    const Reading reading = read(static_cast<std::size_t>(std::max(0, mark)));
    const auto add = [&](const char* name, double value, Direction direction) {
      values.push_back({.name = fmt::format("{}_at_{:03}", name, mark),
                        .unit = "%",
                        .value = value,
                        .direction = direction});
    };
    add("gpu_allocated_percent", reading.allocated, Direction::HigherIsBetter);
    add("gpu_fragmented_percent", reading.fragmented, Direction::LowerIsBetter);
    add("gpu_fragmented_percent_of_idle", reading.fragmented_of_idle, Direction::LowerIsBetter);
  }
  return values;
}

std::vector<Curve> LoadCurve::curves() const {
  std::vector<Curve> curves(3);
  const std::array<const char*, 3> names = {"gpu_allocated_percent", "gpu_fragmented_percent",
                                            "gpu_fragmented_percent_of_idle"};
  for (std::size_t i = 0; i < curves.size(); ++i) {
    curves[i].name = names[i];
    curves[i].unit = "%";
    curves[i].over = "gpu_arrived_percent";
  }
  for (std::size_t percent = 0; percent < cells_.size(); ++percent) {
    const Reading reading = read(percent);
    const std::array<double, 3> values = {reading.allocated, reading.fragmented,
                                          reading.fragmented_of_idle};
    for (std::size_t i = 0; i < curves.size(); ++i) {
      if (std::isnan(values[i])) continue;
      curves[i].points.push_back({.at = static_cast<double>(percent), .value = values[i]});
    }
  }
  std::erase_if(curves, [](const Curve& curve) { return curve.points.empty(); });
  return curves;
}

}  // namespace orrery::sim
