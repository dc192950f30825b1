#include "orrery/sim/outcome_series.hpp"

#include <algorithm>
#include <utility>

namespace orrery::sim {
namespace {

constexpr double kNanoseconds = 1e9;

double middle_of(const MetricWindow& window) {
  return seconds(window.start + (window.end - window.start) / 2);
}

template <class Value>
Series series_from(const char* name, const char* unit, const std::vector<MetricWindow>& windows,
                   const Value& value) {
  Series series{.name = name, .unit = unit, .points = {}};
  for (const MetricWindow& window : windows) {
    series.points.push_back({.time_seconds = middle_of(window), .value = value(window)});
  }
  return series;
}

Series crashes_of(const std::vector<MetricWindow>& windows) {
  Series series{.name = "node_crashes", .unit = "", .points = {}};
  for (const MetricWindow& window : windows) {
    const std::int64_t crashes = window.count(Count::NodeCrashes);
    if (crashes == 0) continue;
    series.points.push_back(
        {.time_seconds = middle_of(window), .value = static_cast<double>(crashes)});
  }
  return series;
}

/// Fragments are weighted by each cluster's own profile, so they are divided before they are added.
Series fragmentation_of(const std::vector<MetricWindow>& total, const ClusterWindows& windows,
                        const std::vector<std::unique_ptr<ClusterSimulation>>& clusters) {
  Series series{.name = "gpu_fragmented_percent", .unit = "%", .points = {}};
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    const bool has_gpus = total.front().integral(Level::GpuAllocatable) > 0 &&
                          windows[i].front().integral(Level::GpuAllocatable) > 0;
    if (has_gpus && clusters[i]->metrics().fragment_weight() == 0) return series;
  }
  for (std::size_t w = 0; w < total.size(); ++w) {
    double fragmented = 0;
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      const std::int64_t weight = clusters[i]->metrics().fragment_weight();
      if (weight == 0) continue;
      fragmented += static_cast<double>(windows[i][w].integral(Level::GpuFragmented)) /
                    static_cast<double>(weight);
    }
    const auto whole = static_cast<double>(total[w].integral(Level::GpuAllocatable));
    if (whole > 0) {
      series.points.push_back(
          {.time_seconds = middle_of(total[w]), .value = 100 * fragmented / whole});
    }
  }
  return series;
}

}  // namespace

std::vector<Series> series_of(const std::vector<MetricWindow>& total, const ClusterWindows& windows,
                              const std::vector<std::unique_ptr<ClusterSimulation>>& clusters) {
  std::vector<Series> series;
  const auto add = [&](const char* name, const char* unit, const auto& value) {
    series.push_back(series_from(name, unit, total, value));
  };
  add("cpu_allocated_percent", "%", [](const MetricWindow& window) {
    return 100 * window.ratio(Level::CpuAllocated, Level::CpuAllocatable);
  });
  add("gpu_allocated_percent", "%", [](const MetricWindow& window) {
    return 100 * window.ratio(Level::GpuAllocated, Level::GpuAllocatable);
  });
  add("pods_waiting", "",
      [](const MetricWindow& window) { return window.average(Level::PodsWaiting); });
  add("pods_running", "",
      [](const MetricWindow& window) { return window.average(Level::PodsRunning); });
  if (std::any_of(clusters.begin(), clusters.end(),
                  [](const auto& cluster) { return cluster->setup().kubernetes.has_value(); })) {
    add("pods_ready", "",
        [](const MetricWindow& window) { return window.average(Level::PodsReady); });
    add("endpoints_stale", "",
        [](const MetricWindow& window) { return window.average(Level::EndpointsStale); });
  }
  add("nodes_up", "", [](const MetricWindow& window) { return window.average(Level::NodesUp); });
  add("waiting_seconds_mean", "s", [](const MetricWindow& window) {
    return window.sample(Sample::Waiting).mean() / kNanoseconds;
  });
  for (Series& sparse :
       std::vector{crashes_of(total), fragmentation_of(total, windows, clusters)}) {
    if (!sparse.points.empty()) series.push_back(std::move(sparse));
  }
  return series;
}

}  // namespace orrery::sim
