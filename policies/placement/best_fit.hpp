#pragma once

#include "orrery/policies/placement/leftover_fit.hpp"

namespace orrery::policies {

/// Best fit: the node that the pod would leave with the least, see LeftoverFit.
class BestFit final : public LeftoverFit {
 public:
  BestFit(const Parameters& parameters, const PolicyContext& /*context*/)
      : LeftoverFit(parameters, Prefer::LeastLeft) {}
};

}  // namespace orrery::policies
