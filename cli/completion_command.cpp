#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/output.hpp"

namespace orrery::cli {
namespace {

constexpr const char* kExamples = R"(
Examples:
  source <(orrery completion bash)
  orrery completion zsh > "${fpath[1]}/_orrery"
  orrery completion fish > ~/.config/fish/completions/orrery.fish
)";

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> options;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
  }
  return options;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  std::vector<const CLI::App*> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command);
  return commands;
}

std::string names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app)) names.push_back(command->get_name());
  return fmt::format("{}", fmt::join(names, " "));
}

/// What follows a command: its options and its own subcommands; files complete where none fits.
std::string words_of(const CLI::App& command) {
  std::string words = fmt::format("{}", fmt::join(options_of(command), " "));
  const std::string inner = names_of(command);
  return inner.empty() ? words : inner + " " + words;
}

std::string bash_script(const CLI::App& app) {
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    cases += fmt::format("    {}) words=\"{}\" ;;\n", command->get_name(), words_of(*command));
  }
  return fmt::format(R"(_orrery() {{
  local words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{} --help --version" -- "${{COMP_WORDS[1]}}"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o bashdefault -o default -F _orrery orrery
)",
                     names_of(app), cases);
}

std::string zsh_script(const CLI::App& app) {
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    cases += fmt::format("    {}) compadd -- {} ;;\n", command->get_name(), words_of(*command));
  }
  return fmt::format(R"(#compdef orrery
_orrery() {{
  if (( CURRENT == 2 )); then
    compadd -- {} --help --version
    return
  fi
  case "${{words[2]}}" in
{}  esac
  _files
}}
_orrery "$@"
)",
                     names_of(app), cases);
}

std::string fish_script(const CLI::App& app) {
  std::string text;
  for (const CLI::App* command : commands_of(app)) {
    text += fmt::format("complete -c orrery -n __fish_use_subcommand -a {} -d '{}'\n",
                        command->get_name(), command->get_description());
    for (const std::string& option : options_of(*command)) {
      text += fmt::format("complete -c orrery -n '__fish_seen_subcommand_from {}' -l {}\n",
                          command->get_name(), option.substr(2));
    }
  }
  return text;
}

}  // namespace

void add_completion(CLI::App& app, Action& action) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "print a completion script for a shell");
  command->footer(kExamples);
  command->add_option("shell", *shell, "bash, zsh or fish")->required();
  command->callback([shell, &app, &action] {
    action = [shell, &app] {
      if (*shell == "bash") return print(bash_script(app)), kOk;
      if (*shell == "zsh") return print(zsh_script(app)), kOk;
      if (*shell == "fish") return print(fish_script(app)), kOk;
      return complain(fmt::format("no completion for '{}' ({})", *shell,
                                  suggest(*shell, {"bash", "zsh", "fish"})));
    };
  });
}

}  // namespace orrery::cli
