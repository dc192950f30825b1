#pragma once

#include <string>

#include "orrery/experiments/experiment/experiment.hpp"
#include "orrery/experiments/runner/runner.hpp"

namespace orrery::experiments {

/// Simulates a run of `experiment`, which must outlive the function.
[[nodiscard]] RunFunction simulate_runs_of(const Experiment& experiment);

/// The same, and writes what each cluster's scheduler heard and decided to
/// FOLDER/VARIANT-SEED-CLUSTER.journal (docs/journal-format.md); characters that a file name should
/// not have become "-". Errors, besides those of the run: a journal that cannot be written.
[[nodiscard]] RunFunction journal_runs_of(const Experiment& experiment, std::string folder);

/// The same, and draws the run as a time line to `path` (sim/cluster/timeline_writer.hpp): for a
/// single run. Errors, besides those of the run: a file that cannot be written.
[[nodiscard]] RunFunction timeline_run_of(const Experiment& experiment, std::string path);

/// Letters, digits, "-", "_" and "." of `name`, anything else as "-".
[[nodiscard]] std::string file_name_of(const std::string& name);

}  // namespace orrery::experiments
