#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace orrery {

/// Mean and variance in one pass without cancellation (Welford, Technometrics 4(3), 1962; merging
/// after Chan, Golub and LeVeque, 1979). O(1) memory.
class Moments {
 public:
  void add(double value);
  /// As if every value that `other` has seen had been added here.
  void merge(const Moments& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// NaN without values.
  [[nodiscard]] double mean() const;
  /// Sample variance (divisor n − 1); NaN with fewer than two values.
  [[nodiscard]] double variance() const;
  [[nodiscard]] double standard_deviation() const;

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  ///< sum of squared differences from the mean
};

[[nodiscard]] Moments moments_of(std::span<const double> values);

/// The quantile of ascending `sorted` at `probability` (0 to 1) by linear interpolation between
/// order statistics (type 7 of Hyndman and Fan, The American Statistician 50(4), 1996: the default
/// of R and NumPy). NaN without values.
[[nodiscard]] double quantile_of_sorted(std::span<const double> sorted, double probability);

/// How many leading values to drop as warm-up: MSER-5 (White, Cobb and Spratt, WSC 2000; after
/// White, Simulation 69(6), 1997). Batches of five are averaged; the truncation that minimises the
/// squared standard error of what is left wins, the shortest on ties. Only truncations of up to
/// half the series are considered, since a tail of few batches has a small variance by chance; a
/// minimum at that very limit says that the series has not settled. O(n). Values after the last
/// whole batch play no part.
struct WarmUp {
  std::size_t dropped = 0;  ///< leading values to drop, a multiple of 5
  bool settled = true;
};
[[nodiscard]] WarmUp mser5(std::span<const double> values);

}  // namespace orrery
