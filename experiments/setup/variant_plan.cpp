#include "orrery/experiments/setup/variant_plan.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/setup/cluster_section.hpp"
#include "orrery/experiments/setup/readers.hpp"
#include "orrery/models/json_fields.hpp"
#include "orrery/models/quantity_text.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;
using sim::WarmUpRule;

Result<Time> read_horizon(const json& value, const Location& at) {
  if (value.is_null()) return kTimeMax;
  const auto span = read_duration(value, at);
  if (!span) return failure(span.error());
  if (*span <= Duration::zero()) {
    return json_mismatch(value, at, "a span of virtual time above zero",
                         "leave it out, or say null, to run until all work is done");
  }
  return kTimeZero + *span;
}

Result<WarmUpRule> read_warm_up(const json& value, const Location& at) {
  if (value.is_null()) return WarmUpRule{};
  if (value == "mser-5") return WarmUpRule{.kind = WarmUpRule::Kind::Mser5, .span = {}};
  const auto span = read_duration(value, at);
  if (!span) return json_mismatch(value, at, "null, \"mser-5\" or a duration such as \"1d\"");
  return WarmUpRule{.kind = WarmUpRule::Kind::Fixed, .span = *span};
}

Result<SeriesPlan> read_series(const json& value, const Location& at) {
  SeriesPlan plan;
  std::int64_t points = 200;
  std::int64_t nodes = 0;
  JsonFields fields(value, at);
  fields.optional("points", points, [](const json& number, const Location& place) {
    return read_between(number, place, 2, 100'000);
  });
  fields.optional("nodes", nodes, [](const json& number, const Location& place) {
    return read_between(number, place, 0, 1000);
  });
  plan.points = static_cast<std::size_t>(points);
  plan.node_rows = static_cast<std::size_t>(nodes);
  return fields.finish(plan);
}

Result<std::vector<int>> read_load_marks(const json& value, const Location& at) {
  return read_list(value, at, [](const json& number, const Location& place) {
    return read_between(number, place, 1, 1000).map([](std::int64_t percent) {
      return static_cast<int>(percent);
    });
  });
}

Result<bool> ignore(const json&, const Location&) { return true; }

std::vector<std::string> names_of(const std::vector<ClusterPlan>& clusters) {
  std::vector<std::string> names;
  for (const ClusterPlan& cluster : clusters) names.push_back(cluster.name);
  return names;
}

Result<void> check_fork(const VariantPlan& plan, const Location& at) {
  if (!plan.fork) return {};
  if (plan.fork->at >= plan.horizon) {
    return failure({.at = child(child(at, "fork"), "at"),
                    .message = "the run is over by then",
                    .found = to_text(plan.fork->at.time_since_epoch()),
                    .expected = "an instant before the horizon"});
  }
  if (plan.warm_up.kind == WarmUpRule::Kind::Mser5) {
    return failure({.at = child(at, "warm_up"),
                    .message = "a fork is measured from its beginning on",
                    .found = "mser-5",
                    .expected = "null, or a duration to leave out after the fork"});
  }
  return {};
}

/// Crashes and repairs go on for ever, so a run that waits for work without end would too.
Result<void> check_ends(const VariantPlan& plan, const Location& at) {
  if (plan.horizon != kTimeMax) {
    const Time begin = plan.fork ? plan.fork->at : kTimeZero;
    const bool is_all_warm_up = plan.warm_up.kind == WarmUpRule::Kind::Fixed &&
                                saturating_add(begin, plan.warm_up.span) >= plan.horizon;
    if (!is_all_warm_up) return {};
    return failure(
        {.at = child(at, "warm_up"),
         .message = "nothing is left to measure: the warm-up is as long as the horizon"});
  }
  const bool may_fail =
      std::any_of(plan.clusters.begin(), plan.clusters.end(),
                  [](const ClusterPlan& cluster) { return !cluster.failures.empty(); });
  const bool may_never_end =
      std::any_of(plan.workloads.begin(), plan.workloads.end(),
                  [](const WorkloadPlan& workload) { return workload.may_never_end; }) ||
      std::any_of(plan.clusters.begin(), plan.clusters.end(), [](const ClusterPlan& cluster) {
        return cluster.manifests && cluster.manifests->has_endless_pods;
      });
  if (!may_fail || !may_never_end) return {};
  return failure({.at = child(at, "horizon"),
                  .message = "the run would never end: pods run for ever and nodes keep failing",
                  .hint = "set a horizon such as \"7d\""});
}

Result<std::shared_ptr<const VariantPlan>> read_variant(const json& document,
                                                        SetupContext& context) {
  const Location at;
  auto plan = std::make_shared<VariantPlan>();
  bool ignored = false;
  JsonFields fields(document, at);
  for (const char* elsewhere : {"orrery", "name", "description", "traces", "metrics", "on_bad_row",
                                "leave_out_missing", "$schema", "plugins"}) {
    fields.optional(elsewhere, ignored, ignore);
  }
  fields.required("clusters", plan->clusters, [&](const json& value, const Location& place) {
    return read_clusters(value, place, context);
  });
  const json* const mesh = fields.find("mesh");
  fields.required("workloads", plan->workloads, [&](const json& value, const Location& place) {
    return read_workloads(value, place, names_of(plan->clusters), context);
  });
  fields.optional("horizon", plan->horizon, read_horizon);
  fields.optional("warm_up", plan->warm_up, read_warm_up);
  fields.optional("series", plan->series, read_series);
  fields.optional("load_marks", plan->load_marks, read_load_marks);
  if (const json* const fork = fields.ok() ? fields.find("fork") : nullptr) {
    auto read = read_fork(*fork, fields.at("fork"), plan->clusters, context);
    if (!read) return failure(std::move(read.error()));
    plan->fork = std::move(*read);
  }
  if (auto read = fields.finish(true); !read) return failure(std::move(read.error()));
  auto read =
      read_mesh_section(document["clusters"], mesh == nullptr ? json() : *mesh, child(at, "mesh"));
  if (!read) return failure(std::move(read.error()));
  plan->mesh = std::move(*read);
  if (auto fork = check_fork(*plan, at); !fork) return failure(std::move(fork.error()));
  if (auto ends = check_ends(*plan, at); !ends) return failure(std::move(ends.error()));
  return plan;
}

}  // namespace

Result<std::shared_ptr<const VariantPlan>> plan_variant(const Document& document,
                                                        SetupContext& context) {
  auto plan = read_variant(json(document.json()), context);
  if (!plan) return failure(document.relocate(std::move(plan.error())));
  return plan;
}

std::string SetupContext::path_of(const std::string& file) const {
  std::error_code ignored;
  const std::filesystem::path given(file);
  if (given.is_absolute() || std::filesystem::exists(given, ignored)) return file;
  const std::filesystem::path beside = std::filesystem::path(folder) / given;
  return std::filesystem::exists(beside, ignored) ? beside.string() : file;
}

Result<std::string> find_trace(SetupContext& context, const std::string& data_set,
                               const std::string& file, const Location& at) {
  auto path = context.files.find(data_set, file, at);
  if (path) context.files_read.insert(*path);
  return path;
}

}  // namespace orrery::experiments
