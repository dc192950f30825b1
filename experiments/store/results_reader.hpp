#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "orrery/experiments/statistics/paired.hpp"
#include "orrery/experiments/store/records.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// A metric of all variants.
struct MetricSamples {
  std::string name;
  std::string unit;
  Direction direction = Direction::Neutral;
  std::vector<ValuesBySeed> by_variant;  ///< in the order of ResultsReader::variants()
};

/// A row of the runs table.
struct RunRow {
  std::int64_t id = 0;
  RunKey key;
  RunStatus status = RunStatus::Pending;
  std::string error;
  std::string fingerprint;
  double simulated_seconds = 0;  ///< virtual time at its end; 0 unless it is ok
};

/// Reads a results file, also while a run is still writing to it.
class ResultsReader {
 public:
  /// Errors: no such file, not a results file, a newer version, locked.
  [[nodiscard]] static Result<ResultsReader> open(const std::string& path);

  ResultsReader(ResultsReader&&) noexcept;
  ResultsReader& operator=(ResultsReader&&) noexcept;
  ~ResultsReader();

  /// A row of the meta table; empty when there is none.
  [[nodiscard]] Result<std::string> meta(const std::string& key) const;
  [[nodiscard]] Result<std::vector<VariantRecord>> variants() const;
  /// By variant and seed.
  [[nodiscard]] Result<std::vector<RunRow>> runs() const;
  /// All metrics of the runs that are ok, in the order in which runs name them.
  [[nodiscard]] Result<std::vector<MetricSamples>> metrics() const;
  /// The series `name` of one run; empty when the run has none.
  [[nodiscard]] Result<std::vector<SeriesPoint>> series(std::int64_t run,
                                                        const std::string& name) const;

 private:
  struct Impl;
  explicit ResultsReader(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::experiments
