#include "orrery/python/bindings/results_binding.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "orrery/experiments/comparison/comparison.hpp"
#include "orrery/experiments/comparison/precision.hpp"
#include "orrery/experiments/store/results_reader.hpp"
#include "orrery/python/bindings/errors.hpp"
#include "orrery/python/bindings/query.hpp"
#include "orrery/python/bindings/table.hpp"

namespace orrery::python {
namespace {

using experiments::Comparison;
using experiments::ComparisonRow;
using experiments::MetricComparison;
using experiments::ResultsReader;

void add_estimate(Column& mean, Column& low, Column& high,
                  const std::optional<experiments::MeanEstimate>& estimate) {
  if (!estimate) {
    for (Column* column : {&mean, &low, &high}) column->add_null();
    return;
  }
  mean.add(estimate->mean);
  if (!estimate->interval) {
    low.add_null();
    high.add_null();
    return;
  }
  low.add(estimate->interval->low);
  high.add(estimate->interval->high);
}

/// One row for each metric and variant.
std::shared_ptr<Table> table_of(const Comparison& comparison) {
  const auto text = [](const char* name) { return Column(name, ColumnType::Text); };
  const auto number = [](const char* name) { return Column(name, ColumnType::Number); };
  const auto integer = [](const char* name) { return Column(name, ColumnType::Integer); };
  Column metric = text("metric"), unit = text("unit"), direction = text("direction"),
         variant = text("variant"), baseline = text("baseline"), verdict = text("verdict");
  Column rank = integer("rank"), n = integer("n");
  Column mean = number("mean"), low = number("low"), high = number("high"),
         difference = number("difference"), difference_low = number("difference_low"),
         difference_high = number("difference_high");
  for (const MetricComparison& one : comparison.metrics) {
    for (const ComparisonRow& row : one.rows) {
      metric.add(std::string_view(one.name));
      unit.add(std::string_view(one.unit));
      direction.add(std::string_view(to_string(one.direction)));
      variant.add(std::string_view(row.variant));
      baseline.add(std::string_view(row.baseline));
      verdict.add(std::string_view(to_string(row.verdict)));
      rank.add(static_cast<std::int64_t>(row.rank));
      n.add(static_cast<std::int64_t>(row.estimate.count));
      add_estimate(mean, low, high, row.estimate);
      add_estimate(difference, difference_low, difference_high, row.difference);
    }
  }
  auto table = std::make_shared<Table>();
  for (Column* column : {&metric, &unit, &direction, &variant, &rank, &n, &mean, &low, &high,
                         &baseline, &difference, &difference_low, &difference_high, &verdict}) {
    table->columns.push_back(std::move(*column));
  }
  return table;
}

py::tuple compare(const std::string& path, std::vector<std::string> metrics,
                  std::vector<std::string> variants, std::string baseline) {
  const Comparison comparison = value_or_raise(without_gil([&] {
    return ResultsReader::open(path).and_then([&](const ResultsReader& reader) {
      return experiments::compare(reader, {.metrics = std::move(metrics),
                                           .variants = std::move(variants),
                                           .baseline = std::move(baseline)});
    });
  }));
  return py::make_tuple(table_of(comparison), comparison.notes);
}

/// How well a metric is known: whether that is enough, how many seeds to go on to, and in words.
py::tuple precision(const std::string& path, const std::string& metric, const std::string& until_ci,
                    std::optional<std::size_t> seeds_max) {
  auto rule = value_or_raise(experiments::StoppingRule::parse(until_ci, {.file = "until_ci"}));
  rule.seeds_max = seeds_max.value_or(rule.seeds_max);
  rule.seeds_min = std::min(rule.seeds_min, rule.seeds_max);
  const auto known = value_or_raise(without_gil([&] {
    return ResultsReader::open(path).and_then([&](const ResultsReader& reader) {
      return experiments::precision_of(reader, metric, rule);
    });
  }));
  return py::make_tuple(known.is_enough, known.seeds_next, to_string(known));
}

/// How many seeds to begin with.
std::size_t seeds_min(const std::string& until_ci) {
  return value_or_raise(experiments::StoppingRule::parse(until_ci, {.file = "until_ci"})).seeds_min;
}

}  // namespace

void bind_results(py::module_& module) {
  module.def(
      "check_results_file",
      [](const std::string& path) { static_cast<void>(value_or_raise(ResultsReader::open(path))); },
      py::arg("path"), "Raises orrery.Error unless `path` is a results file of this version.");
  module.def("compare", compare, py::arg("path"), py::kw_only(), py::arg("metrics"),
             py::arg("variants"), py::arg("baseline"));
  module.def("precision", precision, py::arg("path"), py::kw_only(), py::arg("metric"),
             py::arg("until_ci"), py::arg("seeds_max"));
  module.def("seeds_min", seeds_min, py::arg("until_ci"));
  module.def(
      "query",
      [](const std::string& path, const std::string& sql, const std::vector<SqlValue>& values,
         const Facts& facts) {
        return value_or_raise(without_gil([&] { return query(path, sql, values, facts); }));
      },
      py::arg("path"), py::arg("sql"), py::arg("values") = std::vector<SqlValue>{},
      py::arg("facts") = Facts{});
  const auto def_points = [&](const char* function, const PointsOf& what) {
    module.def(
        function,
        [&what](const std::string& path, const std::string& name,
                const std::vector<std::int64_t>& runs) {
          return value_or_raise(without_gil([&] { return read_points(path, what, name, runs); }));
        },
        py::arg("path"), py::arg("name"), py::arg("runs"));
  };
  def_points("series", kSeries);
  def_points("curves", kCurves);
}

}  // namespace orrery::python
