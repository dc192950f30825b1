#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/experiments/experiment/experiment.hpp"
#include "orrery/experiments/experiment/library.hpp"

namespace orrery::cli {
namespace {

constexpr const char* kExamples = R"(
Reads a document as 'orrery run' does, with all its variants and traces, and runs nothing.

Examples:
  orrery validate experiment.json
  orrery validate --schema > experiment.schema.json   for editors that complete JSON
)";

struct ValidateArguments {
  std::string experiment;
  experiments::LoadOptions load;
  bool prints_schema = false;
};

int validate(const ValidateArguments& arguments) {
  if (arguments.prints_schema) {
    print(std::string(experiments::document_schema()));
    return kOk;
  }
  if (arguments.experiment.empty()) return complain("name a document, or say --schema");
  const auto experiment = experiments::Experiment::load(arguments.experiment, arguments.load);
  if (!experiment) return complain(experiment.error());
  for (const std::string& notice : experiment->notices()) note("orrery: " + notice);
  print(fmt::format("{}: ok, {} of {} variants, {} seeds, {} runs\n", experiment->name(),
                    experiment->selected_count(), experiment->variant_count(),
                    experiment->seeds().size(), experiment->runs().size()));
  return kOk;
}

}  // namespace

void add_validate(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ValidateArguments>();
  CLI::App* command = app.add_subcommand("validate", "check an experiment document");
  command->footer(kExamples);
  command->add_option("experiment", arguments->experiment, "a document");
  command->add_option("--set", arguments->load.settings, "/json/pointer=value")
      ->allow_extra_args(false);
  command->add_option("--only", arguments->load.only, "variants by name, with *")
      ->allow_extra_args(false);
  command->add_flag("--schema", arguments->prints_schema, "print the JSON Schema of documents");
  command->callback(
      [arguments, &action] { action = [arguments] { return validate(*arguments); }; });
}

}  // namespace orrery::cli
