#include "orrery/experiments/comparison/precision.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "orrery/experiments/document/variants.hpp"

namespace orrery::experiments {
namespace {

/// The document's first metric: the patterns stand in the meta table, one a line.
const MetricSamples* find_metric(const std::vector<MetricSamples>& metrics, const std::string& name,
                                 const std::string& of_document) {
  const std::string wanted = name.empty() ? of_document.substr(0, of_document.find('\n')) : name;
  const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const MetricSamples& metric) {
    return name.empty() ? matches(wanted, metric.name) : metric.name == wanted;
  });
  return found == metrics.end() ? nullptr : &*found;
}

Error unknown_metric(const std::vector<MetricSamples>& metrics, const std::string& name) {
  std::vector<std::string> names;
  for (const MetricSamples& metric : metrics) names.push_back(metric.name);
  if (name.empty()) {
    return {.at = {.file = "--until-metric"},
            .message = "the document names no metric, so say which one is to be known",
            .hint = "--until-metric NAME"};
  }
  return {.at = {.file = "--until-metric"},
          .message = "",
          .found = name,
          .expected = "a metric of these results",
          .hint = suggest(name, names)};
}

}  // namespace

Result<Precision> precision_of(const ResultsReader& results, const std::string& metric,
                               const StoppingRule& rule) {
  const auto metrics = results.metrics();
  if (!metrics) return failure(metrics.error());
  const auto of_document = results.meta("metrics");
  if (!of_document) return failure(of_document.error());
  const auto variants = results.variants();
  if (!variants) return failure(variants.error());
  const MetricSamples* const samples = find_metric(*metrics, metric, *of_document);
  if (samples == nullptr) return failure(unknown_metric(*metrics, metric));

  Precision worst{.metric = samples->name, .unit = samples->unit, .variant = {}, .look = {}};
  bool is_narrow = true;
  std::size_t expected = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < samples->by_variant.size(); ++i) {
    if (samples->by_variant[i].empty()) continue;
    const StoppingLook look = look_at(values_of(samples->by_variant[i]), rule);
    is_narrow = is_narrow && look.is_narrow;
    count = std::max(count, look.count);
    if (!worst.variant.empty() && look.seeds_expected <= expected) continue;
    expected = look.seeds_expected;
    worst.variant = (*variants)[i].name;
    worst.look = look;
  }
  worst.is_enough = is_narrow || count >= rule.seeds_max;
  worst.seeds_next = std::min(std::clamp(expected, count + 1, 2 * count + 1), rule.seeds_max);
  return worst;
}

std::string to_string(const Precision& precision) {
  const std::string unit = precision.unit.empty() ? "" : " " + precision.unit;
  return fmt::format("{} is known to ± {:.3g}{} of {:.4g}{} ({}) with {} seeds, wanted ± {:.3g}{}",
                     precision.metric, precision.look.half_width, unit, precision.look.mean, unit,
                     precision.variant, precision.look.count, precision.look.target, unit);
}

}  // namespace orrery::experiments
