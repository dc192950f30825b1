#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// What SQLite's complaint means to the user of a results file. For sources of store/ only.
[[nodiscard]] Error database_error(const std::string& path, const SQLite::Exception& exception);

/// Not a results file, or one of a newer version.
[[nodiscard]] Result<void> check_is_results_file(SQLite::Database& database,
                                                 const std::string& path);

/// Runs `body`, turning SQLite's exceptions into an Error. `body` returns a Result or void.
template <class Body>
auto guarded(const std::string& path, Body&& body)
    -> std::conditional_t<std::is_void_v<std::invoke_result_t<Body>>, Result<void>,
                          std::invoke_result_t<Body>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
      std::forward<Body>(body)();
      return {};
    } else {
      return std::forward<Body>(body)();
    }
  } catch (const SQLite::Exception& exception) {
    return failure(database_error(path, exception));
  }
}

}  // namespace orrery::experiments
