#include "orrery/experiments/store/results_reader.hpp"

#include <cstring>
#include <filesystem>
#include <map>
#include <utility>

#include "orrery/experiments/store/database.hpp"

namespace orrery::experiments {

struct ResultsReader::Impl {
  std::string path;
  mutable SQLite::Database database;
};

namespace {

constexpr int kBusyMilliseconds = 2000;

Direction direction_of(const std::string& text) {
  if (text == "higher") return Direction::HigherIsBetter;
  if (text == "lower") return Direction::LowerIsBetter;
  return Direction::Neutral;
}

RunStatus status_of(const std::string& text) {
  if (text == "ok") return RunStatus::Ok;
  if (text == "failed") return RunStatus::Failed;
  return RunStatus::Pending;
}

std::vector<double> doubles_of(const SQLite::Column& column) {
  std::vector<double> values(static_cast<std::size_t>(column.getBytes()) / sizeof(double));
  if (!values.empty()) std::memcpy(values.data(), column.getBlob(), values.size() * sizeof(double));
  return values;
}

}  // namespace

std::string_view to_string(RunStatus status) {
  switch (status) {
    case RunStatus::Pending:
      return "pending";
    case RunStatus::Ok:
      return "ok";
    case RunStatus::Failed:
      return "failed";
  }
  return "?";
}

Result<ResultsReader> ResultsReader::open(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return failure({.at = {.file = path},
                    .message = "there is no such results file",
                    .hint = "'orrery run' prints where it has put its results"});
  }
  return guarded(path, [&]() -> Result<ResultsReader> {
    auto impl = std::unique_ptr<Impl>(
        new Impl{path, SQLite::Database(path, SQLite::OPEN_READONLY, kBusyMilliseconds)});
    if (auto ours = check_is_results_file(impl->database, path); !ours) {
      return failure(std::move(ours.error()));
    }
    return ResultsReader(std::move(impl));
  });
}

Result<std::string> ResultsReader::meta(const std::string& key) const {
  return guarded(impl_->path, [&]() -> Result<std::string> {
    SQLite::Statement query(impl_->database, "SELECT value FROM meta WHERE key = ?");
    query.bind(1, key);
    return query.executeStep() ? query.getColumn(0).getString() : std::string();
  });
}

Result<std::vector<VariantRecord>> ResultsReader::variants() const {
  return guarded(impl_->path, [&]() -> Result<std::vector<VariantRecord>> {
    std::vector<VariantRecord> variants;
    SQLite::Statement query(impl_->database, "SELECT name, settings FROM variants ORDER BY id");
    while (query.executeStep()) {
      variants.push_back(
          {.name = query.getColumn(0).getString(), .settings = query.getColumn(1).getString()});
    }
    return variants;
  });
}

Result<std::vector<RunRow>> ResultsReader::runs() const {
  return guarded(impl_->path, [&]() -> Result<std::vector<RunRow>> {
    std::vector<RunRow> runs;
    SQLite::Statement query(impl_->database,
                            "SELECT id, variant, seed, status, error, fingerprint, "
                            "simulated_seconds FROM runs ORDER BY variant, seed");
    while (query.executeStep()) {
      runs.push_back({.id = query.getColumn(0).getInt64(),
                      .key = {.variant = static_cast<std::size_t>(query.getColumn(1).getInt64()),
                              .seed = static_cast<std::uint64_t>(query.getColumn(2).getInt64())},
                      .status = status_of(query.getColumn(3).getString()),
                      .error = query.getColumn(4).getString(),
                      .fingerprint = query.getColumn(5).getString(),
                      .simulated_seconds = query.getColumn(6).getDouble()});
    }
    return runs;
  });
}

Result<std::vector<MetricSamples>> ResultsReader::metrics() const {
  return guarded(impl_->path, [&]() -> Result<std::vector<MetricSamples>> {
    const auto variants = impl_->database.execAndGet("SELECT count(*) FROM variants").getInt64();
    std::vector<MetricSamples> metrics;
    std::map<std::int64_t, std::size_t> positions;
    SQLite::Statement names(impl_->database,
                            "SELECT id, name, unit, direction FROM metric_names ORDER BY id");
    while (names.executeStep()) {
      positions[names.getColumn(0).getInt64()] = metrics.size();
      metrics.push_back({.name = names.getColumn(1).getString(),
                         .unit = names.getColumn(2).getString(),
                         .direction = direction_of(names.getColumn(3).getString()),
                         .by_variant = {}});
      metrics.back().by_variant.resize(static_cast<std::size_t>(variants));
    }
    SQLite::Statement values(impl_->database,
                             "SELECT metric, variant, seed, value FROM metrics "
                             "JOIN runs ON runs.id = run AND status = 'ok' "
                             "WHERE value IS NOT NULL");
    while (values.executeStep()) {
      const std::size_t metric = positions.at(values.getColumn(0).getInt64());
      const auto variant = static_cast<std::size_t>(values.getColumn(1).getInt64());
      const auto seed = static_cast<std::uint64_t>(values.getColumn(2).getInt64());
      metrics[metric].by_variant.at(variant)[seed] = values.getColumn(3).getDouble();
    }
    return metrics;
  });
}

Result<std::vector<SeriesPoint>> ResultsReader::series(std::int64_t run,
                                                       const std::string& name) const {
  return guarded(impl_->path, [&]() -> Result<std::vector<SeriesPoint>> {
    SQLite::Statement query(impl_->database,
                            R"(SELECT times, "values" FROM series WHERE run = ? AND name = ?)");
    query.bind(1, run);
    query.bind(2, name);
    std::vector<SeriesPoint> points;
    if (!query.executeStep()) return points;
    const std::vector<double> times = doubles_of(query.getColumn(0));
    const std::vector<double> values = doubles_of(query.getColumn(1));
    for (std::size_t i = 0; i < std::min(times.size(), values.size()); ++i) {
      points.push_back({.time_seconds = times[i], .value = values[i]});
    }
    return points;
  });
}

ResultsReader::ResultsReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ResultsReader::ResultsReader(ResultsReader&&) noexcept = default;
ResultsReader& ResultsReader::operator=(ResultsReader&&) noexcept = default;
ResultsReader::~ResultsReader() = default;

}  // namespace orrery::experiments
