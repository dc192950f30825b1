#include "orrery/models/row_vector.hpp"

#include <cstdint>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace orrery {
namespace {

struct Row {
  std::uint64_t number = 0;
  std::uint32_t other = 0;
  friend bool operator==(const Row&, const Row&) = default;
};

Row row(std::size_t number) {
  return {.number = number, .other = static_cast<std::uint32_t>(~number)};
}

// Large enough for realloc() to move the pages of a mapping of its own.
constexpr std::size_t kMany = 200'000;

RowVector<Row> filled(std::size_t rows) {
  RowVector<Row> table;
  for (std::size_t i = 0; i < rows; ++i) table.push_back(row(i));
  return table;
}

TEST(RowVector, KeepsItsRowsAndTheirAlignmentWhileItGrows) {
  RowVector<Row> table;
  for (std::size_t i = 0; i < kMany; ++i) {
    table.push_back(row(i));
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(table.data()) % 64, 0U);
  }
  ASSERT_EQ(table.size(), kMany);
  for (std::size_t i = 0; i < kMany; ++i) ASSERT_EQ(table[i], row(i));
}

TEST(RowVector, KeepsLittleMoreMemoryThanItNeeds) {
  const RowVector<Row> table = filled(kMany);
  EXPECT_LT(table.capacity(), kMany + kMany / 30);
}

TEST(RowVector, TakesOneOfItsOwnRowsWhileItGrows) {
  RowVector<Row> table = filled(1);
  while (table.size() < kMany) table.push_back(table[0]);
  EXPECT_EQ(table[kMany - 1], row(0));
}

TEST(RowVector, CopiesAreApartAndMovesLeaveNothing) {
  RowVector<Row> table = filled(100);
  RowVector<Row> copy = table;
  copy[5].number = 77;
  EXPECT_EQ(table[5], row(5));
  EXPECT_NE(table, copy);
  const RowVector<Row> moved = std::move(table);
  EXPECT_EQ(moved, filled(100));
  table = copy;
  EXPECT_EQ(table, copy);
  EXPECT_EQ(RowVector<Row>{RowVector<Row>{}}, RowVector<Row>{});
}

// Invariant: it behaves as std::vector. Strategy: arbitrary pushes, clears and writes on both.
RC_GTEST_PROP(RowVector, BehavesAsAVector, (const std::vector<std::uint32_t>& steps)) {
  RowVector<Row> table;
  std::vector<Row> expected;
  for (const std::uint32_t step : steps) {
    if (step % 17 == 0) {
      table.clear();
      expected.clear();
    } else if (step % 5 == 0 && !expected.empty()) {
      table[step % expected.size()] = row(step);
      expected[step % expected.size()] = row(step);
    } else {
      table.push_back(row(step));
      expected.push_back(row(step));
    }
  }
  RC_ASSERT(std::vector<Row>(table.begin(), table.end()) == expected);
}

}  // namespace
}  // namespace orrery
