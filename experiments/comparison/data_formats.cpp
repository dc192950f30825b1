#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/comparison/formats.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::ordered_json;

/// The shortest text that reads back as the same number; empty where there is none.
std::string exact(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string bounds(const std::optional<Interval>& interval) {
  return interval ? fmt::format("{},{}", exact(interval->low), exact(interval->high)) : ",";
}

ordered_json number_or_null(double value) {
  return std::isnan(value) ? ordered_json(nullptr) : ordered_json(value);
}

void add_estimate(ordered_json& row, const MeanEstimate& estimate, const std::string& mean,
                  const std::string& prefix) {
  row[mean] = number_or_null(estimate.mean);
  row[prefix + "_low"] =
      estimate.interval ? ordered_json(estimate.interval->low) : ordered_json(nullptr);
  row[prefix + "_high"] =
      estimate.interval ? ordered_json(estimate.interval->high) : ordered_json(nullptr);
}

}  // namespace

std::string to_csv(const Comparison& comparison) {
  std::string text =
      "variant,metric,unit,n,mean,ci_low,ci_high,baseline,diff,diff_low,diff_high,verdict\n";
  for (const MetricComparison& metric : comparison.metrics) {
    for (const ComparisonRow& row : metric.rows) {
      text += fmt::format(
          "{},{},{},{},{},{},{},{},{},{}\n", csv_field(row.variant), csv_field(metric.name),
          csv_field(metric.unit), row.estimate.count, exact(row.estimate.mean),
          bounds(row.estimate.interval), csv_field(row.baseline),
          row.difference ? exact(row.difference->mean) : "",
          row.difference ? bounds(row.difference->interval) : ",", to_string(row.verdict));
    }
  }
  return text;
}

std::string to_json_text(const Comparison& comparison) {
  ordered_json document = {{"experiment", comparison.experiment},
                           {"confidence", kConfidence},
                           {"metrics", ordered_json::array()},
                           {"notes", comparison.notes}};
  for (const MetricComparison& metric : comparison.metrics) {
    ordered_json entry = {{"metric", metric.name},
                          {"unit", metric.unit},
                          {"better", to_string(metric.direction)},
                          {"variants", ordered_json::array()}};
    for (const ComparisonRow& row : metric.rows) {
      ordered_json item = {{"variant", row.variant}, {"n", row.estimate.count}};
      add_estimate(item, row.estimate, "mean", "ci");
      item["baseline"] = row.baseline;
      if (row.difference) add_estimate(item, *row.difference, "diff", "diff");
      item["verdict"] = to_string(row.verdict);
      item["rank"] = row.rank == 0 ? ordered_json(nullptr) : ordered_json(row.rank);
      entry["variants"].push_back(std::move(item));
    }
    document["metrics"].push_back(std::move(entry));
  }
  return document.dump(2) + "\n";
}

}  // namespace orrery::experiments
