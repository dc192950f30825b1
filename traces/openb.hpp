#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "orrery/models/node.hpp"
#include "orrery/models/pod.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/models/workload_profile.hpp"
#include "orrery/traces/byte_source.hpp"
#include "orrery/traces/workload.hpp"

/// Alibaba's GPU cluster trace 2023, "openb" (Weng et al., Beware of Fragmentation, USENIX ATC
/// 2023): files openb_node_list_*.csv and openb_pod_list_*.csv.
namespace orrery::traces {

/// Columns sn, cpu_milli, memory_mib, gpu, model. The trace knows no limit of pods per node, no
/// storage, zones or racks; the limit is left at Kubernetes' default, which no run comes near.
[[nodiscard]] Result<std::vector<Node>> read_openb_nodes(std::unique_ptr<ByteSource> source);
[[nodiscard]] Result<std::vector<Node>> read_openb_nodes(const std::string& path);

/// An order of `count` nodes drawn with the seed (Purpose::TieBreak): which of them comes first,
/// second, … In the study ties go to the first node of an order that has nothing to do with the
/// file's.
[[nodiscard]] std::vector<std::size_t> shuffled_nodes(std::size_t count, std::uint64_t seed);
[[nodiscard]] MilliGpu gpu_capacity(const std::vector<Node>& nodes);

/// One row of a pod list.
struct OpenbPod {
  MilliCpu cpu;
  Bytes memory;
  std::shared_ptr<const PodTemplate> pod_template;
  std::uint64_t row = 0;
  Time created;
  Duration service{};  ///< from scheduled (or created, if it never was) to deleted
  bool never_scheduled = false;

  [[nodiscard]] MilliGpu gpu_total() const { return pod_template->gpu.total(); }
};

/// A pod list, read once and shared by runs; sorted by name as text. Columns name, cpu_milli,
/// memory_mib, num_gpu, gpu_milli and, in some lists, gpu_spec, creation_time, deletion_time,
/// scheduled_time; qos and pod_phase are not used.
struct OpenbPodList {
  std::vector<OpenbPod> pods;
  bool has_times = false;                 ///< are creation, deletion and scheduling known?
  std::vector<std::uint32_t> by_arrival;  ///< indices of `pods` by creation; empty without times
  std::uint64_t never_scheduled = 0;      ///< rows without scheduled_time
  std::uint64_t skipped_rows = 0;
  std::string name;
  std::string checksum;

  [[nodiscard]] MilliGpu gpu_total() const;
  /// Every pod's request, for typical_pods(): equal ones added up.
  [[nodiscard]] std::vector<TypicalPod> requests() const;
};

[[nodiscard]] Result<std::shared_ptr<const OpenbPodList>> read_openb_pods(
    std::unique_ptr<ByteSource> source, OnBadRow on_bad_row = OnBadRow::Fail);

/// How the study submits a pod list.
struct OpenbStudyOptions {
  std::uint64_t seed = 42;
  MilliGpu gpu_capacity;                        ///< of the cluster
  std::int64_t load_milli = 1300;               ///< arrived GPU demand ÷ capacity, in thousandths
  Duration interval = std::chrono::seconds{1};  ///< between arrivals
};

/// The study's arrivals: the list in name order, shuffled with the seed; then pods drawn uniformly
/// with replacement are appended until the GPU demand reaches the load. The artifact's stop test
/// adds one device's milli of the next pod, its running total all of them, so the total may end
/// above. From a list that asks for more than the load, uniformly drawn pods are removed until it
/// does not. Pods arrive one by one and never end. Holds one index per arrival.
[[nodiscard]] std::unique_ptr<WorkloadSource> openb_study(std::shared_ptr<const OpenbPodList> list,
                                                          const OpenbStudyOptions& options);

/// What becomes of pods that the traced cluster never scheduled: they run from their creation to
/// their deletion, or are left out.
enum class NeverScheduled : std::uint8_t { Run, Drop };

/// Pods at their real creation times, each running for as long as it did. Lists without times
/// (multigpu) are an error.
[[nodiscard]] Result<std::unique_ptr<WorkloadSource>> openb_real(
    std::shared_ptr<const OpenbPodList> list, NeverScheduled never_scheduled = NeverScheduled::Run);

}  // namespace orrery::traces
