#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/traces/catalog.hpp"

namespace orrery::cli {
namespace {

using traces::TraceFormat;

constexpr const char* kExamples = R"(
Examples:
  orrery traces             all formats of workloads and failure logs
  orrery traces openb       its fields, parameters and source
)";

int list() {
  for (const TraceFormat& format : traces::trace_formats()) {
    print(fmt::format("{:<20} {}\n", format.name, format.summary));
  }
  return kOk;
}

int show(const std::string& name) {
  const TraceFormat* const format = traces::find_trace_format(name);
  if (format == nullptr) {
    std::vector<std::string> names;
    for (const TraceFormat& known : traces::trace_formats()) names.push_back(known.name);
    return complain(fmt::format("there is no trace format '{}' ({})", name, suggest(name, names)));
  }
  print(fmt::format("{} ({})\n  {}\n  source: {}\n", format->name,
                    format->kind == traces::TraceKind::Workload ? "workload" : "failures",
                    format->summary, format->source));
  if (!format->parameters.empty()) print("parameters\n");
  for (const traces::TraceParameter& parameter : format->parameters) {
    print(fmt::format(
        "  {} ({}, {})\n      {}\n", parameter.name, parameter.type,
        parameter.default_value.empty() ? "required" : "default " + parameter.default_value,
        parameter.summary));
  }
  if (!format->fields.empty()) print("fields\n");
  for (const traces::TraceField& field : format->fields) {
    print(fmt::format("  {:<18} {:<10} {}\n", field.name, field.unit, field.summary));
  }
  return kOk;
}

}  // namespace

void add_traces(CLI::App& app, Action& action) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("traces", "list the trace formats, or describe one");
  command->footer(kExamples);
  command->add_option("format", *name, "which one to describe");
  command->callback(
      [name, &action] { action = [name] { return name->empty() ? list() : show(*name); }; });
}

}  // namespace orrery::cli
