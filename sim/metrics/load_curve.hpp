#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/models/run_outcome.hpp"
#include "orrery/sim/metrics/tally.hpp"

namespace orrery::sim {

/// Allocation and fragmentation over arrived load, as the GPU-sharing study reports them (Weng et
/// al., USENIX ATC 2023, Figs. 7 and 9; artifact hkust-adsl/kubernetes-scheduler-simulator,
/// experiments/analysis): one sample after each arrival; the value at a whole percent of load is
/// the mean over all arrivals whose load rounds to it, half to even; where no arrival does, the
/// mean over its two neighbours.
class LoadCurve {
 public:
  /// `capacity`: GPU milli of the cluster, > 0.
  explicit LoadCurve(std::int64_t capacity) : capacity_(capacity) {}

  /// `fragment` is F × `weight` in GPU milli (see FragmentationModel); weight 0: not measured.
  void sample(std::int64_t arrived, std::int64_t allocated, std::int64_t fragment,
              std::int64_t weight);

  /// `gpu_allocated_percent_at_NNN`, `gpu_fragmented_percent_at_NNN` and
  /// `gpu_fragmented_percent_of_idle_at_NNN` for each mark; NaN where no arrival came near.
  [[nodiscard]] std::vector<MetricValue> metrics(const std::vector<int>& marks) const;
  /// `gpu_allocated_percent`, `gpu_fragmented_percent` and `gpu_fragmented_percent_of_idle` over
  /// `gpu_arrived_percent`, at every whole percent that arrivals came near; those without any value
  /// are left out.
  [[nodiscard]] std::vector<Curve> curves() const;

 private:
  struct Cell {
    std::int64_t samples = 0;
    Int128 allocated = 0;
    double fragmented = 0;          // percent of all GPUs, summed
    double fragmented_of_idle = 0;  // percent of idle GPUs, summed
    std::int64_t fragment_samples = 0;
    std::int64_t idle_samples = 0;
  };
  struct Reading {
    double allocated;
    double fragmented;
    double fragmented_of_idle;
  };

  [[nodiscard]] Reading read(std::size_t percent) const;

  std::int64_t capacity_;
  std::vector<Cell> cells_;  // by whole percent
};

}  // namespace orrery::sim
