#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/traces/byte_source.hpp"
#include "orrery/traces/workload.hpp"

/// Microsoft's Philly trace (Jeon et al., Analysis of Large-Scale Multi-Tenant GPU Clusters, USENIX
/// ATC 2019), as the filtered list of jobs that the Pollux artifact carries: columns timestamp
/// (submission, of a zoneless clock), duration (s), num_gpus, gpu_time, cluster (virtual cluster).
namespace orrery::traces {

struct PhillyJob {
  std::int64_t submitted = 0;  ///< seconds since 1970 of the trace's clock
  Duration service{};
  std::uint64_t row = 0;
  std::uint32_t gpus = 1;
  std::uint32_t virtual_cluster = 0;  ///< index of PhillyJobs::virtual_clusters
};

/// All jobs by submission, then row. The file is not sorted, so a job list is held in memory whole
/// (32 bytes a job); it is read once and shared by runs.
struct PhillyJobs {
  std::vector<PhillyJob> jobs;
  std::vector<std::string> virtual_clusters;  ///< in order of appearance in the file
  std::uint64_t skipped_rows = 0;
  std::string name;
  std::string checksum;
};

[[nodiscard]] Result<std::shared_ptr<const PhillyJobs>> read_philly(
    std::unique_ptr<ByteSource> source, OnBadRow on_bad_row = OnBadRow::Fail);

/// How jobs become pods. The trace has no CPU or memory: both are assumptions, per GPU.
struct PhillyOptions {
  std::uint32_t gpus_per_pod = 8;  ///< the machines' size: a job of more GPUs is a gang
  MilliCpu cpu_per_gpu{4000};
  Bytes memory_per_gpu{std::int64_t{32} << 30};
  std::vector<std::string> virtual_clusters;  ///< only these; empty: all
};

/// A job of g GPUs arrives as a gang of ⌈g / gpus_per_pod⌉ pods, all full but the last. Time zero
/// is the first submission of the whole list. The virtual cluster is the template's owner.
[[nodiscard]] std::unique_ptr<WorkloadSource> philly_workload(
    std::shared_ptr<const PhillyJobs> jobs, PhillyOptions options);

}  // namespace orrery::traces
