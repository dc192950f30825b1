#pragma once

#include <cstdint>

namespace orrery::experiments {

/// SQLite's application id of a results file: "Orry".
inline constexpr std::int32_t kResultsApplicationId = 0x4F727279;
/// SQLite's user version: raised whenever a reader of the old tables would misread the new ones.
inline constexpr int kResultsSchemaVersion = 1;

/// The tables, as docs/results-format.md explains them.
extern const char* const kResultsTables;
/// Tables that came later: a file that lacks them gets them when it is written to again, and its
/// older runs have no rows in them.
extern const char* const kLaterResultsTables;

}  // namespace orrery::experiments
