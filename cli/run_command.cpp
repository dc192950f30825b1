#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "orrery/cli/commands.hpp"
#include "orrery/cli/interrupt.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/cli/progress_bar.hpp"
#include "orrery/experiments/comparison/formats.hpp"
#include "orrery/experiments/experiment/run_variant.hpp"
#include "orrery/sim/cluster/timeline_writer.hpp"

namespace orrery::cli {
namespace {

using experiments::Experiment;
using experiments::ResultsWriter;
using experiments::SweepSummary;

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
)";

struct RunArguments {
  std::string experiment;
  std::size_t jobs = 0;
  std::string out;
  std::string journals;
  std::string timeline;
  experiments::LoadOptions load;
  bool is_quiet = false;
  bool compares = false;
};

/// --out, or results/NAME.db, whose folder is made.
std::string results_path(const RunArguments& arguments, const Experiment& experiment) {
  if (!arguments.out.empty()) return arguments.out;
  std::error_code ignored;
  std::filesystem::create_directory("results", ignored);  // opening the file tells if this failed
  return fmt::format("results/{}.db", experiments::file_name_of(experiment.name()));
}

void report(const SweepSummary& summary, const Experiment& experiment, const std::string& path) {
  for (const auto& run : summary.failed) {
    note(fmt::format("orrery: failed: {}, seed {}: {}",
                     experiment.record().variants[run.key.variant].name, run.key.seed, run.error));
  }
  std::string line = fmt::format("{}: {} runs finished in {:.1f} s", experiment.name(),
                                 summary.finished, summary.wall_seconds);
  if (summary.skipped > 0) line += fmt::format(", {} were there before", summary.skipped);
  if (!summary.failed.empty()) line += fmt::format(", {} failed", summary.failed.size());
  if (summary.was_interrupted) line += ", interrupted: the same command goes on";
  print(fmt::format("{}\nresults: {}\n", line, path));
}

int print_comparison(const std::string& path) {
  const auto reader = experiments::ResultsReader::open(path);
  if (!reader) return complain(reader.error());
  const auto comparison = experiments::compare(*reader, {});
  if (!comparison) return complain(comparison.error());
  print("\n" + experiments::to_table(*comparison));
  return kOk;
}

experiments::RunFunction run_function(const RunArguments& arguments, const Experiment& experiment) {
  if (!arguments.timeline.empty()) {
    return experiments::timeline_run_of(experiment, arguments.timeline);
  }
  if (arguments.journals.empty()) return experiments::simulate_runs_of(experiment);
  std::error_code ignored;
  std::filesystem::create_directories(arguments.journals, ignored);  // opening the files tells
  return experiments::journal_runs_of(experiment, arguments.journals);
}

/// One run can be drawn, no more, and only to a file that can be written: said before anything
/// runs.
std::optional<Error> cannot_draw(const RunArguments& arguments, const Experiment& experiment) {
  if (arguments.timeline.empty()) return std::nullopt;
  const std::size_t runs = experiment.runs().size();
  if (runs == 1) {
    const auto writer = sim::TimelineWriter::create(arguments.timeline);
    return writer ? std::nullopt : std::optional{writer.error()};
  }
  return Error{.at = {},
               .message = "--trace-out draws one run",
               .found = fmt::format("{} runs", runs),
               .expected = {},
               .hint = "choose it with --only VARIANT --seed SEED --replications 1"};
}

int run(const RunArguments& arguments) {
  const InterruptGuard interrupt;
  const auto experiment = Experiment::load(arguments.experiment, arguments.load);
  if (!experiment) return complain(experiment.error());
  for (const std::string& notice : experiment->notices()) note("orrery: " + notice);
  if (const auto error = cannot_draw(arguments, *experiment)) return complain(*error);

  const std::string path = results_path(arguments, *experiment);
  auto results = ResultsWriter::open(path, experiment->record());
  if (!results) return complain(results.error());
  const experiments::RunFunction function = run_function(arguments, *experiment);
  ProgressBar bar(::isatty(STDERR_FILENO) == 1, arguments.is_quiet);
  const auto summary = experiments::run_sweep(
      experiment->runs(), function, *results,
      {.jobs = arguments.jobs == 0 ? std::thread::hardware_concurrency() : arguments.jobs,
       .stop = interrupt.token(),
       .on_progress = [&](const experiments::Progress& progress) { bar.show(progress); }});
  bar.finish();
  if (!summary) return complain(summary.error());
  if (!arguments.timeline.empty() && summary->skipped > 0) {  // stored already, but not drawn
    const auto drawn = function(experiment->runs().front(), interrupt.token());
    if (!drawn) return complain(drawn.error());
  }
  if (auto closed = results->close(); !closed) return complain(closed.error());
  report(*summary, *experiment, path);
  if (summary->was_interrupted) return kInterrupted;
  if (!summary->failed.empty()) return kFailedRun;
  if (arguments.compares) return print_comparison(path);
  print(fmt::format("compare:  orrery compare {}\n", path));
  return kOk;
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand("run", "run an experiment and store its results");
  command->footer(kExamples);
  command
      ->add_option("experiment", arguments->experiment,
                   "a document, or one that comes with orrery (orrery experiments)")
      ->required();
  command->add_option("--jobs,-j", arguments->jobs, "runs at a time (default: all processors)")
      ->check(CLI::Range(1, 4096));
  command->add_option("--seed", arguments->load.first_seed,
                      "the first seed; the others count up from it");
  command->add_option("--replications", arguments->load.replications, "how many seeds")
      ->check(CLI::Range(1, 1000000));
  command->add_option("--out,-o", arguments->out, "results file (default: results/NAME.db)");
  command->add_option("--journals", arguments->journals,
                      "folder for what each scheduler heard and decided (orrery replay)");
  command
      ->add_option("--trace-out", arguments->timeline,
                   "draw the run as a time line: a file for ui.perfetto.dev")
      ->excludes("--journals");
  command->add_option("--set", arguments->load.settings, "/json/pointer=value, before variants")
      ->allow_extra_args(false);
  command->add_option("--only", arguments->load.only, "variants by name, with * for any text")
      ->allow_extra_args(false);
  command->add_flag("--compare", arguments->compares, "print the comparison at the end");
  command->add_flag("--quiet,-q", arguments->is_quiet, "no progress");
  command->callback([arguments, &action] { action = [arguments] { return run(*arguments); }; });
}

}  // namespace orrery::cli
