#include "orrery/experiments/comparison/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orrery/experiments/document/variants.hpp"

namespace orrery::experiments {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// The name of the baseline of `variant`: the pattern with its stars filled in from the variant.
std::string fill_in(const std::string& pattern, const std::string& variant) {
  const std::vector<std::string> own = split(variant, '/');
  std::vector<std::string> parts = split(pattern, '/');
  if (parts.size() != own.size()) return pattern;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "*") parts[i] = own[i];
  }
  return fmt::format("{}", fmt::join(parts, "/"));
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// "random" → "*/random" when only that can be meant.
std::string completed(const std::string& pattern, const std::vector<std::string>& variants) {
  if (contains(variants, pattern) || pattern.find('/') != std::string::npos) return pattern;
  for (const std::string& variant : variants) {
    const std::vector<std::string> parts = split(variant, '/');
    if (parts.size() < 2 || parts.back() != pattern) continue;
    std::string stars;
    for (std::size_t i = 1; i < parts.size(); ++i) stars += "*/";
    return stars + pattern;
  }
  return pattern;
}

/// As suggest(), but names at most twelve where nothing is near: results have dozens of metrics.
std::string suggest_some(const std::string& text, std::vector<std::string> choices) {
  constexpr std::size_t kNamed = 12;
  if (!nearest(text, choices).empty() || choices.size() <= kNamed) return suggest(text, choices);
  const std::size_t others = choices.size() - kNamed;
  choices.resize(kNamed);
  return fmt::format("one of: {} and {} more; * stands for any text", fmt::join(choices, ", "),
                     others);
}

/// Indexes of the names that match one of `patterns`, in the order of `names`; all when there are
/// no patterns.
Result<std::vector<std::size_t>> select(const std::vector<std::string>& names,
                                        const std::vector<std::string>& patterns,
                                        const std::string& what) {
  std::vector<bool> is_selected(names.size(), patterns.empty());
  for (const std::string& pattern : patterns) {
    bool is_used = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!matches(pattern, names[i])) continue;
      is_selected[i] = true;
      is_used = true;
    }
    if (!is_used) {
      return failure(
          {.at = {},
           .message = fmt::format("no {} of these results is called '{}'", what, pattern),
           .hint = suggest_some(pattern, names)});
    }
  }
  std::vector<std::size_t> selected;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (is_selected[i]) selected.push_back(i);
  }
  return selected;
}

/// Ranks rows among those that share a baseline; equal means share a rank.
void rank_rows(MetricComparison& metric) {
  if (metric.direction == Direction::Neutral) return;
  const double sign = metric.direction == Direction::HigherIsBetter ? -1 : 1;
  for (ComparisonRow& row : metric.rows) {
    if (std::isnan(row.estimate.mean)) continue;
    row.rank = 1;
    for (const ComparisonRow& other : metric.rows) {
      if (other.baseline != row.baseline || std::isnan(other.estimate.mean)) continue;
      if (sign * other.estimate.mean < sign * row.estimate.mean) ++row.rank;
    }
  }
}

MetricComparison compare_metric(const MetricSamples& samples,
                                const std::vector<std::string>& variants,
                                const std::vector<std::size_t>& selected,
                                const std::vector<std::size_t>& baselines) {
  MetricComparison metric{
      .name = samples.name, .unit = samples.unit, .direction = samples.direction, .rows = {}};
  for (const std::size_t variant : selected) {
    const std::size_t baseline = baselines[variant];
    ComparisonRow row{.variant = variants[variant],
                      .estimate = estimate_mean(values_of(samples.by_variant[variant])),
                      .baseline = variants[baseline]};
    if (variant != baseline) {
      const PairedDifference paired = compare_paired(
          samples.by_variant[variant], samples.by_variant[baseline], samples.direction);
      row.difference = paired.difference;
      row.verdict = paired.verdict;
    }
    metric.rows.push_back(std::move(row));
  }
  rank_rows(metric);
  return metric;
}

std::vector<std::string> notes_on(const std::vector<RunRow>& runs,
                                  const std::vector<std::string>& variants) {
  std::size_t pending = 0;
  std::vector<std::string> notes;
  std::size_t failed = 0;
  for (const RunRow& run : runs) {
    if (run.status == RunStatus::Pending) ++pending;
    if (run.status != RunStatus::Failed) continue;
    constexpr std::size_t kNamed = 5;
    if (++failed <= kNamed) {
      notes.push_back(fmt::format("run {} ({}, seed {}) failed: {}", run.id,
                                  variants.at(run.key.variant), run.key.seed, run.error));
    }
  }
  if (failed > notes.size()) notes.push_back(fmt::format("{} runs failed in all", failed));
  if (pending > 0) {
    notes.push_back(fmt::format("{} of {} runs are not finished: run the experiment again to go on",
                                pending, runs.size()));
  }
  return notes;
}

/// The metrics that the document puts first; patterns, separated by newlines in the meta table.
std::vector<std::string> wanted_metrics(const ComparisonOptions& options,
                                        const std::string& of_document,
                                        const std::vector<std::string>& names) {
  if (!options.metrics.empty()) return options.metrics;
  std::vector<std::string> wanted;
  for (const std::string& pattern : split(of_document, '\n')) {
    const bool is_there = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return matches(pattern, name);
    });
    if (is_there) wanted.push_back(pattern);
  }
  return wanted;
}

/// A variant that was never planned (its trace is absent, say, or --only left it out) has nothing
/// to compare.
void drop_without_runs(std::vector<std::size_t>& selected, const std::vector<RunRow>& runs,
                       std::size_t variants) {
  std::vector<bool> has_runs(variants);
  for (const RunRow& run : runs) has_runs.at(run.key.variant) = true;
  std::erase_if(selected, [&](std::size_t variant) { return !has_runs[variant]; });
}

}  // namespace

Result<std::vector<std::size_t>> find_baselines(const std::vector<std::string>& variants,
                                                const std::string& pattern) {
  const std::string whole = completed(pattern, variants);
  std::vector<std::size_t> baselines;
  for (const std::string& variant : variants) {
    const std::string name = fill_in(whole, variant);
    const auto found = std::find(variants.begin(), variants.end(), name);
    if (found == variants.end()) {
      return failure({.at = {},
                      .message = fmt::format("no variant is called '{}' (the baseline of '{}')",
                                             name, variant),
                      .hint = suggest(name, variants)});
    }
    baselines.push_back(static_cast<std::size_t>(found - variants.begin()));
  }
  return baselines;
}

Result<Comparison> compare(const ResultsReader& results, const ComparisonOptions& options) {
  const auto records = results.variants();
  if (!records) return failure(records.error());
  const auto runs = results.runs();
  if (!runs) return failure(runs.error());
  const auto samples = results.metrics();
  if (!samples) return failure(samples.error());
  const auto experiment = results.meta("experiment");
  if (!experiment) return failure(experiment.error());
  const auto document_baseline = results.meta("baseline");
  if (!document_baseline) return failure(document_baseline.error());
  const auto document_metrics = results.meta("metrics");
  if (!document_metrics) return failure(document_metrics.error());

  std::vector<std::string> variants;
  for (const VariantRecord& record : *records) variants.push_back(record.name);
  std::vector<std::string> metric_names;
  for (const MetricSamples& metric : *samples) metric_names.push_back(metric.name);

  std::string pattern = options.baseline.empty() ? *document_baseline : options.baseline;
  if (pattern.empty()) pattern = variants.front();
  const auto baselines = find_baselines(variants, pattern);
  if (!baselines) return failure(baselines.error());
  auto selected = select(variants, options.variants, "variant");
  if (!selected) return failure(selected.error());
  drop_without_runs(*selected, *runs, variants.size());
  const auto metrics =
      select(metric_names, wanted_metrics(options, *document_metrics, metric_names), "metric");
  if (!metrics) return failure(metrics.error());
  if (metrics->empty()) {
    return failure({.at = {},
                    .message = "there is no finished run to compare yet",
                    .hint = "run the experiment again to go on"});
  }

  Comparison comparison{
      .experiment = *experiment, .metrics = {}, .notes = notes_on(*runs, variants)};
  for (const std::size_t metric : *metrics) {
    comparison.metrics.push_back(
        compare_metric((*samples)[metric], variants, *selected, *baselines));
  }
  return comparison;
}

}  // namespace orrery::experiments
