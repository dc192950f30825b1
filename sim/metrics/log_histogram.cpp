#include "orrery/sim/metrics/log_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace orrery::sim {
namespace {

constexpr int kSubBits = 5;
constexpr std::uint64_t kSub = std::uint64_t{1} << kSubBits;

/// Values below 32 have a bucket each; above, the top six bits choose it.
std::size_t bucket_of(std::uint64_t value) {
  if (value < kSub) return value;
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - kSubBits;
  const std::uint64_t top = value >> shift;  // 32 … 63
  return static_cast<std::size_t>((static_cast<std::uint64_t>(shift) + 1) * kSub + (top - kSub));
}

double middle_of(std::size_t bucket) {
  if (bucket < kSub) return static_cast<double>(bucket);
  const auto shift = static_cast<int>(bucket / kSub) - 1;
  const auto top = static_cast<double>(bucket % kSub + kSub);
  return std::ldexp(top + 0.5, shift) - 0.5;
}

}  // namespace

void LogHistogram::widen(std::size_t bucket) {
  if (counts_.empty()) {
    first_ = bucket;
    counts_.resize(1);
  } else if (bucket < first_) {
    counts_.insert(counts_.begin(), first_ - bucket, 0);
    first_ = bucket;
  } else if (bucket >= first_ + counts_.size()) {
    counts_.resize(bucket - first_ + 1);
  }
}

void LogHistogram::add(std::int64_t value) {
  const std::size_t bucket =
      bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(0, value)));
  if (bucket - first_ >= counts_.size()) widen(bucket);
  ++counts_[bucket - first_];
  ++count_;
}

void LogHistogram::merge(const LogHistogram& other) {
  if (other.counts_.empty()) return;
  widen(other.first_);
  widen(other.first_ + other.counts_.size() - 1);
  for (std::size_t i = 0; i < other.counts_.size(); ++i) {
    counts_[other.first_ - first_ + i] += other.counts_[i];
  }
  count_ += other.count_;
}

double LogHistogram::quantile(double probability) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(probability * static_cast<double>(count_));
  const auto rank = static_cast<std::uint64_t>(std::max(1.0, wanted));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return middle_of(first_ + i);
  }
  return middle_of(first_ + counts_.size() - 1);
}

}  // namespace orrery::sim
