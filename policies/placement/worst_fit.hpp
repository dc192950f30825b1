#pragma once

#include "orrery/policies/placement/leftover_fit.hpp"

namespace orrery::policies {

/// Worst fit: the node that the pod would leave with the most, see LeftoverFit.
class WorstFit final : public LeftoverFit {
 public:
  WorstFit(const Parameters& parameters, const PolicyContext& /*context*/)
      : LeftoverFit(parameters, Prefer::MostLeft) {}
};

}  // namespace orrery::policies
