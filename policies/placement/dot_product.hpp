#pragma once

#include "orrery/policies/placement/cached_score_policy.hpp"
#include "orrery/policies/placement/largest_node.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {

/// Dot product: the node whose free vector has the smallest dot product with the request, both as
/// fractions of the largest node, GPUs as one dimension (Weng et al., USENIX ATC 2023, "DotProd";
/// artifact dot_product_score.go, "merge"):
///
///   score = ⌊100 · (1 − (cpu free · cpu asked / C² + gpu free · gpu asked / G²) / 2)⌋
///
/// Without GPUs in the cluster only the CPU counts. Exact integers; devices by best fit.
class DotProduct final : public CachedScorePolicy {
 public:
  DotProduct(const Parameters& parameters, const PolicyContext& context);

 protected:
  [[nodiscard]] int score(const ClusterState& state, NodeId node, const Pod& pod) const override;
  bool follow(const ClusterView& view, const StateChange& change) override;

 private:
  void rescale();
  template <class Integer>
  [[nodiscard]] int score_in(const ClusterState& state, NodeId node, const Pod& pod) const;

  LargestNode largest_;
  std::int64_t dimensions_ = 1;
  std::int64_t common_ = 1;   ///< L, the least common multiple of C and G
  std::int64_t per_cpu_ = 1;  ///< L / C
  std::int64_t per_gpu_ = 0;  ///< L / G
};

}  // namespace orrery::policies
