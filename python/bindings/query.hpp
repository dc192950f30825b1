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

/// The points of the series `name` (all series when empty) of `runs`: columns variant, seed,
/// series, time_seconds, value; in the order of runs and of time. The value's fact "unit" is the
/// series' when one is named.
[[nodiscard]] Result<std::shared_ptr<Table>> read_series(const std::string& path,
                                                         const std::string& name,
                                                         const std::vector<std::int64_t>& runs);

}  // namespace orrery::python
