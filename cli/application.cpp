#include "orrery/cli/application.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/external_command.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/experiments/store/provenance.hpp"
#include "orrery/models/result.hpp"

namespace orrery::cli {
namespace {

constexpr const char* kExamples = R"(
Examples:
  orrery run quickstart                          a synthetic mesh, five policies, ten seeds
  orrery compare results/quickstart.db           what the policies did, with intervals
  orrery run experiment.json --only 'fgd' --set /horizon=1d
  orrery run openb-study --set /traces=~/openb   the GPU-sharing study on Alibaba's trace
  orrery policies fgd                            what a policy does and its parameters
  orrery report results/quickstart.db            a page with charts (from the Python package)

'orrery NAME' runs a program orrery-NAME where there is one on PATH.

Exit codes: 0 ok, 1 a run failed, 2 bad input, 130 interrupted.
)";

void add_commands(CLI::App& app, Action& action) {
  add_run(app, action);
  add_compare(app, action);
  add_validate(app, action);
  add_experiments(app, action);
  add_policies(app, action);
  add_traces(app, action);
  add_trace(app, action);
  add_explain(app, action);
  add_fork(app, action);
  add_replay(app, action);
  add_completion(app, action);
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// The command that the arguments have reached: where an unexpected one is out of place.
const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

/// "The following arguments were not expected: 3 --job" → "--job": CLI11 lists the last one first,
/// and an unknown option is more to the point than the value behind it.
std::string first_unexpected(const std::string& message) {
  const std::size_t colon = message.find(": ");
  std::string first;
  for (std::size_t at = colon + 2; colon != std::string::npos && at < message.size();) {
    const std::size_t end = std::min(message.find(' ', at), message.size());
    const std::string word = message.substr(at, end - at);
    const bool is_option = word.rfind('-', 0) == 0;
    if (is_option || first.empty() || first.front() != '-') first = word;
    at = end + 1;
  }
  return first;
}

int complain_about(const CLI::ParseError& error, const CLI::App& app) {
  const CLI::App& command = innermost(app);
  const std::string usage =
      fmt::format("try 'orrery {}--help'", &command == &app ? "" : command.get_name() + " ");
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr) {
    return complain(fmt::format("{} ({})", error.what(), usage));
  }
  const std::string extra = first_unexpected(error.what());
  const bool is_option = extra.starts_with('-');
  const std::vector<std::string> choices =
      is_option ? option_names(command) : command_names(command);
  const std::vector<std::string> near = nearest(extra, choices);
  return complain(fmt::format("unexpected {} '{}' ({})", is_option ? "option" : "argument", extra,
                              near.empty() ? usage : suggest(extra, choices)));
}

/// A first word that is no command of ours.
bool is_unknown_command(const CLI::App& app, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return false;
  for (const std::string& name : command_names(app)) {
    if (name == argv[1]) return false;
  }
  return true;
}

/// Another program's command, or a mistake, told with the nearest one.
int run_unknown_command(const CLI::App& app, int argc, const char* const* argv) {
  const std::string name = argv[1];
  if (const std::string path = find_external(name); !path.empty()) {
    return become_external(path, argc, argv);
  }
  if (const std::string how = how_to_get(name); !how.empty()) {
    return complain(
        fmt::format("there is no program orrery-{} for 'orrery {}' ({})", name, name, how));
  }
  std::vector<std::string> choices = command_names(app);
  for (const std::string& external : external_names()) choices.push_back(external);
  return complain(fmt::format("there is no command '{}' ({})", name, suggest(name, choices)));
}

int parse_and_run(int argc, const char* const* argv) {
  CLI::App app{
      "orrery: try out scheduling policies for AI services on many clusters, in virtual "
      "time, and compare them honestly.",
      "orrery"};
  Action action;
  app.set_version_flag("--version", fmt::format("orrery {}", experiments::orrery_version()));
  app.require_subcommand(1);
  app.footer(kExamples);
  add_commands(app, action);
  if (is_unknown_command(app, argc, argv)) {
    return run_unknown_command(app, argc, argv);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return complain_about(error, app);
  }
  return action ? action() : kBadInput;
}

}  // namespace

int run_application(int argc, const char* const* argv) {
  // Without this a full file system quota would kill the process instead of failing the write.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& exception) {
    complain(fmt::format("{} (this is a bug of orrery: please report it)", exception.what()));
    return kFailedRun;
  }
}

}  // namespace orrery::cli
