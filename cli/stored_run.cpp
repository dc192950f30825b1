#include "orrery/cli/stored_run.hpp"

#include <fmt/format.h>

#include "orrery/experiments/store/results_reader.hpp"

namespace orrery::cli {

Result<StoredRun> find_stored_run(const std::string& results, const std::string& name) {
  const auto reader = experiments::ResultsReader::open(results);
  if (!reader) return failure(reader.error());
  const auto runs = reader->runs();
  if (!runs) return failure(runs.error());
  const auto variants = reader->variants();
  if (!variants) return failure(variants.error());
  for (const experiments::RunRow& run : *runs) {
    const experiments::VariantRecord& variant = variants->at(run.key.variant);
    if (name == std::to_string(run.id) ||
        name == fmt::format("{}@{}", variant.name, run.key.seed)) {
      return StoredRun{
          .variant = variant, .seed = run.key.seed, .simulated_seconds = run.simulated_seconds};
    }
  }
  return failure(
      {.at = {.file = "--run"},
       .message = "",
       .found = name,
       .expected = fmt::format("the number of a run, 1 to {}, or VARIANT@SEED", runs->size())});
}

}  // namespace orrery::cli
