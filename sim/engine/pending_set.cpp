#include "orrery/sim/engine/pending_set.hpp"

#include <algorithm>

namespace orrery::sim {

namespace {

/// The first and the last time in a bag that is not empty.
struct Span {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t last = 0;

  void include(std::uint64_t time) {
    first = std::min(first, time);
    last = std::max(last, time);
  }
};

Span span_of(const RecordBag& bag) {
  Span span;
  bag.for_each([&](const PendingRecord& record) { span.include(record.time); });
  return span;
}

/// Sorts the records from `begin` on.
void insertion_sort(std::vector<PendingRecord>& records, std::size_t begin) {
  for (std::size_t i = begin + 1; i < records.size(); ++i) {
    const PendingRecord record = records[i];
    std::size_t hole = i;
    for (; hole > begin && record < records[hole - 1]; --hole) records[hole] = records[hole - 1];
    records[hole] = record;
  }
}

}  // namespace

std::size_t PendingSet::memory_bytes() const {
  std::size_t bytes = chunks_.memory_bytes();
  bytes += (run_.capacity() + heap_.records().capacity()) * sizeof(PendingRecord);
  for (const Rung& rung : rungs_) bytes += sizeof(Rung) + rung.memory_bytes();
  return bytes;
}

void PendingSet::append_to_run(const PendingRecord& record) {
  // The front of a run that is never used up is reclaimed when half of it has been passed.
  if (run_next_ == run_.size() || (run_.size() == run_.capacity() && run_next_ > run_.size() / 2)) {
    run_.erase(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(run_next_));
    run_next_ = 0;
  }
  run_.push_back(record);
}

void PendingSet::refill() {
  for (;;) {
    if (rung_count_ == 0) {
      if (top_.size() <= kHeapMax) {
        sort_into_run(top_);
        bottom_end_ = kNever;
        return;
      }
      const Span span = span_of(top_);
      cut(top_, span.first, span.last);
      continue;
    }
    Rung& rung = rungs_[rung_count_ - 1];
    if (!rung.find_bucket()) {
      --rung_count_;
      continue;
    }
    RecordBag& bucket = rung.bucket();
    if (bucket.size() <= kSortMax) {
      take_buckets(rung);
      return;
    }
    const Span span = span_of(bucket);
    if (span.first == span.last) {
      sort_into_run(bucket);
      bottom_end_ = span.last + 1;
      return;
    }
    cut(bucket, span.first, span.last);
  }
}

/// Run and heap are empty: the current bucket, which is small, and small ones that follow it become
/// the run. One bucket may hold a single record; whoever looks ahead wants to see a few.
void PendingSet::take_buckets(Rung& rung) {
  sort_into_run(rung.bucket());
  while (run_.size() < kRunMin) {
    if (!rung.find_bucket()) break;
    if (rung.bucket().size() > kSortMax) {
      bottom_end_ = rung.bucket_begin();
      return;
    }
    append_sorted(rung.bucket());
  }
  bottom_end_ = rung.bucket_end();
}

/// Run and heap are empty: `bag` becomes the run.
void PendingSet::sort_into_run(RecordBag& bag) {
  run_.clear();
  run_next_ = 0;
  heap_max_ = kHeapMax;
  append_sorted(bag);
}

/// Adds the records of `bag`, which all come after the run's.
void PendingSet::append_sorted(RecordBag& bag) {
  const std::size_t begin = run_.size();
  bag.drain(chunks_, [&](const PendingRecord& record) { run_.push_back(record); });
  if (run_.size() - begin <= kSortMax) {
    insertion_sort(run_, begin);
    return;
  }
  const auto first = run_.begin() + static_cast<std::ptrdiff_t>(begin);
  if (!std::is_sorted(first, run_.end())) std::sort(first, run_.end());
}

void PendingSet::cut(RecordBag& bag, std::uint64_t first, std::uint64_t last) {
  constexpr std::size_t kBucketsMin = 8;
  if (rung_count_ == rungs_.size()) rungs_.emplace_back();
  Rung& rung = rungs_[rung_count_];
  ++rung_count_;
  rung.reset(first, last, std::clamp(bag.size() / 2, kBucketsMin, kBucketsMax));
  bag.drain(chunks_, [&](const PendingRecord& record) { rung.append(record, chunks_); });
}

void PendingSet::spill() {
  // A long run must not be cut again for each handful of records that come before its end.
  constexpr std::size_t kMovesPerPush = 8;
  if (heap_.size() + run().size() > kMovesPerPush * credit_) {
    heap_max_ = 2 * heap_.size();
    return;
  }
  Span span;
  for (const PendingRecord& record : run()) span.include(record.time);
  for (const PendingRecord& record : heap_.records()) span.include(record.time);
  if (span.first == span.last) {
    heap_max_ = 2 * heap_.size();
    return;
  }
  RecordBag bag;
  for (const PendingRecord& record : run()) bag.append(record, chunks_);
  for (const PendingRecord& record : heap_.records()) bag.append(record, chunks_);
  run_.clear();
  run_next_ = 0;
  heap_.clear();
  credit_ = 0;
  cut(bag, span.first, span.last);
  refill();
}

}  // namespace orrery::sim
