#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/experiments/comparison/comparison.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

enum class ComparisonFormat : std::uint8_t { Table, Markdown, Csv, Json, Latex };

[[nodiscard]] const std::vector<std::string>& comparison_format_names();
/// Errors: an unknown format; lists those that there are.
[[nodiscard]] Result<ComparisonFormat> comparison_format(const std::string& name);

/// The whole comparison as text that ends with a newline. Csv has the columns
/// variant,metric,unit,n,mean,ci_low,ci_high,baseline,diff,diff_low,diff_high,verdict, empty where
/// there is no value; its numbers and those of Json read back exactly, the others are rounded.
[[nodiscard]] std::string format_comparison(const Comparison& comparison, ComparisonFormat format);

// One for each format.
[[nodiscard]] std::string to_table(const Comparison& comparison);
[[nodiscard]] std::string to_markdown(const Comparison& comparison);
[[nodiscard]] std::string to_csv(const Comparison& comparison);
[[nodiscard]] std::string to_json_text(const Comparison& comparison);
[[nodiscard]] std::string to_latex(const Comparison& comparison);

/// The cells that the formats for people share: rank, variant, n, mean, interval, difference,
/// interval of the difference, verdict.
struct PrintedRow {
  std::string rank;
  std::string variant;
  std::string count;
  std::string mean;
  std::string interval;
  std::string difference;
  std::string difference_interval;
  std::string verdict;
};
[[nodiscard]] std::vector<PrintedRow> printed_rows(const MetricComparison& metric);
/// "gpu_allocated (%), higher is better".
[[nodiscard]] std::string title_of(const MetricComparison& metric);
/// The baseline of all rows, or "its own baseline" when they differ.
[[nodiscard]] std::string common_baseline(const MetricComparison& metric);

}  // namespace orrery::experiments
