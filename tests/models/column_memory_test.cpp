#include "orrery/models/column_memory.hpp"

#include <cstdint>
#include <numeric>

#include <gtest/gtest.h>

#include "orrery/models/ids.hpp"

namespace orrery {
namespace {

using Column = IdVector<NodeId, std::int64_t>;

bool is_aligned(const void* memory) {
  return reinterpret_cast<std::uintptr_t>(memory) % ColumnMemory::kAlignment == 0;
}

// The address sanitizer's flavour holds these to what they say: reading freed memory ends the test.
TEST(ColumnMemory, OutlivesTheColumnForWhoeverRetainsIt) {
  const std::int64_t* kept = nullptr;
  {
    Column column(1000, 7);
    kept = column.data();
    ColumnMemory::retain(kept);
  }
  EXPECT_EQ(std::accumulate(kept, kept + 1000, std::int64_t{0}), 7000);
  ColumnMemory::release(kept);
}

TEST(ColumnMemory, StaysWithItsOldContentWhenTheColumnGrowsElsewhere) {
  Column column(10, 1);
  const std::int64_t* const old = column.data();
  ColumnMemory::retain(old);
  while (column.data() == old) column.push_back(2);
  column[NodeId{0}] = 5;
  EXPECT_EQ(old[0], 1);
  ColumnMemory::release(old);
}

TEST(ColumnMemory, ShowsWhatTheColumnWritesInPlace) {
  Column column(10, 1);
  const std::int64_t* const seen = column.data();
  ColumnMemory::retain(seen);
  column[NodeId{3}] = 9;
  EXPECT_EQ(seen[3], 9);
  ColumnMemory::release(seen);
}

TEST(ColumnMemory, StartsAtACacheLine) {
  IdVector<NodeId, std::uint8_t> column;
  for (int size = 1; size < 3000; ++size) {
    column.push_back(0);
    ASSERT_TRUE(is_aligned(column.data()));
  }
}

TEST(ColumnMemory, CopiesOfAColumnHaveMemoryOfTheirOwn) {
  const Column column(10, 1);
  Column copy = column;
  copy[NodeId{0}] = 2;
  EXPECT_NE(copy.data(), column.data());
  EXPECT_EQ(column[NodeId{0}], 1);
}

}  // namespace
}  // namespace orrery
