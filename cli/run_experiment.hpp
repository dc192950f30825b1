#pragma once

#include <cstddef>
#include <string>

#include "orrery/experiments/experiment/experiment.hpp"

namespace CLI {
class App;
}

namespace orrery::cli {

struct RunArguments {
  std::string experiment;  ///< a name or a path; of `document`, what messages call it
  std::string document;    ///< the text itself; empty: that of `experiment`
  std::string manifests;   ///< a folder of manifests instead of both
  bool ignores_unknown = false;
  std::size_t jobs = 0;  ///< 0: all processors
  std::string out;       ///< empty: results/NAME.db
  std::string journals;
  std::string timeline;
  experiments::LoadOptions load;
  bool is_quiet = false;
  bool compares = false;    ///< prints the comparison at the end
  std::string until_width;  ///< --until-ci; empty: a set number of seeds
  std::string until_metric;
};

/// The options that everything has that runs experiments.
void add_run_options(CLI::App& command, RunArguments& arguments);

/// Runs what the results file lacks, tells what became of it, and returns the exit code.
[[nodiscard]] int run_experiment(RunArguments arguments);

}  // namespace orrery::cli
