#include "orrery/models/ids.hpp"

#include <type_traits>
#include <unordered_set>

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(Id, IsNoneUntilItIsGiven) {
  EXPECT_TRUE(NodeId{}.is_none());
  EXPECT_FALSE(static_cast<bool>(NodeId::none()));
  EXPECT_TRUE(static_cast<bool>(NodeId{0}));
  EXPECT_EQ(NodeId{7}.index(), 7U);
}

TEST(Id, OrdersByIndexWithNoneLast) {
  EXPECT_LT(NodeId{1}, NodeId{2});
  EXPECT_LT(NodeId{2}, NodeId::none());
}

TEST(Id, OfOneKindIsNoIdOfAnother) {
  static_assert(!std::is_convertible_v<NodeId, PodId>);
  static_assert(!std::is_constructible_v<NodeId, PodId>);
  static_assert(!std::is_convertible_v<int, NodeId>);
  const std::unordered_set<NodeId> nodes{NodeId{1}, NodeId{2}, NodeId{1}};
  EXPECT_EQ(nodes.size(), 2U);
}

TEST(IdVector, HandsOutDenseIds) {
  IdVector<NodeId, int> column;
  EXPECT_EQ(column.push_back(40), NodeId{0});
  EXPECT_EQ(column.push_back(41), NodeId{1});
  column[NodeId{0}] += 2;
  EXPECT_EQ(column[NodeId{0}], 42);
  EXPECT_TRUE(column.contains(NodeId{1}));
  EXPECT_FALSE(column.contains(NodeId{2}));
  EXPECT_FALSE(column.contains(NodeId::none()));
}

TEST(IdVector, FillsNewRowsWithTheValueGiven) {
  IdVector<PodId, int> column(2, 7);
  column.resize(3, 9);
  EXPECT_EQ(column[PodId{1}], 7);
  EXPECT_EQ(column[PodId{2}], 9);
  EXPECT_EQ(column.span().size(), 3U);
}

TEST(IdVector, IsEqualToOneWithEqualRows) {
  EXPECT_EQ((IdVector<NodeId, int>(2, 7)), (IdVector<NodeId, int>(2, 7)));
  EXPECT_NE((IdVector<NodeId, int>(2, 7)), (IdVector<NodeId, int>(3, 7)));
}

#ifndef NDEBUG
TEST(IdVectorDeathTest, StopsAtAnIdBeyondItsEnd) {
  IdVector<NodeId, int> column(2);
  EXPECT_DEATH((void)column[NodeId{2}], "index");
  EXPECT_DEATH((void)column[NodeId::none()], "index");
}
#endif

}  // namespace
}  // namespace orrery
