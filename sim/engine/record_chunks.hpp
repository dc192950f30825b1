#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "orrery/sim/engine/pending_record.hpp"

namespace orrery::sim {

/// A few records that lie together: four cache lines, aligned to their size and full to the last
/// byte, so that the address where one ends shows that it does.
struct alignas(256) RecordChunk {
  static constexpr std::size_t kCapacity = 10;

  RecordChunk* next = nullptr;
  std::uint64_t unused = 0;
  PendingRecord records[kCapacity];
};
static_assert(sizeof(RecordChunk) == 256);

/// Hands out chunks and takes them back. Memory grows to the largest need so far and is kept, so
/// there is no allocation in steady state.
class ChunkPool {
 public:
  RecordChunk* take() {
    if (free_ == nullptr) grow();
    RecordChunk* const chunk = free_;
    free_ = chunk->next;
    return chunk;
  }

  void give_back(RecordChunk* chunk) {
    chunk->next = free_;
    free_ = chunk;
  }

  [[nodiscard]] std::size_t memory_bytes() const { return chunk_count_ * sizeof(RecordChunk); }

 private:
  void grow();

  RecordChunk* free_ = nullptr;
  std::vector<std::unique_ptr<RecordChunk[]>> slabs_;
  std::size_t slab_size_ = 16;
  std::size_t chunk_count_ = 0;
};

/// An unsorted bag of records that keeps the order in which they came, as a list of chunks. Trivial
/// to copy: whoever owns it must give its chunks back with drain().
class RecordBag {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  void append(const PendingRecord& record, ChunkPool& pool) {
    if (is_full()) [[unlikely]]
      extend(pool);
    *end_++ = record;
    ++size_;
  }

  /// Calls `visit` for each record, oldest first.
  template <class Visit>
  void for_each(Visit visit) const {
    std::size_t left = size_;
    for (const RecordChunk* chunk = first_; left > 0; chunk = chunk->next) {
      if (left > RecordChunk::kCapacity) __builtin_prefetch(chunk->next);
      const std::size_t count = left < RecordChunk::kCapacity ? left : RecordChunk::kCapacity;
      for (std::size_t i = 0; i < count; ++i) visit(chunk->records[i]);
      left -= count;
    }
  }

  /// As for_each, and leaves the bag empty and its chunks in the pool. `visit` may append to other
  /// bags and to this one: what it adds stays.
  template <class Visit>
  void drain(ChunkPool& pool, Visit visit) {
    std::size_t left = size_;
    RecordChunk* chunk = first_;
    *this = RecordBag{};
    while (left > 0) {
      RecordChunk* const next = left > RecordChunk::kCapacity ? chunk->next : nullptr;
      __builtin_prefetch(next);
      const std::size_t count = left < RecordChunk::kCapacity ? left : RecordChunk::kCapacity;
      for (std::size_t i = 0; i < count; ++i) visit(chunk->records[i]);
      left -= count;
      pool.give_back(chunk);
      chunk = next;
    }
  }

 private:
  /// True at the end of a chunk and for a bag without one.
  [[nodiscard]] bool is_full() const {
    return reinterpret_cast<std::uintptr_t>(end_) % sizeof(RecordChunk) == 0;
  }
  void extend(ChunkPool& pool);

  PendingRecord* end_ = nullptr;
  RecordChunk* first_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace orrery::sim
