#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// A policy that takes over at the fork.
struct ForkPolicy {
  std::string label;        ///< the variant's name
  std::string policy_json;  ///< as a document's scheduler names it: "fgd", or {"name": "fgd", …}
};

/// Reads "best-fit", '{"name": "filter-score", …}' or 'LABEL={"name": …}'. Errors: text that is
/// neither.
[[nodiscard]] Result<ForkPolicy> parse_fork_policy(const std::string& text);

struct ForkRequest {
  std::string variant;               ///< name of the variant that is forked
  std::string at;                    ///< "12:00", "2d 3h": the virtual time of the fork
  std::uint64_t seed = 0;            ///< of the run that is forked
  double end_seconds = 0;            ///< virtual time at its end; 0: not known
  std::vector<ForkPolicy> policies;  ///< at least one
};

/// What goes on unchanged, the baseline.
inline constexpr const char* kUnchanged = "unchanged";

/// The document of an experiment that forks one run: one variant goes on as it was, each other one
/// has another policy in all clusters, and the seeds, twenty, are futures after the same past, the
/// first the one that the run itself has had. `settings` is the document of the run's variant, as a
/// results file keeps it. Errors: a time that cannot be read or that comes after the run's end, a
/// run that is a fork itself, equal labels.
[[nodiscard]] Result<std::string> fork_document(const std::string& settings,
                                                const ForkRequest& request);

}  // namespace orrery::experiments
