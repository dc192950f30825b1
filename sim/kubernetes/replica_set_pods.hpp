#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/kubernetes/api_server.hpp"

namespace orrery::sim {

/// What the ReplicaSet controller does at most in one sync (burstReplicas).
inline constexpr std::int32_t kReplicasPerSync = 500;

/// The batches in which `count` pods are created: 1, 2, 4, … as each batch goes well
/// (k8s.io/kubernetes v1.36.3, pkg/controller/replicaset/replica_set.go, slowStartBatch).
[[nodiscard]] std::vector<std::int32_t> slow_start_batches(std::int32_t count);

/// A pod that may have to go when its set shrinks.
struct DeletionCandidate {
  PodRef pod;
  NodeId node;  ///< none: not assigned
  bool is_running = false;
  bool is_ready = false;
  std::int32_t siblings = 0;  ///< active pods of the same controller's sets on its node
  Time ready_since;
  std::int32_t restarts = 0;
  Time created;
};

/// The first to go comes first: unassigned, pending, not ready, with more siblings on its node,
/// ready for less long, restarted more often, newer. Of ready times only the logarithm counts, in
/// powers of two; ties go to the lower uid, which tells nothing, as uids are random: here to a hash
/// of it (k8s.io/kubernetes v1.36.3,
/// pkg/controller/controller_utils.go, ActivePodsWithRanks; LogarithmicScaleDown).
void sort_for_deletion(std::vector<DeletionCandidate>& pods, Time now);

}  // namespace orrery::sim
