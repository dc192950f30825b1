#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "orrery/experiments/store/records.hpp"
#include "orrery/experiments/store/run_rows.hpp"

namespace orrery::experiments {

/// Copies the runs that have ended from the results file `path`, of the same experiment, into
/// `database`, whose rows `rows` writes: those that are not in `finished` already. Returns their
/// keys and errors; outcomes stay in the file. One transaction. For sources of store/ only; throws
/// SQLite's exceptions.
[[nodiscard]] std::vector<RunRecord> adopt_runs(SQLite::Database& database, RunRows& rows,
                                                const std::string& path,
                                                const std::set<RunKey>& finished);

}  // namespace orrery::experiments
