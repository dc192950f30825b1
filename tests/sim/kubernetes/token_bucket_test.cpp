#include "orrery/sim/kubernetes/token_bucket.hpp"

#include <gtest/gtest.h>

namespace orrery::sim {
namespace {

using namespace std::chrono_literals;

TEST(TokenBucket, LetsABurstThroughAndThenGoesAtItsRate) {
  TokenBucket bucket(20, 3);
  const Time now = kTimeZero + 1h;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.reserve(now), now);
  EXPECT_EQ(bucket.reserve(now), now + 50ms);
  EXPECT_EQ(bucket.reserve(now), now + 100ms);
  EXPECT_FALSE(bucket.try_take(now + 120ms)) << "those who came before have taken what is there";
  EXPECT_TRUE(bucket.try_take(now + 150ms));
}

TEST(TokenBucket, HoldsNoMoreThanItsBurst) {
  TokenBucket bucket(0.1, 1);
  EXPECT_TRUE(bucket.try_take(kTimeZero));
  EXPECT_FALSE(bucket.try_take(kTimeZero + 9999ms));
  EXPECT_TRUE(bucket.try_take(kTimeZero + 1h));
  EXPECT_EQ(bucket.next(kTimeZero + 1h), kTimeZero + 1h + 10s);
}

TEST(TokenBucket, NeverLetsAnythingThroughAtRateZero) {
  TokenBucket bucket(0, 1);
  EXPECT_EQ(bucket.next(kTimeZero), kTimeMax);
  EXPECT_FALSE(bucket.try_take(kTimeZero + 1h));
}

}  // namespace
}  // namespace orrery::sim
