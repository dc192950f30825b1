#include "orrery/experiments/comparison/formats.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace orrery::experiments {
namespace {

constexpr const char* kNothing = "–";

/// As many decimals as the spread supports: the interval's half width keeps two significant digits,
/// with at least four significant digits of the value where there is no interval.
int decimals_for(const MeanEstimate& estimate) {
  const double scale = estimate.interval ? (estimate.interval->high - estimate.interval->low) / 2
                                         : std::abs(estimate.mean) / 100;
  if (!(scale > 0) || !std::isfinite(scale)) return 0;
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(scale))), 0, 12);
}

std::string number(double value, int decimals) {
  if (std::isnan(value)) return kNothing;
  if (value != 0 && (std::abs(value) >= 1e15 || std::abs(value) < 1e-9)) {
    return fmt::format("{:.4g}", value);
  }
  // Rounding may leave "-0.0", which looks like a finding.
  const std::string text = fmt::format("{:.{}f}", value, decimals);
  return text.find_first_not_of("-0.") == std::string::npos && text.front() == '-' ? text.substr(1)
                                                                                   : text;
}

std::string signed_number(double value, int decimals) {
  const std::string text = number(value, decimals);
  return value > 0 && text.find_first_not_of("0.") != std::string::npos ? "+" + text : text;
}

std::string interval_text(const std::optional<Interval>& interval, int decimals) {
  if (!interval) return kNothing;
  return fmt::format("{} … {}", number(interval->low, decimals), number(interval->high, decimals));
}

}  // namespace

const std::vector<std::string>& comparison_format_names() {
  static const std::vector<std::string> names = {"table", "markdown", "csv", "json", "latex"};
  return names;
}

Result<ComparisonFormat> comparison_format(const std::string& name) {
  const std::vector<std::string>& names = comparison_format_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    return failure({.at = {.file = "--format"},
                    .message = "",
                    .found = name,
                    .expected = "a format",
                    .hint = suggest(name, names)});
  }
  return static_cast<ComparisonFormat>(found - names.begin());
}

std::string format_comparison(const Comparison& comparison, ComparisonFormat format) {
  switch (format) {
    case ComparisonFormat::Table:
      return to_table(comparison);
    case ComparisonFormat::Markdown:
      return to_markdown(comparison);
    case ComparisonFormat::Csv:
      return to_csv(comparison);
    case ComparisonFormat::Json:
      return to_json_text(comparison);
    case ComparisonFormat::Latex:
      return to_latex(comparison);
  }
  return "";
}

std::vector<PrintedRow> printed_rows(const MetricComparison& metric) {
  std::vector<PrintedRow> rows;
  for (const ComparisonRow& row : metric.rows) {
    const int decimals = decimals_for(row.estimate);
    PrintedRow printed{.rank = row.rank == 0 ? "" : fmt::format("{}", row.rank),
                       .variant = row.variant,
                       .count = fmt::format("{}", row.estimate.count),
                       .mean = number(row.estimate.mean, decimals),
                       .interval = interval_text(row.estimate.interval, decimals),
                       .verdict = std::string(to_string(row.verdict))};
    if (row.difference) {
      const int precision = std::max(decimals, decimals_for(*row.difference));
      printed.difference = signed_number(row.difference->mean, precision);
      printed.difference_interval = interval_text(row.difference->interval, precision);
    }
    rows.push_back(std::move(printed));
  }
  return rows;
}

std::string title_of(const MetricComparison& metric) {
  std::string title = metric.name;
  if (!metric.unit.empty()) title += fmt::format(" ({})", metric.unit);
  if (metric.direction == Direction::HigherIsBetter) title += ", higher is better";
  if (metric.direction == Direction::LowerIsBetter) title += ", lower is better";
  return title;
}

std::string common_baseline(const MetricComparison& metric) {
  for (const ComparisonRow& row : metric.rows) {
    if (row.baseline != metric.rows.front().baseline) return "its own baseline";
  }
  return metric.rows.empty() ? "" : metric.rows.front().baseline;
}

}  // namespace orrery::experiments
