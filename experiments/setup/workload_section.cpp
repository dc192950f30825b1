#include "orrery/experiments/setup/workload_section.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/setup/merged_workload.hpp"
#include "orrery/experiments/setup/readers.hpp"
#include "orrery/models/json_fields.hpp"
#include "orrery/traces/byte_source.hpp"
#include "orrery/traces/canonical.hpp"
#include "orrery/traces/openb.hpp"
#include "orrery/traces/philly.hpp"
#include "orrery/traces/synthetic.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;
using traces::WorkloadSource;

using Source = std::unique_ptr<WorkloadSource>;

/// {"pods": "openb_pod_list_default.csv", "load": 1.3, "interval": "1s"}
Result<WorkloadPlan> read_openb_study(const json& value, const Location& at,
                                      SetupContext& context) {
  std::string file;
  double load = 1.3;
  traces::OpenbStudyOptions options;
  JsonFields fields(value, at);
  fields.required("pods", file, read_string);
  fields.optional("load", load, read_positive);
  fields.optional("interval", options.interval, read_duration);
  if (auto read = fields.finish(true); !read) return failure(std::move(read.error()));
  options.load_milli = std::llround(load * 1000);
  const auto path = find_trace(context, "openb", file, child(at, "pods"));
  if (!path) return failure(path.error());
  const auto list = context.store.openb_pods(*path, context.on_bad_row);
  if (!list) return failure(list.error());
  WorkloadPlan plan;
  plan.open = [list = *list, options](const WorkloadKey& key) -> Result<Source> {
    traces::OpenbStudyOptions own = options;
    own.seed = key.seed;
    own.gpu_capacity = key.gpu_capacity;
    return traces::openb_study(list, own);
  };
  plan.requests = [list = *list] { return list->requests(); };
  return plan;
}

/// {"pods": "openb_pod_list_default.csv", "never_scheduled": "run"}
Result<WorkloadPlan> read_openb(const json& value, const Location& at, SetupContext& context) {
  std::string file;
  traces::NeverScheduled never = traces::NeverScheduled::Run;
  JsonFields fields(value, at);
  fields.required("pods", file, read_string);
  fields.optional("never_scheduled", never, [](const json& choice, const Location& place) {
    return read_choice(choice, place, {"run", "drop"}).map([](std::size_t index) {
      return index == 0 ? traces::NeverScheduled::Run : traces::NeverScheduled::Drop;
    });
  });
  if (auto read = fields.finish(true); !read) return failure(std::move(read.error()));
  const auto path = find_trace(context, "openb", file, child(at, "pods"));
  if (!path) return failure(path.error());
  const auto list = context.store.openb_pods(*path, context.on_bad_row);
  if (!list) return failure(list.error());
  WorkloadPlan plan;
  plan.open = [list = *list, never](const WorkloadKey&) { return traces::openb_real(list, never); };
  plan.requests = [list = *list] { return list->requests(); };
  return plan;
}

Result<std::uint32_t> read_pod_gpus(const json& value, const Location& at) {
  return read_between(value, at, 1, kGpusPerNodeMax).map([](std::int64_t gpus) {
    return static_cast<std::uint32_t>(gpus);
  });
}

/// {"jobs": "philly.csv", "gpus_per_pod": 8, "cpu_per_gpu": 4, "memory_per_gpu": "32GiB",
///  "virtual_clusters": […]}
Result<WorkloadPlan> read_philly_jobs(const json& value, const Location& at,
                                      SetupContext& context) {
  std::string file;
  traces::PhillyOptions options;
  JsonFields fields(value, at);
  fields.required("jobs", file, read_string);
  fields.optional("gpus_per_pod", options.gpus_per_pod, read_pod_gpus);
  fields.optional("cpu_per_gpu", options.cpu_per_gpu, read_cpu);
  fields.optional("memory_per_gpu", options.memory_per_gpu, read_bytes);
  fields.optional("virtual_clusters", options.virtual_clusters, read_strings);
  if (auto read = fields.finish(true); !read) return failure(std::move(read.error()));
  const auto path = find_trace(context, "philly", file, child(at, "jobs"));
  if (!path) return failure(path.error());
  const auto jobs = context.store.philly(*path, context.on_bad_row);
  if (!jobs) return failure(jobs.error());
  WorkloadPlan plan;
  plan.open = [jobs = *jobs, options](const WorkloadKey&) -> Result<Source> {
    return traces::philly_workload(jobs, options);
  };
  return plan;
}

/// {"file": "pods.jsonl.zst"}: Orrery's own format (docs/trace-format.md).
Result<WorkloadPlan> read_canonical_plan(const json& value, const Location& at,
                                         SetupContext& context) {
  std::string file;
  JsonFields fields(value, at);
  fields.required("file", file, read_string);
  if (auto read = fields.finish(true); !read) return failure(std::move(read.error()));
  const auto path = find_trace(context, "canonical", file, child(at, "file"));
  if (!path) return failure(path.error());
  WorkloadPlan plan;
  plan.open = [path = *path, mode = context.on_bad_row](const WorkloadKey&) -> Result<Source> {
    auto bytes = traces::open_bytes(path);
    if (!bytes) return failure(std::move(bytes.error()));
    return traces::read_canonical(std::move(*bytes), mode);
  };
  return plan;
}

Result<WorkloadPlan> read_synthetic_plan(const json& value, const Location& at,
                                         SetupContext& context) {
  static_cast<void>(context);
  auto workload = traces::read_synthetic(value, at);
  if (!workload) return failure(std::move(workload.error()));
  WorkloadPlan plan;
  plan.may_never_end = std::any_of(workload->classes.begin(), workload->classes.end(),
                                   [](const traces::PodClass& one) { return !one.duration; });
  plan.open = [workload = std::move(*workload)](const WorkloadKey& key) -> Result<Source> {
    return traces::synthetic_workload(workload, key.seed, key.cluster);
  };
  return plan;
}

struct Kind {
  const char* name;
  Result<WorkloadPlan> (*read)(const json&, const Location&, SetupContext&);
};
constexpr Kind kKinds[] = {
    {"openb-study", read_openb_study},  {"openb", read_openb},
    {"philly", read_philly_jobs},       {"canonical", read_canonical_plan},
    {"synthetic", read_synthetic_plan},
};

Result<std::vector<std::size_t>> read_cluster_names(const json& value, const Location& at,
                                                    const std::vector<std::string>& clusters) {
  std::vector<std::size_t> positions;
  const auto names = read_strings(value, at);
  if (!names) return failure(names.error());
  for (std::size_t i = 0; i < names->size(); ++i) {
    const auto found = std::find(clusters.begin(), clusters.end(), (*names)[i]);
    if (found == clusters.end()) {
      return json_mismatch(value.is_array() ? value[i] : value,
                           value.is_array() ? child(at, i) : at, "the name of a cluster",
                           suggest((*names)[i], clusters));
    }
    positions.push_back(static_cast<std::size_t>(found - clusters.begin()));
  }
  return positions;
}

Result<WorkloadPlan> read_workload(const json& value, const Location& at,
                                   const std::vector<std::string>& clusters,
                                   SetupContext& context) {
  WorkloadPlan plan;
  std::vector<std::size_t> targets(clusters.size());
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i] = i;
  JsonFields fields(value, at);
  fields.optional("clusters", targets, [&](const json& names, const Location& place) {
    return read_cluster_names(names, place, clusters);
  });
  std::vector<std::string> names;
  int kinds = 0;
  for (const Kind& kind : kKinds) {
    names.emplace_back(kind.name);
    if (!fields.has(kind.name)) {
      static_cast<void>(fields.find(kind.name));  // so that it is suggested
      continue;
    }
    ++kinds;
    fields.required(kind.name, plan, [&](const json& body, const Location& place) {
      return kind.read(body, place, context);
    });
  }
  if (fields.ok() && kinds != 1) {
    // A misspelt kind is reported as an unknown member, with a suggestion, before this.
    auto unknown = fields.finish(true);
    if (!unknown) return failure(std::move(unknown.error()));
    return json_mismatch(value, at, "exactly one kind of workload", suggest("", names));
  }
  auto read = fields.finish(std::move(plan));
  if (read) read->clusters = std::move(targets);
  return read;
}

bool concerns(const WorkloadPlan& plan, std::size_t cluster) {
  return std::find(plan.clusters.begin(), plan.clusters.end(), cluster) != plan.clusters.end();
}

/// The requests of the first pods of the stream.
Result<std::vector<TypicalPod>> first_requests(const WorkloadPlan& plan, const WorkloadKey& key) {
  constexpr std::size_t kPods = 10'000;
  auto source = plan.open(key);
  if (!source) return failure(std::move(source.error()));
  std::vector<TypicalPod> requests;
  traces::WorkloadItem item;
  while (requests.size() < kPods) {
    const auto more = (*source)->next(item);
    if (!more) return failure(more.error());
    if (!*more) break;
    requests.push_back({.cpu = item.cpu,
                        .gpu = item.pod_template->gpu,
                        .gpu_models = item.pod_template->gpu_models,
                        .pods = 1});
  }
  return requests;
}

}  // namespace

Result<std::vector<WorkloadPlan>> read_workloads(const json& value, const Location& at,
                                                 const std::vector<std::string>& clusters,
                                                 SetupContext& context) {
  return read_list(value, at, [&](const json& item, const Location& place) {
    return read_workload(item, place, clusters, context);
  });
}

Result<Source> open_workload(const std::vector<WorkloadPlan>& plans, const WorkloadKey& key) {
  std::vector<Source> sources;
  for (const WorkloadPlan& plan : plans) {
    if (!concerns(plan, key.cluster)) continue;
    auto source = plan.open(key);
    if (!source) return source;
    sources.push_back(std::move(*source));
  }
  if (sources.size() == 1) return std::move(sources.front());
  return merge_workloads(std::move(sources));
}

Result<std::shared_ptr<const WorkloadProfile>> profile_workload(
    const std::vector<WorkloadPlan>& plans, const WorkloadKey& key, double share) {
  std::vector<TypicalPod> requests;
  for (const WorkloadPlan& plan : plans) {
    if (!concerns(plan, key.cluster)) continue;
    auto own = plan.requests ? Result<std::vector<TypicalPod>>(plan.requests())
                             : first_requests(plan, key);
    if (!own) return failure(std::move(own.error()));
    requests.insert(requests.end(), own->begin(), own->end());
  }
  if (requests.empty()) return nullptr;
  return std::make_shared<const WorkloadProfile>(typical_pods(requests, share));
}

}  // namespace orrery::experiments
