#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/sim/engine/record_chunks.hpp"

namespace orrery::sim {

/// A span of time cut into buckets of equal width, a power of two nanoseconds: one level of the
/// ladder. Buckets are taken from the front; a bucket that was taken may be filled and taken again
/// until the next one has been.
class Rung {
 public:
  /// Cuts [first, last] into at most `bucket_count` buckets. The rung must be empty.
  void reset(std::uint64_t first, std::uint64_t last, std::size_t bucket_count);

  /// Whether `time`, which lies at or after the current bucket, lies before the end.
  [[nodiscard]] bool reaches(std::uint64_t time) const { return time <= last_; }

  void append(const PendingRecord& record, ChunkPool& pool) {
    buckets_[(record.time - first_) >> shift_].append(record, pool);
  }

  /// Moves to the first bucket that holds something, from the current one on; false if none does.
  [[nodiscard]] bool find_bucket() {
    while (current_ < bucket_count_) {
      if (!buckets_[current_].empty()) return true;
      ++current_;
    }
    return false;
  }
  [[nodiscard]] RecordBag& bucket() { return buckets_[current_]; }
  /// The first instant of the current bucket, and the first after it; the end of the rung once all
  /// buckets are taken.
  [[nodiscard]] std::uint64_t bucket_begin() const { return first_ + (current_ << shift_); }
  [[nodiscard]] std::uint64_t bucket_end() const {
    return current_ + 1 >= bucket_count_ ? last_ + 1 : first_ + ((current_ + 1) << shift_);
  }

  [[nodiscard]] std::size_t memory_bytes() const { return buckets_.capacity() * sizeof(RecordBag); }

  /// Calls `visit` for each bucket that may hold something.
  template <class Visit>
  void for_each_bucket(Visit visit) {
    for (std::size_t i = current_; i < bucket_count_; ++i) visit(buckets_[i]);
  }

 private:
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  int shift_ = 0;
  std::size_t current_ = 0;
  std::size_t bucket_count_ = 0;
  std::vector<RecordBag> buckets_;
};

}  // namespace orrery::sim
