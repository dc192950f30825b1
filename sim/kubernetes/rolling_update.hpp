#pragma once

#include <cstdint>
#include <vector>

#include "orrery/models/kubernetes_objects.hpp"

namespace orrery::sim {

/// A ReplicaSet as the deployment controller sees it.
struct ReplicaSetSize {
  std::int32_t replicas = 0;   ///< its spec's
  std::int32_t available = 0;  ///< its status's
  std::int32_t desired = 0;    ///< the Deployment's replicas when this one was last scaled
  std::int32_t most = 0;       ///< likewise, with the surge
};

/// How many pods a Deployment may have beyond its replicas, and how many may be missing: the one
/// rounded up, the other down, and one of them above zero.
struct RolloutLimits {
  std::int32_t surge = 0;
  std::int32_t unavailable = 0;
};
[[nodiscard]] RolloutLimits rollout_limits(const Deployment& deployment);

/// One sync of the deployment controller: sets the replicas of `sets`, the oldest first, the one
/// of the current template last. `old_pods_left`: pods of older sets are still there, however they
/// end; Recreate waits for them. (k8s.io/kubernetes v1.36.3, pkg/controller/deployment/sync.go,
/// rolling.go, recreate.go)
void sync_deployment(const Deployment& deployment, std::vector<ReplicaSetSize>& sets,
                     bool old_pods_left);

}  // namespace orrery::sim
