#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/distribution.hpp"
#include "orrery/models/labels.hpp"
#include "orrery/models/result.hpp"
#include "orrery/traces/arrivals.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::traces {

/// One kind of pod of a synthetic workload. Sizes and the duration are drawn once per arrival: the
/// pods of a gang are alike.
struct PodClass {
  std::string name;
  double weight = 1;                     ///< share of the workload's arrivals, among the weights
  std::optional<ArrivalModel> arrivals;  ///< its own, instead of a share
  Distribution cpu;                      ///< milli-CPU
  Distribution memory;                   ///< bytes
  std::optional<Distribution> duration;  ///< seconds; nothing: runs for ever
  std::optional<Distribution> estimate_factor;    ///< estimate ÷ duration; nothing: no estimate
  Distribution gpus;                              ///< devices, rounded; at most kGpusPerNodeMax
  Distribution gpu_share{shape::Constant{1000}};  ///< milli of a single device, 1 to 1000
  std::vector<std::string> gpu_models;
  Distribution gang_size{shape::Constant{1}};  ///< pods, rounded, at least 1
  std::int32_t priority = 0;
  std::string owner;
  Labels labels;
  Labels node_selector;
  std::string cluster;  ///< preferred; empty: any
};

struct SyntheticWorkload {
  ArrivalModel arrivals;  ///< of all classes that have none of their own
  std::vector<PodClass> classes;
  std::optional<std::uint64_t> count;  ///< arrivals in all; a gang is one
  std::optional<Duration> horizon;     ///< no arrival at or after this
};

/// {"arrivals": "2/s", "horizon": "10d", "count": 1000, "classes": [{"name": "web", "weight": 3,
///   "cpu": DISTRIBUTION, "memory": …, "duration": … or "never", "gpus": …, "gpu_share": …,
///   "gpu_models": […], "gang_size": …, "estimate_factor": …, "priority": 10, "owner": "team-a",
///   "labels": {…}, "node_selector": {…}, "cluster": "berlin", "arrivals": …}]}
/// A count or a horizon is needed, or the stream would never end.
[[nodiscard]] Result<SyntheticWorkload> read_synthetic(const nlohmann::json& value,
                                                       const Location& at);

/// The stream of `workload` under `seed`. Each class draws arrivals, sizes, durations and gang
/// sizes from streams keyed by its name and by `instance` (such as the cluster's number), so that
/// classes and clusters never disturb each other. About 100 ns a pod.
[[nodiscard]] std::unique_ptr<WorkloadSource> synthetic_workload(const SyntheticWorkload& workload,
                                                                 std::uint64_t seed,
                                                                 std::uint64_t instance = 0);

}  // namespace orrery::traces
