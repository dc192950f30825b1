#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "orrery/sim/engine/pending_record.hpp"

namespace orrery::sim {

/// A 4-ary min-heap of records: half the depth of a binary heap, and the four children lie in one
/// or two cache lines. O(log n) push and pop; best of all when there are few records.
class RecordHeap {
 public:
  [[nodiscard]] bool empty() const { return records_.empty(); }
  [[nodiscard]] std::size_t size() const { return records_.size(); }
  /// The least record. Must not be empty.
  [[nodiscard]] const PendingRecord& top() const { return records_.front(); }

  void push(const PendingRecord& record) {
    records_.push_back(record);
    std::size_t hole = records_.size() - 1;
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / kArity;
      if (!(record < records_[parent])) break;
      records_[hole] = records_[parent];
      hole = parent;
    }
    records_[hole] = record;
  }

  /// Drops the least record. Must not be empty.
  void pop() {
    const PendingRecord last = records_.back();
    records_.pop_back();
    if (!records_.empty()) sift_down(0, last);
  }

  /// Drops the records for which `is_dead` holds and says how many. O(n).
  template <class Predicate>
  std::size_t remove_if(Predicate is_dead) {
    const std::size_t removed = std::erase_if(records_, is_dead);
    for (std::size_t i = records_.size() / kArity + 1; i-- > 0;) {
      if (i < records_.size()) sift_down(i, records_[i]);
    }
    return removed;
  }

  /// The records in no particular order.
  [[nodiscard]] const std::vector<PendingRecord>& records() const { return records_; }
  void clear() { records_.clear(); }

 private:
  static constexpr std::size_t kArity = 4;

  /// Puts `record` where it belongs at or below `hole`, which is free.
  void sift_down(std::size_t hole, const PendingRecord record) {
    PendingRecord* const data = records_.data();
    const std::size_t size = records_.size();
    for (;;) {
      const std::size_t first = hole * kArity + 1;
      if (first >= size) break;
      const std::size_t least =
          first + kArity <= size ? least_of_four(data, first) : least_of(data, first, size);
      if (!(data[least] < record)) break;
      data[hole] = data[least];
      hole = least;
    }
    data[hole] = record;
  }

  static std::size_t least_of_four(const PendingRecord* data, std::size_t first) {
    const std::size_t left = first + (data[first + 1] < data[first] ? 1 : 0);
    const std::size_t right = first + 2 + (data[first + 3] < data[first + 2] ? 1 : 0);
    return data[right] < data[left] ? right : left;
  }

  static std::size_t least_of(const PendingRecord* data, std::size_t first, std::size_t size) {
    std::size_t least = first;
    for (std::size_t i = first + 1; i < size; ++i) {
      if (data[i] < data[least]) least = i;
    }
    return least;
  }

  std::vector<PendingRecord> records_;
};

}  // namespace orrery::sim
