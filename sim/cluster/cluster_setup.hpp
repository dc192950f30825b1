#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/models/gpu.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/models/node.hpp"
#include "orrery/models/power.hpp"
#include "orrery/models/price.hpp"
#include "orrery/models/start_up.hpp"
#include "orrery/models/units.hpp"
#include "orrery/models/workload_profile.hpp"
#include "orrery/orchestration/cluster/scheduler_config.hpp"
#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/sim/failures/failure_plan.hpp"
#include "orrery/sim/kubernetes/kubernetes_setup.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::sim {

/// How long things take between the API server, the scheduler and the nodes.
struct ClusterDelays {
  Duration watch{};                               ///< API change to the scheduler hearing of it
  Duration scheduling{};                          ///< one scheduling cycle; cycles do not overlap
  Duration bind{};                                ///< decision to the API server committing it
  PodStartUp start_up;                            ///< bound to running; every pod pulls its image
  Duration detection = std::chrono::seconds{50};  ///< crash to the node looking not Ready (grace
                                                  ///< period of kube-controller-manager, v1.33)
};

/// What a node draws and costs. Power is linear in what the running pods have requested.
struct NodeRates {
  std::int64_t idle_milliwatts = 0;
  std::int64_t cpu_milliwatts = 0;  ///< more when all CPUs are busy
  std::int64_t gpu_milliwatts = 0;  ///< more for each busy GPU
  std::int64_t price_micros_per_hour = 0;
};

/// The rates of one node from the models, in the integers that metrics integrate exactly.
[[nodiscard]] NodeRates node_rates(const Node& node, const PowerModel& power,
                                   const PriceModel& price);

/// A pod that runs already when the run begins.
struct BoundPod {
  traces::WorkloadItem pod;  ///< its arrival is the start of the run; not of a gang
  NodeId node;
  GpuDeviceMask devices;
};

/// Everything that one cluster is made of.
struct ClusterSetup {
  std::string name;
  std::vector<std::shared_ptr<const Node>> nodes;  ///< node ids follow this order
  std::vector<NodeRates> rates;                    ///< one a node, or empty
  std::vector<NodeId> not_ready;                   ///< what the API server says at the start
  std::vector<NodeId> cordoned;
  std::vector<BoundPod> bound;  ///< they fit; the first uids are theirs, in this order
  orchestration::SchedulerConfig scheduler;
  std::unique_ptr<policies::PlacementPolicy> policy;
  ClusterDelays delays;
  FailurePlan failures;
  std::vector<Incident> incidents;  ///< in the order of time; all but crashes need `kubernetes`
  /// Nodes are lost and found, and pods evicted, as by this Kubernetes; none: `delays.detection`
  /// says when a crash is noticed, and its pods end at once.
  std::optional<KubernetesSetup> kubernetes;
  bool replaces_lost_pods = true;  ///< work that is lost or evicted starts again
  std::unique_ptr<traces::WorkloadSource> workload;
  /// Popular requests, for the fragmentation measure; null: not measured.
  std::shared_ptr<const WorkloadProfile> profile;
};

}  // namespace orrery::sim
