#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orrery/experiments/statistics/paired.hpp"
#include "orrery/experiments/store/results_reader.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

struct ComparisonOptions {
  std::vector<std::string> metrics;   ///< names or patterns with "*"; empty: those of the document
  std::vector<std::string> variants;  ///< the same for variants; empty: all
  std::string baseline;               ///< see Baselines; empty: that of the document
};

/// One variant under one metric.
struct ComparisonRow {
  std::string variant;
  MeanEstimate estimate;
  std::string baseline;  ///< the variant it is compared with; itself when it is the baseline
  std::optional<MeanEstimate> difference;  ///< to the baseline, paired by seed; none for itself
  Verdict verdict = Verdict::Baseline;
  std::size_t rank = 0;  ///< among variants with the same baseline, 1 is best; 0: not ranked
};

struct MetricComparison {
  std::string name;
  std::string unit;
  Direction direction = Direction::Neutral;
  std::vector<ComparisonRow> rows;  ///< in the order of the document
};

struct Comparison {
  std::string experiment;
  std::vector<MetricComparison> metrics;
  std::vector<std::string> notes;  ///< failed and missing runs, for people
};

/// Which variant each one is compared with. A pattern may be the name of a variant, or have "*" for
/// parts between slashes that a variant shares with its baseline: with "*/random", "cpu050/fgd" is
/// compared with "cpu050/random". "random" alone means "*/random" where no variant has that name.
/// Errors: a variant whose baseline does not exist.
[[nodiscard]] Result<std::vector<std::size_t>> find_baselines(
    const std::vector<std::string>& variants, const std::string& pattern);

/// Means, paired differences, verdicts and ranks. Intervals are for each comparison by itself.
/// Errors: unknown metrics, variants or baselines (says what there is), no finished run.
[[nodiscard]] Result<Comparison> compare(const ResultsReader& results,
                                         const ComparisonOptions& options);

}  // namespace orrery::experiments
