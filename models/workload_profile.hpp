#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "orrery/models/pod.hpp"
#include "orrery/models/units.hpp"

namespace orrery {

/// One distinct request and how many pods make it.
struct TypicalPod {
  MilliCpu cpu;
  GpuRequest gpu;
  std::vector<std::string> gpu_models;  ///< admissible models; empty means any
  std::int64_t pods = 0;                ///< how many pods of the workload ask exactly this

  friend bool operator==(const TypicalPod&, const TypicalPod&) = default;
};

/// The popular requests of a workload, most frequent first, as fragmentation is measured against
/// (Weng et al., USENIX ATC 2023, §3). Knowing it in advance is an assumption that the experiment
/// states; a policy may learn one from the pods that it sees instead.
struct WorkloadProfile {
  std::vector<TypicalPod> typical;
  std::int64_t pods_total = 0;  ///< sum over `typical`

  friend bool operator==(const WorkloadProfile&, const WorkloadProfile&) = default;
};

/// Keeps the most frequent of `requests` that together make up `share` (0 to 1) of all pods.
/// Entries that ask the same are added up; of equally frequent ones the larger request goes first
/// (by CPU, GPU milli, GPUs, models as text), as in the study's artifact, whatever the order of
/// `requests`.
[[nodiscard]] WorkloadProfile typical_pods(const std::vector<TypicalPod>& requests, double share);

}  // namespace orrery
