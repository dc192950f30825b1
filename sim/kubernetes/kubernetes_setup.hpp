#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/kubernetes_objects.hpp"
#include "orrery/models/units.hpp"

namespace orrery::sim {

/// How fast one client of the API server may call: a token bucket. The defaults are the controller
/// manager's (k8s.io/kubernetes v1.36.3, pkg/controller/apis/config/v1alpha1/defaults.go and
/// k8s.io/component-base config/v1alpha1); each of its controllers has a client of its own.
struct ApiClientRate {
  double calls_per_second = 20;
  int burst = 30;
};

/// How a cluster finds out that a node is gone, and what it then does to its pods. Source unless
/// another is named: k8s.io/kubernetes v1.36.3, pkg/controller/nodelifecycle (config/v1alpha1/
/// defaults.go, node_lifecycle_controller.go, scheduler/rate_limited_queue.go).
struct NodeLifecycleConfig {
  /// A quarter of the lease's 40 s (pkg/kubelet/kubelet.go).
  Duration lease_renewal = std::chrono::seconds{10};
  Duration monitor_period = std::chrono::seconds{5};
  Duration grace_period = std::chrono::seconds{50};  ///< 40 s before v1.32
  double eviction_rate = 0.1;                        ///< nodes a second and zone; a burst of one
  double secondary_eviction_rate = 0.01;             ///< in a zone that is partly disrupted
  int large_zone = 50;                ///< a disrupted zone of no more nodes evicts nothing
  float unhealthy_threshold = 0.55F;  ///< share of a zone's nodes that makes it disrupted
  Duration taint_pass_period = std::chrono::milliseconds{100};
  /// What admission lets pods tolerate that do not say so themselves: a node that is not ready or
  /// unreachable (plugin/pkg/admission/defaulttolerationseconds).
  Duration default_toleration = std::chrono::seconds{300};
  /// Pod garbage collection (pkg/controller/podgc).
  Duration garbage_collection_period = std::chrono::seconds{20};
};

/// What somebody does to the cluster, or what happens to it, at a given time.
struct Incident {
  enum class Kind : std::uint8_t {
    Crash,      ///< the nodes go down
    Repair,     ///< they are up again: undoes a Crash
    Partition,  ///< they lose touch with the API server; what runs on them goes on
    Heal,       ///< undoes a Partition
    Cordon,     ///< spec.unschedulable
    Uncordon,
    OutOfService,  ///< somebody taints them so, knowing that they are off for good
    Scale,         ///< a Deployment gets other replicas
    Rollout,       ///< a Deployment's template changes
  };
  Time at;
  Kind kind = Kind::Crash;
  std::vector<NodeId> nodes;
  std::size_t deployment = 0;  ///< of KubernetesSetup::deployments, for Scale and Rollout
  std::int32_t replicas = 0;   ///< for Scale
};

/// Makes one cluster behave as Kubernetes does beyond placement. Its defaults are those of v1.36.
struct KubernetesSetup {
  std::string version = "1.36";
  NodeLifecycleConfig nodes;
  ApiClientRate controller_client;
  /// From the request to end until a pod's containers have ended: at most its grace period, the
  /// API's 30 s, which this is as well.
  Duration shutdown = std::chrono::seconds{30};
  std::vector<Deployment> deployments;  ///< there from the start
};

}  // namespace orrery::sim
