#pragma once

#include "orrery/policies/placement/cached_score_policy.hpp"

namespace orrery::policies {

/// GPU packing: fill shared devices first, then devices of nodes in use, then idle nodes (Weng et
/// al., USENIX ATC 2023, "GpuPacking"; artifact gpu_packing_score.go). For a GPU pod on a node with
/// n devices:
///
///   some device touched, a touched one fits a shared pod:  100 − ⌊percent left there / 10⌋
///   some device touched, w untouched devices are needed:   max(50 − w, 33)
///   no device touched:                                     max(33 − n, n)
///
/// Pods without GPU score 0 everywhere: the first node that fits. Devices by best fit.
class GpuPacking final : public CachedScorePolicy {
 protected:
  [[nodiscard]] int score(const ClusterState& state, NodeId node, const Pod& pod) const override;
};

}  // namespace orrery::policies
