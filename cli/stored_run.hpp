#pragma once

#include <cstdint>
#include <string>

#include "orrery/experiments/store/records.hpp"
#include "orrery/models/result.hpp"

namespace orrery::cli {

/// What it takes to repeat a run.
struct StoredRun {
  experiments::VariantRecord variant;
  std::uint64_t seed = 0;
  double simulated_seconds = 0;  ///< virtual time at its end; 0: it has not come to one
};

/// The run of a results file that `--run` names: "17", its number, or "VARIANT@SEED".
[[nodiscard]] Result<StoredRun> find_stored_run(const std::string& results,
                                                const std::string& name);

}  // namespace orrery::cli
