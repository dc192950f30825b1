#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/experiments/comparison/formats.hpp"

namespace orrery::cli {
namespace {

constexpr const char* kExamples = R"(
For each metric and variant: mean, 95 % confidence interval over the seeds, and the difference to
the baseline, paired seed by seed, with its interval and what can be said about it (better, worse,
indistinguishable …; docs/statistics.md says how).

Examples:
  orrery compare results/quickstart.db
  orrery compare results/quickstart.db --metric 'waiting*' --baseline first-fit
  orrery compare results/openb-study.db --baseline '*/random' --format csv > study.csv
)";

struct CompareArguments {
  std::string results;
  std::string format = "table";
  experiments::ComparisonOptions options;
};

int compare(const CompareArguments& arguments) {
  const auto format = experiments::comparison_format(arguments.format);
  if (!format) return complain(format.error());
  const auto reader = experiments::ResultsReader::open(arguments.results);
  if (!reader) return complain(reader.error());
  const auto comparison = experiments::compare(*reader, arguments.options);
  if (!comparison) return complain(comparison.error());
  print(experiments::format_comparison(*comparison, *format));
  return kOk;
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<CompareArguments>();
  CLI::App* command = app.add_subcommand("compare", "compare the variants of a results file");
  command->footer(kExamples);
  command->add_option("results", arguments->results, "a results file")->required();
  command
      ->add_option("--metric,-m", arguments->options.metrics,
                   "metrics by name, with * for any text (default: those of the document)")
      ->allow_extra_args(false);
  command->add_option("--only", arguments->options.variants, "variants by name, with *")
      ->allow_extra_args(false);
  command->add_option("--baseline,-b", arguments->options.baseline,
                      "the variant to compare with; * between slashes: the variant's own part");
  command->add_option("--format,-f", arguments->format, "table, markdown, csv, json or latex");
  command->callback([arguments, &action] { action = [arguments] { return compare(*arguments); }; });
}

}  // namespace orrery::cli
