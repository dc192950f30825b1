#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "orrery/experiments/runner/progress.hpp"
#include "orrery/experiments/store/records.hpp"
#include "orrery/experiments/store/results_writer.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/run_outcome.hpp"

namespace orrery::experiments {

/// Runs one variant under one seed. Called from several threads at once; each call builds its own
/// simulation. It may throw (CheckFailure: a bug). When a stop is requested it ends soon, with any
/// error: the run is then dropped and not recorded.
using RunFunction = std::function<Result<RunOutcome>(const RunKey&, const std::stop_token&)>;

struct RunnerOptions {
  std::size_t jobs = 1;  ///< threads; at least one
  std::stop_token stop;  ///< Ctrl-C
  /// Told after each run and a few times a second, always on the caller's thread; may be empty.
  std::function<void(const Progress&)> on_progress;
};

/// How a sweep ended.
struct SweepSummary {
  std::size_t finished = 0;  ///< runs that ended well in this call
  std::size_t skipped = 0;   ///< runs that the file had already
  std::vector<RunRecord> failed;
  bool was_interrupted = false;
  double wall_seconds = 0;
};

/// Runs what `results` lacks of `runs`, in their order, on `jobs` threads, and commits each run as
/// it ends. What is stored of a run does not depend on `jobs`. A failed run is recorded and the
/// others go on. When results cannot be stored any more (full disk), the sweep stops with that
/// error; what was stored stays.
[[nodiscard]] Result<SweepSummary> run_sweep(const std::vector<RunKey>& runs,
                                             const RunFunction& run_one, ResultsWriter& results,
                                             const RunnerOptions& options);

}  // namespace orrery::experiments
