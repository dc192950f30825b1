#include "orrery/experiments/store/results_writer.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "orrery/experiments/document/difference.hpp"
#include "orrery/experiments/store/adopted_runs.hpp"
#include "orrery/experiments/store/database.hpp"
#include "orrery/experiments/store/file_lock.hpp"
#include "orrery/experiments/store/provenance.hpp"
#include "orrery/experiments/store/run_rows.hpp"
#include "orrery/experiments/store/schema.hpp"

namespace orrery::experiments {

struct ResultsWriter::Impl {
  Impl(std::string file, FileLock held, std::unique_ptr<SQLite::Database> opened)
      : path(std::move(file)), lock(std::move(held)), database(std::move(opened)) {}

  std::string path;
  std::optional<FileLock> lock;  // before the database, so that it is released after it
  std::unique_ptr<SQLite::Database> database;
  std::optional<RunRows> rows;  // statements of the database
  std::set<RunKey> finished;
};

namespace {

std::unique_ptr<SQLite::Database> open_database(const std::string& path, std::int64_t pages_max) {
  constexpr int kBusyMilliseconds = 2000;
  auto database = std::make_unique<SQLite::Database>(
      path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMilliseconds);
  if (pages_max > 0) database->exec(fmt::format("PRAGMA max_page_count = {}", pages_max));
  return database;
}

/// All tables and the provenance, or nothing.
void create_tables(SQLite::Database& database, const ExperimentRecord& experiment) {
  SQLite::Transaction transaction(database);
  database.exec(fmt::format("PRAGMA application_id = {}", kResultsApplicationId));
  database.exec(fmt::format("PRAGMA user_version = {}", kResultsSchemaVersion));
  database.exec(kResultsTables);
  SQLite::Statement meta(database, "INSERT INTO meta VALUES (?, ?)");
  for (const auto& [key, value] : provenance_of(experiment)) {
    meta.bind(1, key);
    meta.bind(2, value);
    meta.exec();
    meta.reset();
  }
  SQLite::Statement variant(database, "INSERT INTO variants VALUES (?, ?, ?)");
  for (std::size_t i = 0; i < experiment.variants.size(); ++i) {
    variant.bind(1, static_cast<std::int64_t>(i));
    variant.bind(2, experiment.variants[i].name);
    variant.bind(3, experiment.variants[i].settings);
    variant.exec();
    variant.reset();
  }
  transaction.commit();
}

/// Traces that earlier calls did not read, because of --only or because they were absent.
void add_traces(SQLite::Database& database, const ExperimentRecord& experiment) {
  if (experiment.traces.empty()) return;
  SQLite::Transaction transaction(database);
  SQLite::Statement trace(database, "INSERT OR IGNORE INTO traces VALUES (?, ?)");
  for (const auto& [path, digest] : experiment.traces) {
    trace.bind(1, path);
    trace.bind(2, digest);
    trace.exec();
    trace.reset();
  }
  transaction.commit();
}

std::string meta_value(SQLite::Database& database, const std::string& key) {
  SQLite::Statement query(database, "SELECT value FROM meta WHERE key = ?");
  query.bind(1, key);
  return query.executeStep() ? query.getColumn(0).getString() : "";
}

/// The files that were read must be the same ones; files that only one side names are new or gone.
std::string changed_trace(SQLite::Database& database, const ExperimentRecord& experiment) {
  SQLite::Statement query(database, "SELECT digest FROM traces WHERE path = ?");
  for (const auto& [path, digest] : experiment.traces) {
    query.bind(1, path);
    if (query.executeStep() && query.getColumn(0).getString() != digest) return path;
    query.reset();
  }
  return "";
}

/// The file must hold the same experiment with the same settings; seeds may be added.
Result<void> check_same_experiment(SQLite::Database& database, const std::string& path,
                                   const ExperimentRecord& experiment) {
  Error error{.at = {.file = path},
              .hint = "name another file with --out, or remove this one to start over"};
  if (const std::string name = meta_value(database, "experiment"); name != experiment.name) {
    error.message =
        fmt::format("this file holds another experiment, '{}' and not '{}'", name, experiment.name);
    return failure(std::move(error));
  }
  if (meta_value(database, "document_digest") != experiment.document_digest) {
    error.message =
        fmt::format("this file holds '{}' with other settings: {}", experiment.name,
                    first_difference(meta_value(database, "document"), experiment.document));
    return failure(std::move(error));
  }
  if (const std::string trace = changed_trace(database, experiment); !trace.empty()) {
    error.message = fmt::format("the runs in this file have read another content of {}", trace);
    return failure(std::move(error));
  }
  return {};
}

std::set<RunKey> finished_runs(SQLite::Database& database) {
  std::set<RunKey> finished;
  SQLite::Statement query(database, "SELECT variant, seed FROM runs WHERE status = 'ok'");
  while (query.executeStep()) {
    finished.insert({.variant = static_cast<std::size_t>(query.getColumn(0).getInt64()),
                     .seed = static_cast<std::uint64_t>(query.getColumn(1).getInt64())});
  }
  return finished;
}

bool is_empty_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::file_size(path, ignored) == 0 && !ignored;
}

void remove_files(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::remove((path + suffix).c_str());
  }
}

}  // namespace

Result<ResultsWriter> ResultsWriter::open(const std::string& path,
                                          const ExperimentRecord& experiment,
                                          std::int64_t pages_max) {
  auto lock = FileLock::acquire(path);
  if (!lock) return failure(std::move(lock.error()));
  const bool is_new = is_empty_file(path);

  auto opened = guarded(path, [&]() -> Result<ResultsWriter> {
    auto database = open_database(path, pages_max);
    if (!is_new) {
      if (auto ours = check_is_results_file(*database, path); !ours) {
        return failure(std::move(ours.error()));
      }
      if (auto same = check_same_experiment(*database, path, experiment); !same) {
        return failure(std::move(same.error()));
      }
    }
    // A file that does not exist yet has nothing to lose: it need not wait for the disk.
    if (is_new) database->exec("PRAGMA synchronous = OFF");
    database->exec("PRAGMA journal_mode = WAL");
    if (is_new) create_tables(*database, experiment);
    database->exec(kLaterResultsTables);
    database->exec("PRAGMA synchronous = NORMAL");
    add_traces(*database, experiment);
    auto impl = std::make_unique<Impl>(path, std::move(*lock), std::move(database));
    impl->finished = finished_runs(*impl->database);
    impl->rows.emplace(*impl->database);
    return ResultsWriter(std::move(impl));
  });
  if (!opened && is_new) remove_files(path);
  return opened;
}

Result<void> ResultsWriter::plan(const std::vector<RunKey>& runs) {
  return guarded(impl_->path, [&] {
    SQLite::Transaction transaction(*impl_->database);
    SQLite::Statement insert(*impl_->database,
                             "INSERT OR IGNORE INTO runs (variant, seed, status) "
                             "VALUES (?, ?, 'pending')");
    for (const RunKey& run : runs) {
      insert.bind(1, static_cast<std::int64_t>(run.variant));
      insert.bind(2, static_cast<std::int64_t>(run.seed));
      insert.exec();
      insert.reset();
    }
    transaction.commit();
  });
}

const std::set<RunKey>& ResultsWriter::finished() const { return impl_->finished; }

Result<void> ResultsWriter::store(const RunRecord& run) {
  auto stored = guarded(impl_->path, [&] {
    SQLite::Transaction transaction(*impl_->database);
    impl_->rows->write(run);
    transaction.commit();
  });
  if (!stored) {
    impl_->rows->reset();  // statements that failed half-way must not hold the transaction
    return stored;
  }
  if (run.status == RunStatus::Ok) impl_->finished.insert(run.key);
  return stored;
}

Result<std::vector<RunRecord>> ResultsWriter::adopt(const std::string& path) {
  auto adopted = guarded(path, [&]() -> Result<std::vector<RunRecord>> {
    {
      SQLite::Database other(path, SQLite::OPEN_READONLY);
      if (auto ours = check_is_results_file(other, path); !ours) {
        return failure(std::move(ours.error()));
      }
      const std::string digest = meta_value(*impl_->database, "document_digest");
      if (meta_value(other, "document_digest") != digest) {
        return failure(
            Error{.at = {.file = path},
                  .message = "these are runs of another experiment, or of other settings",
                  .found = {},
                  .expected = {},
                  .hint = {}});
      }
    }
    return adopt_runs(*impl_->database, *impl_->rows, path, impl_->finished);
  });
  if (!adopted) {
    impl_->rows->reset();
    return adopted;
  }
  for (const RunRecord& run : *adopted) {
    if (run.status == RunStatus::Ok) impl_->finished.insert(run.key);
  }
  return adopted;
}

Result<void> ResultsWriter::close() {
  return guarded(impl_->path, [&] {
    impl_->rows.reset();
    impl_->database->exec("PRAGMA wal_checkpoint(TRUNCATE)");
    try {
      impl_->database->exec("PRAGMA journal_mode = DELETE");
    } catch (const SQLite::Exception&) {
      // Someone is reading: the log stays beside the file until the last reader has gone.
    }
    impl_->database.reset();
    impl_->lock.reset();
  });
}

ResultsWriter::ResultsWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ResultsWriter::ResultsWriter(ResultsWriter&&) noexcept = default;
ResultsWriter& ResultsWriter::operator=(ResultsWriter&&) noexcept = default;
ResultsWriter::~ResultsWriter() = default;

}  // namespace orrery::experiments
