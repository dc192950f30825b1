#pragma once

#include "orrery/experiments/experiment/experiment.hpp"
#include "orrery/experiments/runner/runner.hpp"

namespace orrery::experiments {

/// Simulates a run of `experiment`, which must outlive the function.
[[nodiscard]] RunFunction simulate_runs_of(const Experiment& experiment);

}  // namespace orrery::experiments
