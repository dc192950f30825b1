#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/models/run_outcome.hpp"

namespace orrery::experiments {

/// One setting, as the store keeps it.
struct VariantRecord {
  std::string name;
  std::string settings;  ///< the variant's whole document after all settings, as JSON text

  friend bool operator==(const VariantRecord&, const VariantRecord&) = default;
};

/// What is run, where it came from: the provenance of every figure in a results file.
struct ExperimentRecord {
  std::string name;
  std::string description;
  std::string document;              ///< as JSON text, after --set and without its seeds
  std::string document_digest;       ///< of `document`
  std::string baseline;              ///< as the document names it; may be empty
  std::vector<std::string> metrics;  ///< patterns of those to show first
  std::vector<VariantRecord> variants;
  std::vector<std::pair<std::string, std::string>> traces;  ///< path and digest of each file read
};

enum class RunStatus : std::uint8_t {
  Pending,  ///< planned; or interrupted before its end
  Ok,
  Failed,  ///< an error or a bug of ours ended it
};
[[nodiscard]] std::string_view to_string(RunStatus status);

/// One variant under one seed.
struct RunKey {
  std::size_t variant = 0;  ///< index into ExperimentRecord::variants
  std::uint64_t seed = 0;

  friend auto operator<=>(const RunKey&, const RunKey&) = default;
};

/// A run that has ended.
struct RunRecord {
  RunKey key;
  RunStatus status = RunStatus::Ok;
  std::string error;   ///< of a failed run
  RunOutcome outcome;  ///< of a run that is ok
};

}  // namespace orrery::experiments
