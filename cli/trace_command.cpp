#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/traces/byte_sink.hpp"
#include "orrery/traces/canonical.hpp"
#include "orrery/traces/catalog.hpp"
#include "orrery/traces/summary.hpp"
#include "orrery/traces/trace_store.hpp"

namespace orrery::cli {
namespace {

constexpr const char* kDescribeExamples = R"(
Examples:
  orrery trace describe openb_pod_list_default.csv
  orrery trace describe jobs.csv --format philly --set gpus_per_pod=4 --json
)";
constexpr const char* kConvertExamples = R"(
Writes Orrery's own format (docs/trace-format.md), compressed if OUTPUT ends in .gz or .zst.

Examples:
  orrery trace convert openb_pod_list_default.csv pods.jsonl.zst
  orrery trace convert philly.csv philly.jsonl --on-bad-row skip
)";

struct TraceArguments {
  std::string input;
  std::string output;
  std::string format;
  std::string on_bad_row;
  std::vector<std::string> settings;
  std::uint64_t seed = 42;
  bool prints_json = false;
};

/// The format that a file's name speaks for; empty when it does not.
std::string format_by_name(const std::string& path) {
  const std::string file = path.substr(path.rfind('/') + 1);
  if (file.find(".jsonl") != std::string::npos) return "canonical";
  if (file.rfind("openb_pod_list", 0) == 0) return "openb";
  if (file.rfind("philly", 0) == 0) return "philly";
  return "";
}

Result<nlohmann::json> parameters_of(const TraceArguments& arguments) {
  const std::string format =
      arguments.format.empty() ? format_by_name(arguments.input) : arguments.format;
  if (format.empty()) {
    return failure({.at = {.file = arguments.input},
                    .message = "its name does not tell its format",
                    .hint = "say --format ('orrery traces' lists them)"});
  }
  nlohmann::json parameters = {{"format", format}, {"path", arguments.input}};
  if (!arguments.on_bad_row.empty()) parameters["on_bad_row"] = arguments.on_bad_row;
  for (const std::string& setting : arguments.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      return failure({.at = {.file = "--set"},
                      .message = "",
                      .found = setting,
                      .expected = "PARAMETER=VALUE"});
    }
    const std::string text = setting.substr(equals + 1);
    nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
    if (value.is_discarded()) value = text;
    parameters[setting.substr(0, equals)] = std::move(value);
  }
  return parameters;
}

Result<std::unique_ptr<traces::WorkloadSource>> open(const TraceArguments& arguments,
                                                     traces::TraceStore& store) {
  const auto parameters = parameters_of(arguments);
  if (!parameters) return failure(parameters.error());
  return traces::open_workload(*parameters, {}, {.seed = arguments.seed, .store = &store});
}

int describe(const TraceArguments& arguments) {
  traces::TraceStore store;
  auto source = open(arguments, store);
  if (!source) return complain(source.error());
  const auto summary = traces::summarize(**source);
  if (!summary) return complain(summary.error());
  print(arguments.prints_json ? traces::to_json(*summary).dump(2) + "\n"
                              : traces::to_text(*summary));
  return kOk;
}

int convert(const TraceArguments& arguments) {
  traces::TraceStore store;
  auto source = open(arguments, store);
  if (!source) return complain(source.error());
  auto sink = traces::create_file(arguments.output);
  if (!sink) return complain(sink.error());
  const auto pods = traces::convert(**source, std::move(*sink));
  if (!pods) return complain(pods.error());
  print(fmt::format("{}: {} pods\n", arguments.output, *pods));
  if (const std::uint64_t skipped = (*source)->skipped_rows(); skipped > 0) {
    note(fmt::format("orrery: {} malformed rows were skipped", skipped));
  }
  return kOk;
}

void add_common(CLI::App& command, TraceArguments& arguments) {
  command.add_option("input", arguments.input, "a trace file")->required();
  command.add_option("--format", arguments.format, "its format (default: by its name)");
  command.add_option("--on-bad-row", arguments.on_bad_row, "fail or skip");
  command.add_option("--set", arguments.settings, "parameter=value of the format")
      ->allow_extra_args(false);
  command.add_option("--seed", arguments.seed, "for formats that draw");
}

}  // namespace

void add_trace(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("trace", "describe or convert a trace");
  command->require_subcommand(1);
  auto arguments = std::make_shared<TraceArguments>();

  CLI::App* describing = command->add_subcommand("describe", "what is in a trace");
  describing->footer(kDescribeExamples);
  add_common(*describing, *arguments);
  describing->add_flag("--json", arguments->prints_json, "as JSON");
  describing->callback(
      [arguments, &action] { action = [arguments] { return describe(*arguments); }; });

  CLI::App* converting = command->add_subcommand("convert", "write it in Orrery's own format");
  converting->footer(kConvertExamples);
  add_common(*converting, *arguments);
  converting->add_option("output", arguments->output, "the file to write")->required();
  converting->callback(
      [arguments, &action] { action = [arguments] { return convert(*arguments); }; });
}

}  // namespace orrery::cli
