#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/check.hpp"
#include "orrery/models/json_fields.hpp"
#include "orrery/traces/canonical.hpp"
#include "orrery/traces/catalog.hpp"
#include "orrery/traces/failure_logs.hpp"
#include "orrery/traces/openb.hpp"
#include "orrery/traces/philly.hpp"
#include "orrery/traces/synthetic.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;
using Source = Result<std::unique_ptr<WorkloadSource>>;

template <class Value>
auto one_of(std::vector<std::pair<std::string, Value>> choices) {
  return [choices = std::move(choices)](const json& value, const Location& at) -> Result<Value> {
    const Result<std::string> text = read_string(value, at);
    if (!text) return failure(text.error());
    std::vector<std::string> names;
    for (const auto& [name, choice] : choices) {
      if (name == *text) return choice;
      names.push_back(name);
    }
    return failure({.at = at,
                    .message = "",
                    .found = *text,
                    .expected = "a known name",
                    .hint = suggest(*text, names)});
  };
}

/// Parameters that several formats have.
struct Common {
  std::string path;
  OnBadRow on_bad_row = OnBadRow::Fail;

  void read(JsonFields& fields) {
    fields.required("path", path, read_string);
    fields.optional("on_bad_row", on_bad_row,
                    one_of<OnBadRow>({{"fail", OnBadRow::Fail}, {"skip", OnBadRow::Skip}}));
  }
};

std::string in_directory(const TraceContext& context, const std::string& path) {
  if (context.directory.empty() || std::filesystem::path(path).is_absolute()) return path;
  return (std::filesystem::path(context.directory) / path).lexically_normal().string();
}

/// What opens the file once the parameters are known to be right.
template <class Value>
using Opener = std::function<Result<Value>(const TraceContext&)>;
using WorkloadOpener = Opener<std::unique_ptr<WorkloadSource>>;
using FailureOpener = Opener<std::shared_ptr<const FailureLog>>;

Result<WorkloadOpener> openb_opener(JsonFields& fields) {
  Common common;
  NeverScheduled never = NeverScheduled::Run;
  common.read(fields);
  fields.optional(
      "never_scheduled", never,
      one_of<NeverScheduled>({{"run", NeverScheduled::Run}, {"drop", NeverScheduled::Drop}}));
  return fields.finish(WorkloadOpener([common, never](const TraceContext& context) -> Source {
    auto list = context.store->openb_pods(in_directory(context, common.path), common.on_bad_row);
    if (!list) return failure(std::move(list.error()));
    return openb_real(std::move(*list), never);
  }));
}

Result<std::int64_t> read_load(const json& value, const Location& at) {
  const Result<double> load = read_positive(value, at);
  if (!load) return failure(load.error());
  const double milli = *load * 1000;
  if (milli > 100'000 || std::abs(milli - std::round(milli)) > 1e-6 || milli < 0.5) {
    return json_mismatch(value, at, "a load from 0.001 to 100 in steps of 0.001");
  }
  return std::llround(milli);
}

Result<WorkloadOpener> openb_study_opener(JsonFields& fields) {
  Common common;
  OpenbStudyOptions options;
  std::string nodes;
  common.read(fields);
  fields.optional("load", options.load_milli, read_load);
  fields.optional("interval", options.interval, read_duration);
  fields.optional("nodes", nodes, read_string);
  const Location at = fields.at();
  return fields.finish(WorkloadOpener([=](const TraceContext& context) -> Source {
    OpenbStudyOptions study = options;
    study.seed = context.seed;
    study.gpu_capacity = context.gpu_capacity;
    if (!nodes.empty()) {
      const auto list = context.store->openb_nodes(in_directory(context, nodes));
      if (!list) return failure(list.error());
      study.gpu_capacity = gpu_capacity(**list);
    }
    if (study.gpu_capacity <= MilliGpu{}) {
      return failure({.at = at,
                      .message = "the load is relative to GPUs, and there are none",
                      .found = "",
                      .expected = "a cluster with GPUs",
                      .hint = "\"nodes\" names a node list"});
    }
    auto list = context.store->openb_pods(in_directory(context, common.path), common.on_bad_row);
    if (!list) return failure(std::move(list.error()));
    return openb_study(std::move(*list), study);
  }));
}

Result<std::uint32_t> read_gpus_per_pod(const json& value, const Location& at) {
  const Result<std::int64_t> count = read_count(value, at);
  if (!count) return failure(count.error());
  if (*count < 1 || *count > static_cast<std::int64_t>(kGpusPerNodeMax)) {
    return json_mismatch(value, at, fmt::format("1 to {} GPUs", kGpusPerNodeMax));
  }
  return static_cast<std::uint32_t>(*count);
}

/// Jobs have up to a million GPUs: what one asks for must stay within 64 bits.
template <class Quantity, class Read>
auto modest(Read read) {
  return [read](const json& value, const Location& at) -> Result<Quantity> {
    Result<Quantity> amount = read(value, at);
    if (amount && amount->count() > INT64_MAX / 1024) {
      return json_mismatch(value, at, "an amount that a machine can have");
    }
    return amount;
  };
}

Result<WorkloadOpener> philly_opener(JsonFields& fields) {
  Common common;
  PhillyOptions options;
  common.read(fields);
  fields.optional("gpus_per_pod", options.gpus_per_pod, read_gpus_per_pod);
  fields.optional("cpu_per_gpu", options.cpu_per_gpu, modest<MilliCpu>(read_cpu));
  fields.optional("memory_per_gpu", options.memory_per_gpu, modest<Bytes>(read_bytes));
  fields.optional("virtual_clusters", options.virtual_clusters, read_strings);
  const Location at = fields.at("virtual_clusters");
  return fields.finish(WorkloadOpener([=](const TraceContext& context) -> Source {
    auto jobs = context.store->philly(in_directory(context, common.path), common.on_bad_row);
    if (!jobs) return failure(std::move(jobs.error()));
    for (const std::string& name : options.virtual_clusters) {
      const auto& known = (*jobs)->virtual_clusters;
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        return failure({.at = at,
                        .message = "no such virtual cluster",
                        .found = name,
                        .expected = "",
                        .hint = suggest(name, known)});
      }
    }
    return philly_workload(std::move(*jobs), options);
  }));
}

Result<WorkloadOpener> canonical_opener(JsonFields& fields) {
  Common common;
  common.read(fields);
  return fields.finish(WorkloadOpener([common](const TraceContext& context) -> Source {
    auto bytes = open_bytes(in_directory(context, common.path));
    if (!bytes) return failure(std::move(bytes.error()));
    return read_canonical(std::move(*bytes), common.on_bad_row);
  }));
}

Result<WorkloadOpener> synthetic_opener(const json& value, const Location& at) {
  json parameters = value;
  parameters.erase("format");
  auto workload = read_synthetic(parameters, at);
  if (!workload) return failure(std::move(workload.error()));
  return WorkloadOpener([workload = std::move(*workload)](const TraceContext& context) -> Source {
    return synthetic_workload(workload, context.seed, context.instance);
  });
}

/// "2003-01-01" or "2003-01-01 12:00:00" as seconds since 1970.
Result<std::int64_t> read_date(const json& value, const Location& at) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int used = 0;
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  const int count = std::sscanf(text.c_str(), "%4d-%2u-%2u%n", &year, &month, &day, &used);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (count != 3 || used != static_cast<int>(text.size()) || !date.ok()) {
    return json_mismatch(value, at, "a date such as \"2003-01-01\"");
  }
  return std::chrono::sys_seconds{std::chrono::sys_days{date}}.time_since_epoch().count();
}

template <class Read>
Result<FailureOpener> failure_opener(JsonFields& fields, Read read) {
  Common common;
  FailureLogOptions options;
  common.read(fields);
  fields.optional("select", options.select, read_strings);
  fields.optional("from", options.from, read_date);
  fields.optional("until", options.until, read_date);
  options.on_bad_row = common.on_bad_row;
  if (options.from && options.until && *options.until <= *options.from) {
    fields.fail({.at = fields.at("until"),
                 .message = "the window of time is empty",
                 .found = "",
                 .expected = "a date after \"from\"",
                 .hint = ""});
  }
  return fields.finish(FailureOpener([=](const TraceContext& context) {
    return read(*context.store, in_directory(context, common.path), options);
  }));
}

/// The value's format, of the wanted kind.
Result<std::string> format_of(const json& value, const Location& at, TraceKind kind) {
  if (!value.is_object()) return json_mismatch(value, at, R"(an object with a "format")");
  std::vector<std::string> names;
  for (const TraceFormat& format : trace_formats()) {
    if (format.kind == kind) names.push_back(format.name);
  }
  const auto found = value.find("format");
  if (found == value.end()) {
    return failure({.at = at,
                    .message = "'format' is missing",
                    .found = "",
                    .expected = "",
                    .hint = suggest("", names)});
  }
  Result<std::string> name = read_string(*found, child(at, "format"));
  if (!name) return name;
  if (std::find(names.begin(), names.end(), *name) != names.end()) return name;
  return failure({.at = child(at, "format"),
                  .message = kind == TraceKind::Workload ? "no such workload format"
                                                         : "no such failure log format",
                  .found = *name,
                  .expected = "",
                  .hint = suggest(*name, names)});
}

Result<WorkloadOpener> workload_opener(const json& value, const Location& at) {
  const Result<std::string> format = format_of(value, at, TraceKind::Workload);
  if (!format) return failure(format.error());
  if (*format == "synthetic") return synthetic_opener(value, at);
  JsonFields fields(value, at);
  (void)fields.find("format");
  if (*format == "openb") return openb_opener(fields);
  if (*format == "openb-study") return openb_study_opener(fields);
  if (*format == "philly") return philly_opener(fields);
  ORRERY_CHECK(*format == "canonical", "the catalogue lists a format that nothing opens");
  return canonical_opener(fields);
}

Result<FailureOpener> failures_opener(const json& value, const Location& at) {
  const Result<std::string> format = format_of(value, at, TraceKind::Failures);
  if (!format) return failure(format.error());
  JsonFields fields(value, at);
  (void)fields.find("format");
  if (*format == "lanl-failures") {
    return failure_opener(
        fields, [](TraceStore& store, const std::string& path, const FailureLogOptions& options) {
          return store.lanl_failures(path, options);
        });
  }
  ORRERY_CHECK(*format == "grid5000-failures", "the catalogue lists a format that nothing opens");
  return failure_opener(
      fields, [](TraceStore& store, const std::string& path, const FailureLogOptions& options) {
        return store.grid5000_failures(path, options);
      });
}

}  // namespace

Source open_workload(const json& value, const Location& at, const TraceContext& context) {
  ORRERY_CHECK(context.store != nullptr, "opening a trace needs a store");
  const auto open = workload_opener(value, at);
  if (!open) return failure(open.error());
  return (*open)(context);
}

Result<std::shared_ptr<const FailureLog>> open_failures(const json& value, const Location& at,
                                                        const TraceContext& context) {
  ORRERY_CHECK(context.store != nullptr, "opening a trace needs a store");
  const auto open = failures_opener(value, at);
  if (!open) return failure(open.error());
  return (*open)(context);
}

Result<bool> check_trace(const json& value, const Location& at, TraceKind kind) {
  if (kind == TraceKind::Workload) {
    return workload_opener(value, at).map([](const WorkloadOpener&) { return true; });
  }
  return failures_opener(value, at).map([](const FailureOpener&) { return true; });
}

}  // namespace orrery::traces
