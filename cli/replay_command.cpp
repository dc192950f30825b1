#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/orchestration/journal/replay.hpp"
#include "orrery/policies/plugin.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::cli {
namespace {

constexpr const char* kExamples = R"(
Feeds what a scheduler heard to a new one and compares its decisions with the recorded ones, byte
for byte. Exit code 0: the same; 1: they differ; 2: the journal cannot be read to its end.

Examples:
  orrery run quickstart --replications 1 --only fgd --journals journals
  orrery replay journals/fgd-42-tokyo.journal
)";

struct ReplayArguments {
  std::string journal;
  std::vector<std::string> plugins;
};

int replay(const ReplayArguments& arguments) {
  policies::PolicyRegistry registry = policies::with_builtin_policies();
  for (const std::string& plugin : arguments.plugins) {
    auto loaded = policies::load_policies(registry, plugin, {.file = "--plugin"});
    if (!loaded) return complain(loaded.error());
  }
  const auto report = orchestration::replay_journal(arguments.journal, registry);
  if (!report) return complain(report.error());
  print(orchestration::to_text(*report));
  if (report->difference) return kFailedRun;
  return report->cut_off ? complain(*report->cut_off) : kOk;
}

}  // namespace

void add_replay(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* command =
      app.add_subcommand("replay", "check that a journal's decisions come out again");
  command->footer(kExamples);
  command->add_option("journal", arguments->journal, "a journal")->required();
  command->add_option("--plugin", arguments->plugins, "shared libraries with policies")
      ->allow_extra_args(false);
  command->callback([arguments, &action] { action = [arguments] { return replay(*arguments); }; });
}

}  // namespace orrery::cli
