#pragma once

#include <string>

#include "orrery/experiments/runner/progress.hpp"

namespace orrery::cli {

/// Shows progress on standard error: a bar that is redrawn on a terminal, otherwise a plain line at
/// most every two seconds.
class ProgressBar {
 public:
  ProgressBar(bool is_terminal, bool is_quiet);

  void show(const experiments::Progress& progress);
  /// Ends the line of the bar.
  void finish();

  /// "120/1020 runs, 34.5/s, 0:26 left, 1 failed".
  [[nodiscard]] static std::string text(const experiments::Progress& progress);

 private:
  bool is_terminal_;
  bool is_quiet_;
  bool is_drawn_ = false;
  double last_seconds_ = 0;
  std::size_t last_done_ = 0;
};

}  // namespace orrery::cli
