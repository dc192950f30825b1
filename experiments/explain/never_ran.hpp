#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/experiments/experiment/experiment.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// A pod that was on no node when its run ended, although it wanted to be, or that was refused.
struct NeverRan {
  std::string cluster;
  std::uint64_t uid = 0;
  std::string name;  ///< "NAMESPACE/NAME" of a manifest; empty: the work has no names
  std::string why;   ///< such as "no feasible node (3 × insufficient cpu)"

  friend bool operator==(const NeverRan&, const NeverRan&) = default;
};

/// Runs a variant of `experiment`, which must have a plan, once more and asks the policy at the end
/// about each pod that waits. By cluster and uid. Errors: those of the run.
[[nodiscard]] Result<std::vector<NeverRan>> pods_that_never_ran(const Experiment& experiment,
                                                                std::size_t variant,
                                                                std::uint64_t seed);

/// The list for people, at most `rows_max` of it (0: all): empty when every pod ran.
[[nodiscard]] std::string to_text(const std::vector<NeverRan>& pods, std::size_t rows_max);

}  // namespace orrery::experiments
