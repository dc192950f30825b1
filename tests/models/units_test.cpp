#include "orrery/models/units.hpp"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orrery/tests/support/row_name.hpp"

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

RC_GTEST_PROP(Quantity, GivesBackWhatWasTaken, ()) {
  const Bytes free{*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 60)};
  const Bytes request{*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 60)};
  Bytes left = free;
  left -= request;
  left += request;
  RC_ASSERT(left == free);
}

struct SecondsCase {
  const char* name;
  double seconds;
  Duration expected;
};

class DurationFromSeconds : public testing::TestWithParam<SecondsCase> {};

TEST_P(DurationFromSeconds, IsTheNearestNanosecondAndNeverBackwards) {
  EXPECT_EQ(duration_from_seconds(GetParam().seconds), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Units, DurationFromSeconds,
                         testing::Values(SecondsCase{"Zero", 0.0, 0ns},
                                         SecondsCase{"OneAndAHalf", 1.5, 1500ms},
                                         SecondsCase{"JustBelowHalfANanosecond", 0.4e-9, 0ns},
                                         SecondsCase{"JustAboveHalfANanosecond", 0.6e-9, 1ns},
                                         SecondsCase{"Negative", -3.0, 0ns},
                                         SecondsCase{"NotANumber", std::nan(""), 0ns},
                                         SecondsCase{"MoreThanFits", 1e10, Duration::max()},
                                         SecondsCase{"Infinite",
                                                     std::numeric_limits<double>::infinity(),
                                                     Duration::max()}),
                         test::RowName{});

RC_GTEST_PROP(Duration, SurvivesTheWayThroughSeconds, ()) {
  // In 2^50 ns, 13 days, a double still tells neighbouring nanoseconds apart.
  const Duration span{*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 50)};
  RC_ASSERT(duration_from_seconds(seconds(span)) == span);
}

TEST(Time, AddsUpToTheEndOfTimeAndNotBeyond) {
  EXPECT_EQ(saturating_add(kTimeZero + 5s, 3s), kTimeZero + 8s);
  EXPECT_EQ(saturating_add(kTimeMax - 1ns, 1ns), kTimeMax);
  EXPECT_EQ(saturating_add(kTimeMax - 1ns, 1h), kTimeMax);
  EXPECT_EQ(saturating_add(kTimeZero, Duration::max()), kTimeMax);
}

}  // namespace
}  // namespace orrery
