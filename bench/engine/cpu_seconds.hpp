#pragma once

#include <ctime>

namespace orrery::bench {

/// CPU time of this thread: what a turn cost, also on a machine that does other work.
inline double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// What `model.run(count)` costs.
template <class Model>
double cpu_seconds_for(Model& model, unsigned long count) {
  const double start = cpu_seconds();
  model.run(count);
  return cpu_seconds() - start;
}

}  // namespace orrery::bench
