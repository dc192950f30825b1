#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "orrery/sim/engine/pending_record.hpp"
#include "orrery/sim/engine/record_chunks.hpp"
#include "orrery/sim/engine/record_heap.hpp"
#include "orrery/sim/engine/rung.hpp"

namespace orrery::sim {

/// Records by (time, order), as a ladder queue: sorted only where time is about to arrive.
///
///     now | run and heap (sorted) | innermost rung | … | outermost rung | top (unsorted) | end of
///     time
///
/// What lies beyond the rungs is thrown on `top`. When the rungs are used up, top is cut into the
/// buckets of a new rung; a bucket that comes up with many records is cut again, one with few is
/// sorted into the `run`. So a record moves a few times in sequential memory, whatever the number
/// of records, instead of log n times across all of it. What is scheduled before the end of the run
/// goes to a small heap (or to the end of the run if it belongs there, as events of one instant
/// do). A heap that grows large is cut into a rung in its turn; while there are few records, all of
/// them live in the heap.
///
/// A rung covers exactly the span of its records and its bucket count follows their number, so
/// clusters and far outliers cost a level, not a scan. Amortised cost: O(1) on the usual
/// distributions; at worst a record descends once per level, of which there are at most
/// log(span) / log(buckets), or takes part in one sort of the records of its own instant.
/// After: Tang, Goh and Thng, Ladder queue, ACM TOMACS 15(3), 2005. The heap in the place of the
/// sorted bottom list, the exact spans and the reuse of the current bucket are ours.
class PendingSet {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  void push(const PendingRecord& record) {
    ++size_;
    if (record.time < bottom_end_) {
      push_bottom(record);
    } else {
      push_later(record);
    }
  }

  /// The least record; null if there is none. Stays where it is until the next call.
  [[nodiscard]] const PendingRecord* front() {
    if (run_next_ == run_.size()) {
      if (!heap_.empty()) return &heap_.top();
      if (size_ == 0) return nullptr;
      refill();
    }
    if (!heap_.empty() && heap_.top() < run_[run_next_]) return &heap_.top();
    return &run_[run_next_];
  }

  /// Drops `front`, which front() has just returned.
  void pop(const PendingRecord* front) {
    --size_;
    if (!heap_.empty() && front == &heap_.top()) {
      heap_.pop();
    } else {
      ++run_next_;
    }
  }

  /// Whether front() would first have to sort the records that come next.
  [[nodiscard]] bool needs_refill() const {
    return run_next_ == run_.size() && heap_.empty() && size_ > 0;
  }

  /// The records that follow soon, in order.
  [[nodiscard]] std::span<const PendingRecord> run() const {
    return std::span(run_).subspan(run_next_);
  }

  /// Memory held, in use or kept for later.
  [[nodiscard]] std::size_t memory_bytes() const;

  /// Drops the records for which `is_dead` holds. O(n).
  template <class Predicate>
  void remove_if(Predicate is_dead);

 private:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::size_t kHeapMax = 128;  ///< above: cut into a rung
  static constexpr std::size_t kSortMax = 32;   ///< buckets of up to so many records are sorted
  static constexpr std::size_t kRunMin = 32;    ///< records worth a run, where buckets are small
  static constexpr std::size_t kBucketsMax = 1024;

  void push_bottom(const PendingRecord& record) {
    ++credit_;
    if (run_next_ < run_.size() ? !(record < run_.back()) : heap_.empty()) {
      append_to_run(record);
    } else {
      heap_.push(record);
      if (heap_.size() > heap_max_) spill();
    }
  }

  void push_later(const PendingRecord& record) {
    for (std::size_t i = rung_count_; i-- > 0;) {
      if (rungs_[i].reaches(record.time)) {
        rungs_[i].append(record, chunks_);
        return;
      }
    }
    top_.append(record, chunks_);
  }

  void append_to_run(const PendingRecord& record);
  void refill();
  void take_buckets(Rung& rung);
  void sort_into_run(RecordBag& bag);
  void append_sorted(RecordBag& bag);
  void cut(RecordBag& bag, std::uint64_t first, std::uint64_t last);
  void spill();

  std::uint64_t bottom_end_ = kNever;  ///< what comes before it belongs to run and heap
  std::size_t size_ = 0;
  std::size_t run_next_ = 0;
  std::vector<PendingRecord> run_;  ///< ascending from run_next_ on
  RecordHeap heap_;
  std::size_t heap_max_ = kHeapMax;
  std::size_t credit_ = 0;      ///< pushes to the bottom since it was last cut
  std::size_t rung_count_ = 0;  ///< in use; the others keep their memory
  std::vector<Rung> rungs_;     ///< outermost first; each lies within the bucket before it
  RecordBag top_;
  ChunkPool chunks_;
};

template <class Predicate>
void PendingSet::remove_if(Predicate is_dead) {
  const auto sweep = [&](RecordBag& bag) {
    bag.drain(chunks_, [&](const PendingRecord& record) {
      if (!is_dead(record))
        bag.append(record, chunks_);
      else
        --size_;
    });
  };
  run_.erase(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(run_next_));
  run_next_ = 0;
  size_ -= std::erase_if(run_, is_dead);
  size_ -= heap_.remove_if(is_dead);
  for (std::size_t i = 0; i < rung_count_; ++i) rungs_[i].for_each_bucket(sweep);
  sweep(top_);
}

}  // namespace orrery::sim
