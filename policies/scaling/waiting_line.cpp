#include "orrery/policies/scaling/waiting_line.hpp"

#include <cmath>
#include <limits>

namespace orrery::policies {

double erlang_b_next(double blocking, std::int64_t servers, double offered_load) {
  const double weighted = offered_load * blocking;
  return weighted / (static_cast<double>(servers) + weighted);
}

double erlang_c_from_b(double blocking, std::int64_t servers, double offered_load) {
  const double utilization = offered_load / static_cast<double>(servers);
  if (utilization >= 1) return 1;
  return blocking / (1 - utilization * (1 - blocking));
}

double erlang_c(std::int64_t servers, double offered_load) {
  double blocking = 1;
  for (std::int64_t n = 1; n <= servers; ++n) blocking = erlang_b_next(blocking, n, offered_load);
  return erlang_c_from_b(blocking, servers, offered_load);
}

Waits waits(const WaitingLine& line, std::int64_t servers, double erlang_c) {
  const double spare = static_cast<double>(servers) / line.service_seconds - line.arrival_rate;
  if (!(spare > 0)) return {std::numeric_limits<double>::infinity(), 1};
  const double variation = (line.arrival_variation + line.service_variation) / 2;
  return {erlang_c / spare * variation, erlang_c};
}

double Waits::probability_above(double seconds) const {
  if (std::isinf(mean_seconds)) return 1;
  if (mean_seconds == 0) return seconds > 0 ? 0 : probability;
  return probability * std::exp(-seconds * probability / mean_seconds);
}

}  // namespace orrery::policies
