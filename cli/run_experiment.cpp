#include "orrery/cli/run_experiment.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "orrery/cli/external_command.hpp"
#include "orrery/cli/interrupt.hpp"
#include "orrery/cli/output.hpp"
#include "orrery/cli/progress_bar.hpp"
#include "orrery/experiments/comparison/formats.hpp"
#include "orrery/experiments/comparison/precision.hpp"
#include "orrery/experiments/experiment/manifests_document.hpp"
#include "orrery/experiments/experiment/run_variant.hpp"
#include "orrery/experiments/explain/never_ran.hpp"
#include "orrery/sim/cluster/timeline_writer.hpp"

namespace orrery::cli {
namespace {

using experiments::Experiment;
using experiments::ResultsWriter;
using experiments::SweepSummary;

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

/// Which pods of the first run never ran, and why.
int report_never_ran(const Experiment& experiment) {
  constexpr std::size_t kRows = 20;
  const auto key = experiment.runs().front();
  const auto pods = experiments::pods_that_never_ran(experiment, key.variant, key.seed);
  if (!pods) return complain(pods.error());
  print(experiments::to_text(*pods, kRows));
  return kOk;
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

Result<SweepSummary> sweep(const RunArguments& arguments, const Experiment& experiment,
                           ResultsWriter& results, const InterruptGuard& interrupt) {
  ProgressBar bar(::isatty(STDERR_FILENO) == 1, arguments.is_quiet);
  auto summary = experiments::run_sweep(
      experiment.runs(), run_function(arguments, experiment), results,
      {.jobs = arguments.jobs == 0 ? std::thread::hardware_concurrency() : arguments.jobs,
       .stop = interrupt.token(),
       .on_progress = [&](const experiments::Progress& progress) { bar.show(progress); }});
  bar.finish();
  return summary;
}

/// The document that stands in the arguments, or the one that they name.
Result<Experiment> load(const RunArguments& arguments) {
  if (!arguments.manifests.empty()) {
    return Experiment::parse(
        experiments::document_of_manifests(arguments.manifests, arguments.ignores_unknown),
        arguments.manifests, arguments.load);
  }
  if (!arguments.document.empty()) {
    return Experiment::parse(arguments.document, arguments.experiment, arguments.load);
  }
  return Experiment::load(arguments.experiment, arguments.load);
}

/// More seeds, until the metric is known well enough, something fails or Ctrl-C.
/// `load.replications` has the seeds that have been run, and `summary` what they came to.
Result<void> run_until_narrow(RunArguments& arguments, const experiments::StoppingRule& rule,
                              const std::string& path, ResultsWriter& results,
                              const InterruptGuard& interrupt, SweepSummary& summary) {
  while (!summary.was_interrupted && summary.failed.empty()) {
    const auto reader = experiments::ResultsReader::open(path);
    if (!reader) return failure(reader.error());
    const auto precision = experiments::precision_of(*reader, arguments.until_metric, rule);
    if (!precision) return failure(precision.error());
    note("orrery: " + to_string(*precision));
    if (precision->is_enough) return {};
    arguments.load.replications = precision->seeds_next;
    const auto experiment = load(arguments);
    if (!experiment) return failure(experiment.error());
    const auto more = sweep(arguments, *experiment, results, interrupt);
    if (!more) return failure(more.error());
    summary.finished += more->finished;
    summary.wall_seconds += more->wall_seconds;
    summary.failed = more->failed;
    summary.was_interrupted = more->was_interrupted;
  }
  return {};
}

/// --until-ci as a rule; --replications is then the most seeds.
Result<std::optional<experiments::StoppingRule>> stopping_rule(RunArguments& arguments) {
  if (arguments.until_width.empty()) return std::optional<experiments::StoppingRule>();
  auto rule = experiments::StoppingRule::parse(arguments.until_width, {.file = "--until-ci"});
  if (!rule) return failure(rule.error());
  rule->seeds_max = arguments.load.replications.value_or(rule->seeds_max);
  rule->seeds_min = std::min(rule->seeds_min, rule->seeds_max);
  arguments.load.replications = rule->seeds_min;
  return std::optional(*rule);
}

}  // namespace

int run_experiment(RunArguments arguments) {
  const InterruptGuard interrupt;
  const auto rule = stopping_rule(arguments);
  if (!rule) return complain(rule.error());
  const auto experiment = load(arguments);
  if (!experiment) return complain(experiment.error());
  for (const std::string& notice : experiment->notices()) note("orrery: " + notice);
  if (const auto error = cannot_draw(arguments, *experiment)) return complain(*error);

  const std::string path = results_path(arguments, *experiment);
  auto results = ResultsWriter::open(path, experiment->record());
  if (!results) return complain(results.error());
  auto summary = sweep(arguments, *experiment, *results, interrupt);
  if (!summary) return complain(summary.error());
  if (!arguments.timeline.empty() && summary->skipped > 0) {  // stored already, but not drawn
    const auto drawn =
        run_function(arguments, *experiment)(experiment->runs().front(), interrupt.token());
    if (!drawn) return complain(drawn.error());
  }
  if (*rule) {
    const auto narrow = run_until_narrow(arguments, **rule, path, *results, interrupt, *summary);
    if (!narrow) return complain(narrow.error());
  }
  if (auto closed = results->close(); !closed) return complain(closed.error());
  report(*summary, *experiment, path);
  if (summary->was_interrupted) return kInterrupted;
  if (!summary->failed.empty()) return kFailedRun;
  if (!arguments.manifests.empty()) {
    if (const int code = report_never_ran(*experiment); code != kOk) return code;
  }
  if (arguments.compares) return print_comparison(path);
  print(fmt::format("compare:  orrery compare {}\n", path));
  if (!find_external("report").empty()) print(fmt::format("report:   orrery report {}\n", path));
  return kOk;
}

void add_run_options(CLI::App& command, RunArguments& arguments) {
  command.add_option("--jobs,-j", arguments.jobs, "runs at a time (default: all processors)")
      ->check(CLI::Range(1, 4096));
  command.add_option("--until-ci", arguments.until_width,
                     "add seeds until the 95 % interval of the metric's mean is that narrow: half "
                     "its width, 1% of the mean or 0.5 in the metric's unit; at most as "
                     "many as are asked for (1000)");
  command.add_option("--until-metric", arguments.until_metric,
                     "the metric that --until-ci is about (default: the document's first)");
  command.add_option("--out,-o", arguments.out, "results file (default: results/NAME.db)");
  command.add_option("--set", arguments.load.settings, "/json/pointer=value, before variants")
      ->allow_extra_args(false);
  command.add_flag("--quiet,-q", arguments.is_quiet, "no progress");
}

}  // namespace orrery::cli
