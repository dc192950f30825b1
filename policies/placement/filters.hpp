#pragma once

#include "orrery/policies/placement/scorer.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {

/// Keeps pods without GPU request off nodes with GPUs.
class SpareGpuNodes final : public Filter {
 public:
  [[nodiscard]] bool admits(const AskedOf& asked, NodeId node) const override;
};

/// Leaves a share of each node's CPU and memory free.
class Headroom final : public Filter {
 public:
  Headroom(const Parameters& parameters, const PolicyContext& context);
  [[nodiscard]] bool admits(const AskedOf& asked, NodeId node) const override;
  [[nodiscard]] static std::vector<ParameterSpec> parameters();

 private:
  double percent_;
};

}  // namespace orrery::policies
