#pragma once

#include <cstddef>
#include <optional>

namespace orrery::experiments {

/// How far a sweep is.
struct Progress {
  std::size_t total = 0;  ///< runs of this call, without those that were there before
  std::size_t done = 0;   ///< ended well or failed
  std::size_t failed = 0;
  double elapsed_seconds = 0;

  [[nodiscard]] bool is_complete() const { return done == total; }
  /// Runs per second so far; zero before the first has ended.
  [[nodiscard]] double rate() const;
  /// Seconds to go at that rate; none before the first has ended.
  [[nodiscard]] std::optional<double> remaining_seconds() const;
};

}  // namespace orrery::experiments
