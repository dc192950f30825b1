#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "orrery/tests/sim/engine/queueing_system.hpp"

namespace orrery::sim {

inline constexpr std::size_t kSeeds = 30;
inline constexpr double kStudent95 = 2.0452;   // 97.5 % point, 29 degrees of freedom
inline constexpr double kStudent995 = 3.0380;  // 99.75 % point, 29 degrees of freedom

struct Interval {
  double mean = 0;
  double half_width = 0;
  [[nodiscard]] bool holds(double value) const { return std::abs(value - mean) <= half_width; }
};

/// Student's interval for the mean of `measure(seed)` over the seeds first … first + 29.
inline Interval interval_over_seeds(std::uint64_t first, double student,
                                    const std::function<double(std::uint64_t)>& measure) {
  double mean = 0;
  double squares = 0;
  for (std::size_t i = 0; i < kSeeds; ++i) {
    const double value = measure(first + i);
    const double step = value - mean;
    mean += step / static_cast<double>(i + 1);
    squares += step * (value - mean);
  }
  const double variance = squares / static_cast<double>(kSeeds - 1);
  return {.mean = mean, .half_width = student * std::sqrt(variance / static_cast<double>(kSeeds))};
}

/// The probability of waiting in M/M/c with `offered` = λ/μ (Erlang C).
inline double erlang_c(std::size_t servers, double offered) {
  double blocking = 1;  // Erlang B by its recursion
  for (std::size_t i = 1; i <= servers; ++i) {
    blocking = offered * blocking / (static_cast<double>(i) + offered * blocking);
  }
  const double load = offered / static_cast<double>(servers);
  return blocking / (1 - load * (1 - blocking));
}

/// Mean wait in M/M/c with a mean service of one second.
inline double mmc_wait(std::size_t servers, double arrivals_per_second) {
  return erlang_c(servers, arrivals_per_second) /
         (static_cast<double>(servers) - arrivals_per_second);
}

/// Mean wait of one M/M/10 run at a load of 0.9, with its warm-up deleted.
inline double mm10_wait(std::uint64_t seed, std::size_t measured) {
  const QueueingModel model{.arrivals_per_second = 9, .servers = 10};
  return QueueingSystem(model, {.seed = seed, .warm_up = 5'000, .measured = measured})
      .simulate()
      .wait_mean_seconds;
}

}  // namespace orrery::sim
