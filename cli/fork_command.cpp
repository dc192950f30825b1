#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/cli/run_experiment.hpp"
#include "orrery/cli/stored_run.hpp"
#include "orrery/experiments/experiment/fork_document.hpp"

namespace orrery::cli {
namespace {

constexpr const char* kExamples = R"(
Repeats a stored run exactly up to a moment and goes on from there under other policies, in many
futures: arrivals, failures and start-up times that had not been drawn by then are drawn anew for
each seed, the same for all policies. The first future is the one that the run itself has had.
Figures are those of the time after the fork; differences to the unchanged policy are paired.

Examples:
  orrery fork results/quickstart.db --run random@42 --at 12:00 --policy best-fit
  orrery fork results/quickstart.db --run fgd@42 --at "1d 6h" --policy first-fit --policy random
  orrery fork results/quickstart.db --run 7 --at 20h --until-ci 2% \
      --policy 'packed={"name": "filter-score", "scorers": ["most-allocated"]}'
)";

struct ForkArguments {
  std::string results;
  std::string run;
  std::vector<std::string> policies;
  experiments::ForkRequest request;
  RunArguments running;
};

int fork(ForkArguments arguments) {
  const auto origin = find_stored_run(arguments.results, arguments.run);
  if (!origin) return complain(origin.error());
  experiments::ForkRequest& request = arguments.request;
  request.variant = origin->variant.name;
  request.seed = origin->seed;
  request.end_seconds = origin->simulated_seconds;
  for (const std::string& text : arguments.policies) {
    auto policy = experiments::parse_fork_policy(text);
    if (!policy) return complain(policy.error());
    request.policies.push_back(std::move(*policy));
  }
  auto document = experiments::fork_document(origin->variant.settings, request);
  if (!document) return complain(document.error());
  arguments.running.experiment = "the fork of " + arguments.results;
  arguments.running.document = std::move(*document);
  arguments.running.compares = true;
  return run_experiment(std::move(arguments.running));
}

}  // namespace

void add_fork(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ForkArguments>();
  CLI::App* command =
      app.add_subcommand("fork", "go on from a moment of a stored run under other policies");
  command->footer(kExamples);
  command->add_option("results", arguments->results, "a results file")->required();
  command->add_option("--run", arguments->run, "number of the run, or VARIANT@SEED")->required();
  command->add_option("--at", arguments->request.at, "when: \"12:00\", \"2d 3h\"")->required();
  command
      ->add_option("--policy", arguments->policies,
                   "takes over in all clusters: a name, or NAME='{\"name\": …}' with parameters")
      ->required()
      ->allow_extra_args(false);
  command
      ->add_option("--seeds", arguments->running.load.replications,
                   "how many futures (default: 20)")
      ->check(CLI::Range(1, 1000000));
  add_run_options(*command, arguments->running);
  command->callback([arguments, &action] { action = [arguments] { return fork(*arguments); }; });
}

}  // namespace orrery::cli
