#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace orrery::cli {

/// What the chosen command does; its value is the exit code.
using Action = std::function<int()>;

// One function per subcommand, each in the source that bears its name: declares the options and,
// when the command is chosen, sets `action`, which must outlive the parsing.
void add_run(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
void add_validate(CLI::App& app, Action& action);
void add_experiments(CLI::App& app, Action& action);
void add_policies(CLI::App& app, Action& action);
void add_traces(CLI::App& app, Action& action);
void add_trace(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_fork(CLI::App& app, Action& action);
void add_replay(CLI::App& app, Action& action);
void add_completion(CLI::App& app, Action& action);

}  // namespace orrery::cli
