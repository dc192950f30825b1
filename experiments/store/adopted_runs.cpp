#include "orrery/experiments/store/adopted_runs.hpp"

#include <array>

#include <fmt/format.h>

namespace orrery::experiments {
namespace {

/// The other file is part of the connection while this lives.
class Attached {
 public:
  Attached(SQLite::Database& database, const std::string& path) : database_(database) {
    SQLite::Statement attach(database, "ATTACH DATABASE ? AS other");
    attach.bind(1, path);
    attach.exec();
  }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;
  ~Attached() {
    try {
      database_.exec("DETACH DATABASE other");
    } catch (const SQLite::Exception&) {
      // It goes with the connection.
    }
  }

 private:
  SQLite::Database& database_;
};

struct EndedRun {
  std::int64_t id = 0;  ///< in the other file
  RunRecord record;
};

/// Tables whose first column is the run, and their other columns.
struct RowsOfRun {
  const char* table;
  const char* columns;
};
constexpr std::array<RowsOfRun, 7> kRowsOfRun{{
    {"counters", "name, value"},
    {"series", R"(name, unit, times, "values")"},
    {"curves", R"(name, unit, over, positions, "values")"},
    {"heat_maps", R"(name, unit, rows, edges, "values")"},
    {"distributions", "name, unit, count, mean, standard_deviation, min, max"},
    {"quantiles", "distribution, probability, value"},
    {"timings", "wall_seconds, finished"},
}};

std::vector<EndedRun> ended_runs(SQLite::Database& database, const std::set<RunKey>& finished) {
  SQLite::Statement query(
      database,
      "SELECT theirs.id, mine.id, theirs.seed, theirs.status, theirs.error FROM other.runs theirs "
      "JOIN other.variants their_variant ON their_variant.id = theirs.variant "
      "JOIN main.variants mine ON mine.name = their_variant.name "
      "WHERE theirs.status <> 'pending' ORDER BY theirs.id");
  std::vector<EndedRun> ended;
  while (query.executeStep()) {
    EndedRun run{.id = query.getColumn(0).getInt64()};
    run.record.key = {.variant = static_cast<std::size_t>(query.getColumn(1).getInt64()),
                      .seed = static_cast<std::uint64_t>(query.getColumn(2).getInt64())};
    const bool is_ok = query.getColumn(3).getString() == to_string(RunStatus::Ok);
    run.record.status = is_ok ? RunStatus::Ok : RunStatus::Failed;
    run.record.error = query.getColumn(4).getString();
    if (!finished.contains(run.record.key)) ended.push_back(std::move(run));
  }
  return ended;
}

/// Runs a statement of two run ids: ours and theirs.
void execute(SQLite::Database& database, const std::string& sql, std::int64_t mine,
             std::int64_t theirs) {
  SQLite::Statement statement(database, sql);
  statement.bind(1, mine);
  statement.bind(2, theirs);
  statement.exec();
}

void copy_rows(SQLite::Database& database, std::int64_t mine, std::int64_t theirs) {
  for (const auto& [table, columns] : kRowsOfRun) {
    execute(database,
            fmt::format("INSERT OR REPLACE INTO main.{0} (run, {1}) SELECT ?1, {1} FROM other.{0} "
                        "WHERE run = ?2",
                        table, columns),
            mine, theirs);
  }
  execute(database,
          "INSERT INTO main.metrics (run, metric, value) SELECT ?1, mine.id, theirs.value "
          "FROM other.metrics theirs JOIN other.metric_names named ON named.id = theirs.metric "
          "JOIN main.metric_names mine ON mine.name = named.name WHERE theirs.run = ?2",
          mine, theirs);
  execute(database,
          "UPDATE main.runs SET (status, error, fingerprint, simulated_seconds, events) = "
          "(SELECT status, error, fingerprint, simulated_seconds, events FROM other.runs "
          "WHERE id = ?2) WHERE id = ?1",
          mine, theirs);
}

}  // namespace

std::vector<RunRecord> adopt_runs(SQLite::Database& database, RunRows& rows,
                                  const std::string& path, const std::set<RunKey>& finished) {
  const Attached attached(database, path);
  SQLite::Transaction transaction(database);
  database.exec(
      "INSERT OR IGNORE INTO main.metric_names (name, unit, direction) "
      "SELECT name, unit, direction FROM other.metric_names ORDER BY id");
  std::vector<RunRecord> adopted;
  for (EndedRun& run : ended_runs(database, finished)) {
    copy_rows(database, rows.begin(run.record.key), run.id);
    adopted.push_back(std::move(run.record));
  }
  transaction.commit();
  return adopted;
}

}  // namespace orrery::experiments
