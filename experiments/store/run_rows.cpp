#include "orrery/experiments/store/run_rows.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/store/provenance.hpp"

namespace orrery::experiments {
namespace {

static_assert(std::endian::native == std::endian::little, "series are little-endian doubles");

/// NaN is stored as NULL: the run defines no value.
void bind_number(SQLite::Statement& statement, int index, double value) {
  if (std::isnan(value)) {
    statement.bind(index);
  } else {
    statement.bind(index, value);
  }
}

void run_once(SQLite::Statement& statement) {
  statement.exec();
  statement.reset();
}

void bind_doubles(SQLite::Statement& statement, int index, const std::vector<double>& values) {
  statement.bind(index, values.data(), static_cast<int>(values.size() * sizeof(double)));
}

/// Names come from traces, which may hold bytes that are no UTF-8.
constexpr auto kReplaceBadText = nlohmann::json::error_handler_t::replace;

}  // namespace

RunRows::RunRows(SQLite::Database& database)
    : database_(database),
      find_run_(database, "SELECT id FROM runs WHERE variant = ? AND seed = ?"),
      add_run_(database, "INSERT INTO runs (variant, seed, status) VALUES (?, ?, 'pending')"),
      update_run_(database,
                  "UPDATE runs SET status = ?2, error = ?3, fingerprint = ?4, "
                  "simulated_seconds = ?5, events = ?6 WHERE id = ?1"),
      find_metric_(database, "SELECT id FROM metric_names WHERE name = ?"),
      add_metric_(database, "INSERT INTO metric_names (name, unit, direction) VALUES (?, ?, ?)"),
      add_value_(database, "INSERT INTO metrics VALUES (?, ?, ?)"),
      add_counter_(database, "INSERT INTO counters VALUES (?, ?, ?)"),
      add_series_(database, "INSERT INTO series VALUES (?, ?, ?, ?, ?)"),
      add_curve_(database, "INSERT INTO curves VALUES (?, ?, ?, ?, ?, ?)"),
      add_heat_map_(database, "INSERT INTO heat_maps VALUES (?, ?, ?, ?, ?, ?)"),
      add_distribution_(database, "INSERT INTO distributions VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      add_quantile_(database, "INSERT INTO quantiles VALUES (?, ?, ?, ?)"),
      add_timing_(database, "INSERT OR REPLACE INTO timings VALUES (?, ?, ?)") {}

void RunRows::write(const RunRecord& run) {
  const std::int64_t id = begin(run.key);
  update_run(id, run);
  write_timing(id, run.outcome);
  if (run.status != RunStatus::Ok) return;
  write_metrics(id, run.outcome);
  write_counters(id, run.outcome);
  write_series(id, run.outcome);
  write_curves(id, run.outcome);
  write_heat_maps(id, run.outcome);
  write_distributions(id, run.outcome);
}

std::int64_t RunRows::begin(const RunKey& key) {
  const std::int64_t id = run_id(key);
  remove_old_rows(id);
  return id;
}

void RunRows::reset() {
  for (SQLite::Statement* statement :
       {&find_run_, &add_run_, &update_run_, &find_metric_, &add_metric_, &add_value_,
        &add_counter_, &add_series_, &add_curve_, &add_heat_map_, &add_distribution_,
        &add_quantile_, &add_timing_}) {
    static_cast<void>(statement->tryReset());
  }
  metric_ids_.clear();
}

std::int64_t RunRows::run_id(const RunKey& key) {
  find_run_.bind(1, static_cast<std::int64_t>(key.variant));
  find_run_.bind(2, static_cast<std::int64_t>(key.seed));
  const std::int64_t found = find_run_.executeStep() ? find_run_.getColumn(0).getInt64() : -1;
  find_run_.reset();
  if (found >= 0) return found;
  add_run_.bind(1, static_cast<std::int64_t>(key.variant));
  add_run_.bind(2, static_cast<std::int64_t>(key.seed));
  run_once(add_run_);
  return database_.getLastInsertRowid();
}

void RunRows::remove_old_rows(std::int64_t run) {
  for (const char* table :
       {"metrics", "counters", "series", "curves", "heat_maps", "distributions", "quantiles"}) {
    database_.exec(fmt::format("DELETE FROM {} WHERE run = {}", table, run));
  }
}

void RunRows::update_run(std::int64_t run, const RunRecord& record) {
  update_run_.bind(1, run);
  update_run_.bind(2, std::string(to_string(record.status)));
  if (record.status == RunStatus::Ok) {
    update_run_.bind(3);
    update_run_.bind(4, fmt::format("{:016x}", record.outcome.fingerprint));
    update_run_.bind(5, seconds(record.outcome.simulated_end));
    update_run_.bind(6, static_cast<std::int64_t>(record.outcome.events));
  } else {
    update_run_.bind(3, record.error);
    for (const int column : {4, 5, 6}) update_run_.bind(column);
  }
  run_once(update_run_);
}

std::int64_t RunRows::metric_id(const MetricValue& metric) {
  if (const auto known = metric_ids_.find(metric.name); known != metric_ids_.end()) {
    return known->second;
  }
  find_metric_.bind(1, metric.name);
  std::int64_t id = find_metric_.executeStep() ? find_metric_.getColumn(0).getInt64() : -1;
  find_metric_.reset();
  if (id < 0) {
    add_metric_.bind(1, metric.name);
    add_metric_.bind(2, metric.unit);
    add_metric_.bind(3, to_string(metric.direction));
    run_once(add_metric_);
    id = database_.getLastInsertRowid();
  }
  metric_ids_.emplace(metric.name, id);
  return id;
}

void RunRows::write_metrics(std::int64_t run, const RunOutcome& outcome) {
  for (const MetricValue& metric : outcome.metrics) {
    add_value_.bind(1, run);
    add_value_.bind(2, metric_id(metric));
    bind_number(add_value_, 3, metric.value);
    run_once(add_value_);
  }
}

void RunRows::write_counters(std::int64_t run, const RunOutcome& outcome) {
  for (const Counter& counter : outcome.counters) {
    add_counter_.bind(1, run);
    add_counter_.bind(2, counter.name);
    add_counter_.bind(3, counter.value);
    run_once(add_counter_);
  }
}

void RunRows::write_series(std::int64_t run, const RunOutcome& outcome) {
  std::vector<double> times;
  std::vector<double> values;
  for (const Series& series : outcome.series) {
    times.clear();
    values.clear();
    for (const SeriesPoint& point : series.points) {
      times.push_back(point.time_seconds);
      values.push_back(point.value);
    }
    add_series_.bind(1, run);
    add_series_.bind(2, series.name);
    add_series_.bind(3, series.unit);
    bind_doubles(add_series_, 4, times);
    bind_doubles(add_series_, 5, values);
    run_once(add_series_);
  }
}

void RunRows::write_curves(std::int64_t run, const RunOutcome& outcome) {
  for (const Curve& curve : outcome.curves) {
    std::vector<double> positions;
    std::vector<double> values;
    for (const CurvePoint& point : curve.points) {
      positions.push_back(point.at);
      values.push_back(point.value);
    }
    add_curve_.bind(1, run);
    add_curve_.bind(2, curve.name);
    add_curve_.bind(3, curve.unit);
    add_curve_.bind(4, curve.over);
    bind_doubles(add_curve_, 5, positions);
    bind_doubles(add_curve_, 6, values);
    run_once(add_curve_);
  }
}

void RunRows::write_heat_maps(std::int64_t run, const RunOutcome& outcome) {
  for (const HeatMap& map : outcome.heat_maps) {
    std::vector<std::uint8_t> percents;
    percents.reserve(map.values.size());
    for (const double value : map.values) {
      percents.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 100.0))));
    }
    add_heat_map_.bind(1, run);
    add_heat_map_.bind(2, map.name);
    add_heat_map_.bind(3, map.unit);
    add_heat_map_.bind(4, nlohmann::json(map.rows).dump(-1, ' ', false, kReplaceBadText));
    bind_doubles(add_heat_map_, 5, map.edges);
    add_heat_map_.bind(6, percents.data(), static_cast<int>(percents.size()));
    run_once(add_heat_map_);
  }
}

void RunRows::write_distributions(std::int64_t run, const RunOutcome& outcome) {
  for (const DistributionSummary& summary : outcome.distributions) {
    add_distribution_.bind(1, run);
    add_distribution_.bind(2, summary.name);
    add_distribution_.bind(3, summary.unit);
    add_distribution_.bind(4, static_cast<std::int64_t>(summary.count));
    bind_number(add_distribution_, 5, summary.mean);
    bind_number(add_distribution_, 6, summary.standard_deviation);
    bind_number(add_distribution_, 7, summary.min);
    bind_number(add_distribution_, 8, summary.max);
    run_once(add_distribution_);
    for (const Quantile& quantile : summary.quantiles) {
      add_quantile_.bind(1, run);
      add_quantile_.bind(2, summary.name);
      add_quantile_.bind(3, quantile.probability);
      bind_number(add_quantile_, 4, quantile.value);
      run_once(add_quantile_);
    }
  }
}

void RunRows::write_timing(std::int64_t run, const RunOutcome& outcome) {
  add_timing_.bind(1, run);
  add_timing_.bind(2, outcome.wall_seconds);
  add_timing_.bind(3, utc_now());
  run_once(add_timing_);
}

}  // namespace orrery::experiments
