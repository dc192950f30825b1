#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "orrery/experiments/store/records.hpp"

namespace orrery::experiments {

/// The prepared statements that write one run's rows. For sources of store/ only; throws SQLite's
/// exceptions. The caller owns the transaction.
class RunRows {
 public:
  /// `database` must outlive it.
  explicit RunRows(SQLite::Database& database);

  void write(const RunRecord& run);
  /// The id of a run, of which nothing is left in the tables of what runs yield.
  std::int64_t begin(const RunKey& key);
  /// After a failed write: lets go of every statement and forgets names that were rolled back.
  void reset();

 private:
  std::int64_t run_id(const RunKey& key);
  void remove_old_rows(std::int64_t run);
  void update_run(std::int64_t run, const RunRecord& record);
  void write_metrics(std::int64_t run, const RunOutcome& outcome);
  void write_counters(std::int64_t run, const RunOutcome& outcome);
  void write_series(std::int64_t run, const RunOutcome& outcome);
  void write_curves(std::int64_t run, const RunOutcome& outcome);
  void write_heat_maps(std::int64_t run, const RunOutcome& outcome);
  void write_distributions(std::int64_t run, const RunOutcome& outcome);
  void write_timing(std::int64_t run, const RunOutcome& outcome);
  std::int64_t metric_id(const MetricValue& metric);

  SQLite::Database& database_;
  SQLite::Statement find_run_;
  SQLite::Statement add_run_;
  SQLite::Statement update_run_;
  SQLite::Statement find_metric_;
  SQLite::Statement add_metric_;
  SQLite::Statement add_value_;
  SQLite::Statement add_counter_;
  SQLite::Statement add_series_;
  SQLite::Statement add_curve_;
  SQLite::Statement add_heat_map_;
  SQLite::Statement add_distribution_;
  SQLite::Statement add_quantile_;
  SQLite::Statement add_timing_;
  std::map<std::string, std::int64_t> metric_ids_;
};

}  // namespace orrery::experiments
