#pragma once

#include <cstdint>
#include <string>

#include "orrery/experiments/experiment/experiment.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

struct ExplainRequest {
  std::size_t variant = 0;  ///< one that has a plan
  std::uint64_t seed = 0;
  std::uint64_t pod = 0;      ///< uid: pods count up from 1 in the order of their arrival
  std::string cluster;        ///< empty: the first cluster in which the pod was tried
  std::size_t rows_max = 20;  ///< nodes to print; 0: all
};

/// Why a pod is where it is: runs a variant of `experiment` again to the cycle that decided
/// about the pod (that bound it, or else the last that tried it) and prints filters and scores of
/// every node at that moment, best first. Errors: the pod was never tried.
[[nodiscard]] Result<std::string> explain_pod(const Experiment& experiment,
                                              const ExplainRequest& request);

}  // namespace orrery::experiments
