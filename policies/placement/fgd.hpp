#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "orrery/models/fragmentation.hpp"
#include "orrery/policies/placement/cached_score_policy.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {

/// Fragmentation gradient descent (Weng et al., USENIX ATC 2023; artifact fgd_score.go): the node,
/// and for a shared GPU the device, where the expected fragmentation F falls most or grows least:
///
///   score = ⌊100 · sigmoid((F before − F after) / 1000)⌋
///
/// F is measured against typical pods (see FragmentationModel). "profile" takes those that the
/// experiment lets policies know in advance, as the study does; "observed" learns them from the
/// pods seen so far, which is what a scheduler can really know, and looks again after every
/// `refresh_pods` pods: early placements are made on little evidence.
///
/// Of the devices for a share the lowest one with the best whole score is taken; whole devices are
/// alike. Exact integers but for the sigmoid's hundred thresholds, computed once.
class Fgd final : public CachedScorePolicy {
 public:
  static Result<std::unique_ptr<Fgd>> make(const Parameters& parameters,
                                           const PolicyContext& context);
  [[nodiscard]] static std::vector<ParameterSpec> parameters();

  /// Measures against `profile`; null: learns from what it sees.
  Fgd(std::shared_ptr<const WorkloadProfile> profile, double popularity, std::int64_t refresh_pods);

 protected:
  [[nodiscard]] int score(const ClusterState& state, NodeId node, const Pod& pod) const override;
  [[nodiscard]] GpuDeviceMask devices(const ClusterState& state, NodeId node,
                                      const Pod& pod) const override;
  bool follow(const ClusterView& view, const StateChange& change) override;
  void prepare(const ClusterView& view) override;

 private:
  struct Choice {
    int score = -1;
    std::size_t device = 0;  ///< for a share
  };
  [[nodiscard]] Choice choose(const ClusterState& state, NodeId node, const Pod& pod) const;
  [[nodiscard]] int score_of(std::int64_t weighted_fall) const;
  void observe(const ClusterState& state, PodId pod);
  void remodel(const ClusterState& state);

  bool learns_;
  double popularity_;
  std::int64_t refresh_pods_;
  std::shared_ptr<const WorkloadProfile> profile_;
  std::optional<FragmentationModel> model_;
  std::size_t gpu_models_ = 0;               ///< of the cluster, when model_ was made
  std::array<std::int64_t, 99> thresholds_;  ///< weighted fall from which on the score is ≥ i + 1
  std::map<std::pair<std::int64_t, PodTemplateId>, std::int64_t> seen_;  ///< pods by CPU, template
  std::int64_t pods_seen_ = 0;
  std::int64_t pods_at_refresh_ = -1;
};

}  // namespace orrery::policies
