#include "orrery/experiments/store/database.hpp"

#include <sqlite3.h>

#include <fmt/format.h>

#include "orrery/experiments/store/schema.hpp"

namespace orrery::experiments {

Error database_error(const std::string& path, const SQLite::Exception& exception) {
  Error error{.at = {.file = path}, .message = exception.what()};
  switch (exception.getErrorCode()) {
    case SQLITE_NOTADB:
      error.message = "this is not a results file of orrery";
      error.hint = "name a file that 'orrery run' has written, or a new one";
      break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
      error.message = fmt::format("cannot write or read it: {}", exception.getErrorStr());
      error.hint = "is the disk full? What was finished is kept: make room and run the same again";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      error.message = "another program holds this file locked";
      error.hint = "close it there, or name another file";
      break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      error.message = fmt::format("cannot open it: {}", exception.getErrorStr());
      error.hint = "do the file and its directory exist, and may you write there?";
      break;
    case SQLITE_CORRUPT:
      error.message = "this results file is damaged";
      error.hint = "run the experiment again into a new file";
      break;
    default:
      break;
  }
  return error;
}

Result<void> check_is_results_file(SQLite::Database& database, const std::string& path) {
  const int application = database.execAndGet("PRAGMA application_id").getInt();
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (application != kResultsApplicationId) {
    return failure({.at = {.file = path},
                    .message = "this is not a results file of orrery",
                    .hint = "name a file that 'orrery run' has written, or a new one"});
  }
  if (version > kResultsSchemaVersion) {
    return failure({.at = {.file = path},
                    .message = "this results file comes from a newer orrery",
                    .found = fmt::format("results format {}", version),
                    .expected = fmt::format("at most {}", kResultsSchemaVersion),
                    .hint = "use that version of orrery, or run again into a new file"});
  }
  return {};
}

}  // namespace orrery::experiments
