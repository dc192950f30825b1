#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::cli {
namespace {

using policies::ParameterSpec;
using policies::PolicyInfo;
using policies::PolicyRegistry;

constexpr const char* kExamples = R"(
Examples:
  orrery policies           all policies, by kind
  orrery policies fgd       what it does, its parameters and their defaults, its source
)";

std::vector<std::string> kinds_of(const PolicyRegistry& registry) {
  std::vector<std::string> kinds;
  for (const PolicyInfo* info : registry.list()) {
    if (std::find(kinds.begin(), kinds.end(), info->kind) == kinds.end()) {
      kinds.push_back(info->kind);
    }
  }
  return kinds;
}

int list(const PolicyRegistry& registry) {
  for (const std::string& kind : kinds_of(registry)) {
    print(fmt::format("{}\n", kind));
    std::size_t width = 20;
    for (const PolicyInfo* info : registry.list(kind)) width = std::max(width, info->name.size());
    for (const PolicyInfo* info : registry.list(kind)) {
      print(fmt::format("  {:<{}} {}\n", info->name, width, info->summary));
    }
    print("\n");
  }
  return kOk;
}

std::string range_of(const ParameterSpec& parameter) {
  const char* const unit = parameter.type == policies::ParameterType::Duration ? " s" : "";
  std::string range;
  if (parameter.minimum) range += fmt::format(", at least {}{}", *parameter.minimum, unit);
  if (parameter.maximum) range += fmt::format(", at most {}{}", *parameter.maximum, unit);
  if (!parameter.choices.empty()) {
    range += fmt::format(", one of {}", fmt::join(parameter.choices, " | "));
  }
  return range;
}

void describe(const PolicyInfo& info) {
  print(fmt::format("{} ({})\n  {}\n", info.name, info.kind, info.summary));
  if (!info.source.empty()) print(fmt::format("  source: {}\n", info.source));
  if (info.parameters.empty()) print("  no parameters\n");
  for (const ParameterSpec& parameter : info.parameters) {
    const std::string otherwise =
        parameter.is_required ? "required" : fmt::format("default {}", parameter.default_json);
    print(fmt::format("  {} ({}{}; {})\n      {}\n", parameter.name, to_string(parameter.type),
                      range_of(parameter), otherwise, parameter.doc));
  }
}

int show(const PolicyRegistry& registry, const std::string& name) {
  bool is_found = false;
  std::vector<std::string> names;
  for (const PolicyInfo* info : registry.list()) {
    if (std::find(names.begin(), names.end(), info->name) == names.end()) {
      names.push_back(info->name);
    }
    if (info->name != name) continue;
    if (is_found) print("\n");
    describe(*info);
    is_found = true;
  }
  if (is_found) return kOk;
  return complain(fmt::format("there is no policy '{}' ({})", name, suggest(name, names)));
}

}  // namespace

void add_policies(CLI::App& app, Action& action) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("policies", "list the policies, or describe one");
  command->footer(kExamples);
  command->add_option("name", *name, "which one to describe");
  command->callback([name, &action] {
    action = [name] {
      const PolicyRegistry registry = policies::with_builtin_policies();
      return name->empty() ? list(registry) : show(registry, *name);
    };
  });
}

}  // namespace orrery::cli
