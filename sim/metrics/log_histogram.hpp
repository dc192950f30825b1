#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace orrery::sim {

/// Counts of non-negative whole numbers in buckets whose width grows with the value: 32 to each
/// power of two, so a quantile is off by at most 1/64 of itself (the scheme of HdrHistogram). Holds
/// only the span of buckets that occur. add() is O(1) amortised; equal inputs in any order give
/// equal histograms.
class LogHistogram {
 public:
  void add(std::int64_t value);
  void merge(const LogHistogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The middle of the bucket that holds the value of rank ⌈p · count⌉; 0 when empty. 0 ≤ p ≤ 1.
  [[nodiscard]] double quantile(double probability) const;

 private:
  void widen(std::size_t bucket);

  std::size_t first_ = 0;  // bucket of counts_[0]
  std::vector<std::uint32_t> counts_;
  std::uint64_t count_ = 0;
};

}  // namespace orrery::sim
