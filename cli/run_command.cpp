#include <memory>

#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/run_experiment.hpp"

namespace orrery::cli {
namespace {

constexpr const char* kExamples = R"(
Runs every variant under every seed, on all processors, and stores each run as it finishes. The
same command again goes on where it was: after Ctrl-C, after a crash, or with more seeds.

Examples:
  orrery run quickstart
  orrery run experiment.json --jobs 4 --out results/mine.db
  orrery run experiment.json --seed 1 --replications 30
  orrery run openb-study --set /traces=~/openb --only 'default/*'
  orrery run experiment.json --set /clusters/0/scheduler/policy=best-fit --compare
  orrery run quickstart --only fgd --replications 1 --trace-out fgd.json   (ui.perfetto.dev)
  orrery run --from-manifests cluster/           what `kubectl get -o yaml` printed into files
  orrery run quickstart --until-ci 1%            seeds until the first metric is known to 1 %
)";

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* const command = app.add_subcommand("run", "run an experiment and store its results");
  command->footer(kExamples);
  CLI::Option* const experiment =
      command->add_option("experiment", arguments->experiment,
                          "a document, or one that comes with orrery (orrery experiments)");
  CLI::Option* const manifests =
      command->add_option("--from-manifests", arguments->manifests,
                          "instead: a folder of Kubernetes manifests, which make one cluster");
  manifests->excludes(experiment);
  command
      ->add_flag("--ignore-unknown", arguments->ignores_unknown,
                 "count objects of kinds that are not simulated instead of refusing them")
      ->needs(manifests);
  add_run_options(*command, *arguments);
  command->add_option("--seed", arguments->load.first_seed,
                      "the first seed; the others count up from it");
  command->add_option("--replications", arguments->load.replications, "how many seeds")
      ->check(CLI::Range(1, 1000000));
  command->add_option("--journals", arguments->journals,
                      "folder for what each scheduler heard and decided (orrery replay)");
  command
      ->add_option("--trace-out", arguments->timeline,
                   "draw the run as a time line: a file for ui.perfetto.dev")
      ->excludes("--journals");
  command->add_option("--only", arguments->load.only, "variants by name, with * for any text")
      ->allow_extra_args(false);
  command->add_flag("--compare", arguments->compares, "print the comparison at the end");
  command->callback([arguments, &action] {
    if (arguments->experiment.empty() && arguments->manifests.empty()) {
      throw CLI::RequiredError("experiment or --from-manifests");
    }
    action = [arguments] { return run_experiment(*arguments); };
  });
}

}  // namespace orrery::cli
