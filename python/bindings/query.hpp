#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "orrery/models/result.hpp"
#include "orrery/python/bindings/table.hpp"

namespace orrery::python {

using SqlValue = std::variant<std::int64_t, double, std::string>;
/// By column: facts to describe it with.
using Facts = std::map<std::string, std::map<std::string, std::string>>;

/// What the SQL statement `sql`, with `values` for its question marks, selects from the results
/// file at `path`. A column of whole numbers stays one; with any fraction in it, it becomes one of
/// numbers. Errors: not a results file; what SQLite says of the statement; a column that mixes
/// texts with numbers, or holds blobs.
[[nodiscard]] Result<std::shared_ptr<Table>> query(const std::string& path, const std::string& sql,
                                                   const std::vector<SqlValue>& values,
                                                   const Facts& facts);

/// A table of the results file whose rows hold points, and what to call its columns in Python.
struct PointsOf {
  const char* table;
  const char* positions;  ///< its column of packed positions
  const char* over;       ///< SQL for what the positions count
  const char* name;       ///< the name of the column of names
  const char* position;   ///< the name of the column of positions
  const char* fact;       ///< how `over` is noted there
};

inline constexpr PointsOf kSeries{.table = "series",
                                  .positions = "times",
                                  .over = "'s'",
                                  .name = "series",
                                  .position = "time_seconds",
                                  .fact = "unit"};
inline constexpr PointsOf kCurves{.table = "curves",
                                  .positions = "positions",
                                  .over = "over",
                                  .name = "curve",
                                  .position = "position",
                                  .fact = "over"};

/// The points of the series or curve `name` (all when empty) of `runs`: columns variant, seed,
/// name, position, value; in the order of runs and of positions. The value's fact "unit" is there
/// when one is named.
[[nodiscard]] Result<std::shared_ptr<Table>> read_points(const std::string& path,
                                                         const PointsOf& what,
                                                         const std::string& name,
                                                         const std::vector<std::int64_t>& runs);

}  // namespace orrery::python
