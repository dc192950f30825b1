#pragma once

#include <array>
#include <cstdint>

#include "orrery/policies/placement/cached_score_policy.hpp"
#include "orrery/policies/placement/largest_node.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {

/// GPU clustering: keep pods of one GPU-request class together (Weng et al., USENIX ATC 2023,
/// "GpuClustering"; artifact gpu_clustering_score.go). The classes are: a share of a device, and
/// one for each number of whole devices. For a GPU pod:
///
///   score = band + ⌊25 · (G − GPU milli free) / G⌋,  G the GPU milli of the largest node
///   band  = 75 where only its class runs, 50 where it runs among others, 25 where no GPU pod runs,
///           0 where only others run
///
/// Pods without GPU score 0 everywhere and do not count. Devices by best fit.
class GpuClustering final : public CachedScorePolicy {
 public:
  GpuClustering(const Parameters& parameters, const PolicyContext& context);

 protected:
  [[nodiscard]] int score(const ClusterState& state, NodeId node, const Pod& pod) const override;
  bool follow(const ClusterView& view, const StateChange& change) override;

 private:
  static constexpr std::size_t kClasses = kGpusPerNodeMax + 1;
  /// GPU pods on one node by class: 0 for shares, k for k whole devices.
  struct Census {
    std::array<std::uint16_t, kClasses> pods{};
    int kinds = 0;  ///< classes with pods
  };
  /// Where a pod is counted, so that it can be taken off again.
  struct Counted {
    NodeId node;
    std::uint8_t kind = 0;
  };
  void count(const ClusterState& state, PodId pod, NodeId node);
  void discount(PodId pod);

  LargestNode largest_;
  IdVector<NodeId, Census> census_;
  IdVector<PodId, Counted> counted_;
};

}  // namespace orrery::policies
