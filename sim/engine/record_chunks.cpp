#include "orrery/sim/engine/record_chunks.hpp"

#include <algorithm>

namespace orrery::sim {

void ChunkPool::grow() {
  constexpr std::size_t kSlabSizeMax = 512;  // 128 KiB: little is left over
  slabs_.push_back(std::make_unique_for_overwrite<RecordChunk[]>(slab_size_));
  RecordChunk* const slab = slabs_.back().get();
  for (std::size_t i = slab_size_; i-- > 0;) give_back(&slab[i]);
  chunk_count_ += slab_size_;
  slab_size_ = std::min(2 * slab_size_, kSlabSizeMax);
}

void RecordBag::extend(ChunkPool& pool) {
  RecordChunk* const chunk = pool.take();
  if (end_ == nullptr) {
    first_ = chunk;
  } else {
    (reinterpret_cast<RecordChunk*>(end_) - 1)->next = chunk;
  }
  end_ = chunk->records;
}

}  // namespace orrery::sim
