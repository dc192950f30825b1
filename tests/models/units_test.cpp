#include "orrery/models/units.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace orrery {
namespace {

using namespace orrery::literals;

TEST(Quantity, AddsAndSubtractsExactly) {
  EXPECT_EQ(1500_m + 500_m, 2_cpu);
  EXPECT_EQ(1_GiB - 1_MiB, 1023_MiB);
  EXPECT_EQ((250_m - 1_cpu).count(), -750);
}

TEST(Quantity, ScalesByWholeNumbersFromEitherSide) {
  EXPECT_EQ(kWholeGpu * 8, MilliGpu{8000});
  EXPECT_EQ(8 * kWholeGpu, kWholeGpu * 8);
}

TEST(Quantity, StartsAtZeroAndOrdersByCount) {
  EXPECT_EQ(Bytes{}, Bytes{0});
  EXPECT_LT(1023_MiB, 1_GiB);
}

}  // namespace
}  // namespace orrery
