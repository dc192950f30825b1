#include "orrery/experiments/runner/progress.hpp"

namespace orrery::experiments {

double Progress::rate() const {
  return elapsed_seconds > 0 ? static_cast<double>(done) / elapsed_seconds : 0;
}

std::optional<double> Progress::remaining_seconds() const {
  if (done == 0 || !(elapsed_seconds > 0)) return std::nullopt;
  return static_cast<double>(total - done) / rate();
}

}  // namespace orrery::experiments
