#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/cli/stored_run.hpp"
#include "orrery/experiments/explain/explain.hpp"
#include "orrery/experiments/explain/never_ran.hpp"

namespace orrery::cli {
namespace {

constexpr const char* kExamples = R"(
Repeats a stored run exactly up to the decision about one pod and prints what the policy saw then:
which nodes were refused and why, and the scores of the others. Without a pod: lists the pods that
never ran, and why.

Examples:
  orrery explain results/quickstart.db --run 1
  orrery explain results/quickstart.db --run 1 --pod 100
  orrery explain results/quickstart.db --run fgd@42 --pod 100 --cluster tokyo --all
)";

struct ExplainArguments {
  std::string results;
  std::string run;
  experiments::ExplainRequest request;
  experiments::LoadOptions load;
  bool prints_all = false;
};

int list_never_ran(const ExplainArguments& arguments, const StoredRun& run,
                   const experiments::Experiment& experiment) {
  const auto pods =
      experiments::pods_that_never_ran(experiment, arguments.request.variant, run.seed);
  if (!pods) return complain(pods.error());
  const std::string list =
      experiments::to_text(*pods, arguments.prints_all ? 0 : arguments.request.rows_max);
  print(fmt::format("{}, seed {}: {}", run.variant.name, run.seed,
                    list.empty() ? "every pod ran\n" : list));
  return kOk;
}

int explain(const ExplainArguments& arguments) {
  const auto run = find_stored_run(arguments.results, arguments.run);
  if (!run) return complain(run.error());
  const auto experiment =
      experiments::Experiment::parse(run->variant.settings, arguments.results, arguments.load);
  if (!experiment) return complain(experiment.error());
  experiments::ExplainRequest request = arguments.request;
  request.seed = run->seed;
  if (request.pod == 0) return list_never_ran(arguments, *run, *experiment);
  if (arguments.prints_all) request.rows_max = 0;
  const auto text = experiments::explain_pod(*experiment, request);
  if (!text) return complain(text.error());
  print(fmt::format("{}, seed {}, cluster {}", run->variant.name, request.seed, *text));
  return kOk;
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* command = app.add_subcommand("explain", "say why a pod of a stored run went where");
  command->footer(kExamples);
  command->add_option("results", arguments->results, "a results file")->required();
  command->add_option("--run", arguments->run, "number of the run, or VARIANT@SEED")->required();
  command->add_option(
      "--pod", arguments->request.pod,
      "number of the pod, by arrival from 1; without it: which pods never ran, and why");
  command->add_option("--cluster", arguments->request.cluster, "the pod's cluster");
  command->add_option("--set", arguments->load.settings, "/traces=DIR, if the traces have moved")
      ->allow_extra_args(false);
  command->add_flag("--all", arguments->prints_all, "print every node, or every pod");
  command->callback([arguments, &action] { action = [arguments] { return explain(*arguments); }; });
}

}  // namespace orrery::cli
