#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/models/units.hpp"
#include "orrery/sim/metrics/tally.hpp"

namespace orrery::sim {

/// State variables that are integrated over virtual time, as exact integers.
enum class Level : std::uint8_t {
  CpuAllocatable,     ///< milli-CPU of the nodes that may take pods, as the API server says
  CpuAllocated,       ///< milli-CPU reserved by bound pods
  CpuUsed,            ///< milli-CPU of pods that really run
  MemoryAllocatable,  ///< bytes
  MemoryAllocated,
  MemoryUsed,
  GpuAllocatable,  ///< milli-GPU
  GpuAllocated,
  GpuUsed,
  GpuFragmented,  ///< expected fragment × weight of the profile (see FragmentationModel)
  NodesUp,        ///< nodes that really work
  NodesReady,     ///< nodes that the API server believes in
  PodsWaiting,    ///< arrived, not yet started
  PodsRunning,
  Power,           ///< milliwatts drawn
  Price,           ///< millionths of a currency unit per hour
  PodsReady,       ///< pods that are Ready for all that the API server knows; with Kubernetes only
  EndpointsStale,  ///< those among them that run no more; with Kubernetes only
  Count,
};
inline constexpr auto kLevels = static_cast<std::size_t>(Level::Count);

/// Things that happen, counted.
enum class Count : std::uint8_t {
  PodsArrived,
  PodsStarted,
  PodsCompleted,
  PodsFailed,         ///< ended by the failure of a node; replaced if the workload says so
  PodsRejected,       ///< given up by the scheduler
  PodsUnschedulable,  ///< could not be held by any node even if empty
  SchedulingAttempts,
  BindsRefused,  ///< refused by the API server: the pod or node had gone
  NodeCrashes,
  NodeRepairs,
  GangsPlaced,
  NodePartitions,  ///< nodes cut off from the API server
  PodsEvicted,     ///< deleted against their will, preempted ones included
  PodsPreempted,   ///< ended to make room for one of higher priority
  Count,
};
inline constexpr auto kCounts = static_cast<std::size_t>(Count::Count);

/// Spans and ratios of which the distribution matters.
enum class Sample : std::uint8_t {
  Waiting,    ///< arrival to first start, ns
  Response,   ///< arrival to completion, ns
  Slowdown,   ///< response ÷ service, millionths
  WorkLost,   ///< run time thrown away by a failure, ns
  Detection,  ///< crash or cut to notice by the API server, ns
  Recovery,   ///< loss of a node to the start of the pod that replaces one of its, ns
  Count,
};
inline constexpr auto kSamples = static_cast<std::size_t>(Sample::Count);

/// Everything that was measured in one span of virtual time. Windows of one run add up exactly, so
/// that a time series, the removal of a warm-up and the figures of the run share one record.
struct MetricWindow {
  Time start{};
  Time end{};
  std::array<Int128, kLevels> integrals{};  ///< level × nanoseconds
  std::vector<Int128> gpu_model_allocated;  ///< milli-GPU × nanoseconds, by GpuModelId
  std::array<std::int64_t, kCounts> counts{};
  std::array<Tally, kSamples> samples;

  /// Adds the window that follows this one.
  void append(const MetricWindow& next);

  [[nodiscard]] Int128 integral(Level level) const {
    return integrals[static_cast<std::size_t>(level)];
  }
  [[nodiscard]] std::int64_t count(Count what) const {
    return counts[static_cast<std::size_t>(what)];
  }
  [[nodiscard]] const Tally& sample(Sample what) const {
    return samples[static_cast<std::size_t>(what)];
  }
  /// Time average of a level; NaN for an empty window.
  [[nodiscard]] double average(Level level) const;
  /// Ratio of two integrals; NaN when the denominator is zero.
  [[nodiscard]] double ratio(Level numerator, Level denominator) const;
};

}  // namespace orrery::sim
