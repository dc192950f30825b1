#pragma once

#include <cstdint>

namespace orrery::policies {

/// A station of `servers` alike servers with one waiting line, first come first served. Loads of
/// `servers` and more have no steady state.
struct WaitingLine {
  double arrival_rate = 0;       ///< per second
  double service_seconds = 0;    ///< mean
  double arrival_variation = 1;  ///< squared coefficient of variation of times between arrivals
  double service_variation = 1;  ///< squared coefficient of variation of service times

  /// Mean number of busy servers: arrival rate times service time.
  [[nodiscard]] double offered_load() const { return arrival_rate * service_seconds; }
};

/// Erlang's B formula for one more server than `blocking` is of: B(n) = aB(n−1) / (n + aB(n−1)),
/// B(0) = 1, at the offered load a (Erlang 1917; Gross, Shortle, Thompson & Harris, "Fundamentals
/// of Queueing Theory", 4th ed., §2.5).
[[nodiscard]] double erlang_b_next(double blocking, std::int64_t servers, double offered_load);
/// Erlang's C formula, the probability that one has to wait, from B: C = B / (1 − ρ(1 − B)) (same,
/// §2.3). 1 where there is no steady state.
[[nodiscard]] double erlang_c_from_b(double blocking, std::int64_t servers, double offered_load);
/// Both in one, O(servers).
[[nodiscard]] double erlang_c(std::int64_t servers, double offered_load);

/// What a WaitingLine with a number of servers does to those who arrive, given Erlang's C of the
/// two. Exact for Poisson arrivals and exponential service (M/M/c: both variations 1); otherwise
/// the approximation of Allen and Cunneen (Allen, "Probability, Statistics, and Queueing Theory",
/// 2nd ed., 1990, §5.3.5): mean wait = C / (c/S − λ) · (ca² + cs²) / 2, its tail taken as
/// exponential. Infinite, or certain, where there is no steady state.
struct Waits {
  double mean_seconds = 0;
  double probability = 0;  ///< that one has to wait at all

  [[nodiscard]] double probability_above(double seconds) const;
};
[[nodiscard]] Waits waits(const WaitingLine& line, std::int64_t servers, double erlang_c);

}  // namespace orrery::policies
