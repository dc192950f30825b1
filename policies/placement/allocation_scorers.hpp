#pragma once

#include "orrery/policies/placement/scorer.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {

/// Weights of the resources that an allocation scorer looks at.
struct ResourceWeights {
  float cpu = 1;
  float memory = 1;
  float gpu = 0;

  explicit ResourceWeights(const Parameters& parameters);
  [[nodiscard]] static std::vector<ParameterSpec> parameters();
};

/// Least allocated: 100 times the weighted mean share of each resource that the node would have
/// left (kube-scheduler 1.31 noderesources/least_allocated.go, without cutting to whole numbers).
/// Resources that a node does not offer do not count there.
class LeastAllocated final : public Scorer {
 public:
  LeastAllocated(const Parameters& parameters, const PolicyContext& context);
  void score_slice(const AskedOf& asked, const NodeSlice& nodes, std::span<const std::uint8_t> fits,
                   std::span<float> scores) const override;

 private:
  ResourceWeights weights_;
};

/// Most allocated: 100 minus the score of LeastAllocated (noderesources/most_allocated.go).
class MostAllocated final : public Scorer {
 public:
  MostAllocated(const Parameters& parameters, const PolicyContext& context);
  void score_slice(const AskedOf& asked, const NodeSlice& nodes, std::span<const std::uint8_t> fits,
                   std::span<float> scores) const override;

 private:
  ResourceWeights weights_;
};

/// Balanced allocation: 100 times one less the standard deviation of the shares that would be
/// allocated of each resource with a weight above zero (kube-scheduler 1.31
/// noderesources/balanced_allocation.go, without cutting to whole numbers).
class BalancedAllocation final : public Scorer {
 public:
  BalancedAllocation(const Parameters& parameters, const PolicyContext& context);
  void score_slice(const AskedOf& asked, const NodeSlice& nodes, std::span<const std::uint8_t> fits,
                   std::span<float> scores) const override;

 private:
  ResourceWeights weights_;
};

}  // namespace orrery::policies
