#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "orrery/experiments/store/records.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// Writes the results of one experiment into one SQLite file (docs/results-format.md). Each
/// finished run commits at once, whole or not at all; a killed process loses only what was not
/// finished. One writer per file, used by one thread.
class ResultsWriter {
 public:
  /// Creates `path`, or goes on with what it holds. Errors: not a results file, a newer version,
  /// another experiment or other settings in it (says what differs), being written by another
  /// process, a directory that is missing or read-only, a full disk. A file that could not be
  /// created whole is removed. `pages_max` limits the file's size in pages of 4 KiB; 0: no limit.
  [[nodiscard]] static Result<ResultsWriter> open(const std::string& path,
                                                  const ExperimentRecord& experiment,
                                                  std::int64_t pages_max = 0);

  ResultsWriter(ResultsWriter&&) noexcept;
  ResultsWriter& operator=(ResultsWriter&&) noexcept;
  ~ResultsWriter();

  /// Notes runs as pending, in this order, unless the file has them; ids follow this order and not
  /// the order in which runs finish.
  [[nodiscard]] Result<void> plan(const std::vector<RunKey>& runs);

  /// Runs that are in the file with status ok.
  [[nodiscard]] const std::set<RunKey>& finished() const;

  /// Commits one run; replaces what an earlier attempt left. On an error nothing of it is stored.
  [[nodiscard]] Result<void> store(const RunRecord& run);

  /// Takes over the runs that have ended in `path`, a results file of the same experiment that
  /// another process or machine has written, unless this one has finished them. Returns their keys,
  /// states and errors; outcomes are not read. Errors: as for open(); then nothing is taken over.
  [[nodiscard]] Result<std::vector<RunRecord>> adopt(const std::string& path);

  /// Folds the write-ahead log into the file, so that a single file is left, and lets go of its
  /// lock. Called at the end; a file without it is complete too, but has its log beside it.
  [[nodiscard]] Result<void> close();

 private:
  struct Impl;
  explicit ResultsWriter(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::experiments
