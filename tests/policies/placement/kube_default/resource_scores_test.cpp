#include "orrery/policies/placement/kube_default/resource_scores.hpp"

#include <array>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace orrery::policies::kube {
namespace {

// Invariant: the fast division is the exact one. Strategy: sizes up to 8 EB, near each other and
// far apart.
RC_GTEST_PROP(LeastRequested, IsTheExactQuotientRoundedDown, ()) {
  const auto bits = *rc::gen::inRange(1, 56);
  const auto allocatable = *rc::gen::inRange<std::int64_t>(1, (1LL << bits) + 1);
  const auto used = *rc::gen::inRange<std::int64_t>(0, allocatable + 2);
  const std::int64_t exact = used > allocatable ? 0 : (allocatable - used) * 100 / allocatable;
  RC_ASSERT(least_requested(used, allocatable) == exact);
  RC_ASSERT(most_requested(used, allocatable) == std::min(used, allocatable) * 100 / allocatable);
}

TEST(OnShape, GoesInStraightLinesAndStaysAtTheEnds) {
  const std::array<ShapePoint, 3> shape{{{.utilization = 20, .score = 0},
                                         {.utilization = 60, .score = 10},
                                         {.utilization = 80, .score = 2}}};
  EXPECT_EQ(on_shape(shape, 0), 0);
  EXPECT_EQ(on_shape(shape, 40), 50);
  EXPECT_EQ(on_shape(shape, 60), 100);
  EXPECT_EQ(on_shape(shape, 70), 60);
  EXPECT_EQ(on_shape(shape, 100), 20);
}

TEST(BalanceOf, IsTheDeviationOfTheShares) {
  EXPECT_EQ(balance_of(std::array{0.5, 0.5}), 100);
  EXPECT_EQ(balance_of(std::array{0.0, 1.0}), 50);
  EXPECT_EQ(balance_of(std::array{0.0, 0.0, 1.0}), 52);  // population deviation √2/3
  EXPECT_EQ(balance_of(std::array{0.3}), 100);
}

}  // namespace
}  // namespace orrery::policies::kube
