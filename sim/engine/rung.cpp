#include "orrery/sim/engine/rung.hpp"

namespace orrery::sim {

void Rung::reset(std::uint64_t first, std::uint64_t last, std::size_t bucket_count) {
  first_ = first;
  last_ = last;
  shift_ = static_cast<int>(std::bit_width((last - first) / bucket_count));
  current_ = 0;
  bucket_count_ = ((last - first) >> shift_) + 1;
  if (buckets_.size() < bucket_count_) buckets_.resize(bucket_count_);
}

}  // namespace orrery::sim
