#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/experiments/setup/context.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/models/workload_profile.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::experiments {

/// For which run and which cluster a workload is opened.
struct WorkloadKey {
  std::uint64_t seed = 0;
  std::size_t cluster =
      0;                  ///< its position: clusters that share a workload get streams of their own
  MilliGpu gpu_capacity;  ///< of the cluster
};

/// One entry of "workloads": can be opened once for each run and cluster.
struct WorkloadPlan {
  std::vector<std::size_t> clusters;  ///< positions of the clusters that get a stream of it
  std::function<Result<std::unique_ptr<traces::WorkloadSource>>(const WorkloadKey&)> open;
  /// Every request of the trace, for the profile; empty function: ask the first pods of open().
  std::function<std::vector<TypicalPod>()> requests;
  bool may_never_end = false;  ///< pods that run for ever: the run needs a horizon if nodes fail
};

/// {"openb-study": …}, {"openb": …}, {"philly": …}, {"canonical": …} or {"synthetic": …}, each with
/// "clusters": names (all by default). docs/experiment-format.md lists their members. `clusters`
/// are the names of the document's clusters.
[[nodiscard]] Result<std::vector<WorkloadPlan>> read_workloads(
    const nlohmann::json& value, const Location& at, const std::vector<std::string>& clusters,
    SetupContext& context);

/// All `plans` of `key.cluster` as one stream in the order of arrival.
[[nodiscard]] Result<std::unique_ptr<traces::WorkloadSource>> open_workload(
    const std::vector<WorkloadPlan>& plans, const WorkloadKey& key);

/// The most frequent requests that make up `share` of the pods: of the whole trace where it is
/// known, else of the first 10,000 pods of the stream. Null without any workload.
[[nodiscard]] Result<std::shared_ptr<const WorkloadProfile>> profile_workload(
    const std::vector<WorkloadPlan>& plans, const WorkloadKey& key, double share);

}  // namespace orrery::experiments
