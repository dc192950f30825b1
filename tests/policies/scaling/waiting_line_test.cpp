#include "orrery/policies/scaling/waiting_line.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace orrery::policies {
namespace {

TEST(WaitingLine, KnowsErlangsValues) {
  EXPECT_DOUBLE_EQ(erlang_c(1, 0.7), 0.7) << "one server: its utilisation";
  EXPECT_DOUBLE_EQ(erlang_c(2, 1), 1.0 / 3);
  EXPECT_DOUBLE_EQ(erlang_c(3, 2), 4.0 / 9);
  // The call centre of the textbooks: 200 calls an hour of 3 minutes, 14 agents.
  EXPECT_NEAR(erlang_c(14, 10), 0.1741, 5e-5);
  EXPECT_EQ(erlang_c(10, 10), 1) << "no steady state";
  EXPECT_EQ(erlang_c(5, 0), 0);
}

TEST(WaitingLine, StaysExactForThousandsOfServers) {
  // Halfin and Whitt: c = a + β √a, β = 1, tends to 1 / (1 + β Φ(β) / φ(β)).
  const double limit = 1 / (1 + 0.8413447460685429 / 0.24197072451914337);
  EXPECT_NEAR(erlang_c(1'001'000, 1e6), limit, 1e-3);
}

TEST(WaitingLine, WaitsAsTheTextbookSays) {
  const WaitingLine calls{.arrival_rate = 200.0 / 3600, .service_seconds = 180};
  const Waits waiting = waits(calls, 14, erlang_c(14, 10));
  EXPECT_NEAR(waiting.mean_seconds, 7.83, 0.01);
  EXPECT_NEAR(1 - waiting.probability_above(20), 0.888, 5e-4);
  EXPECT_DOUBLE_EQ(waiting.probability_above(0), waiting.probability);
}

TEST(WaitingLine, ConstantServiceHalvesTheWait) {
  WaitingLine line{.arrival_rate = 0.8, .service_seconds = 1};
  EXPECT_NEAR(waits(line, 1, 0.8).mean_seconds, 4, 1e-12) << "M/M/1: ρ/(1−ρ)";
  line.service_variation = 0;
  EXPECT_NEAR(waits(line, 1, 0.8).mean_seconds, 2, 1e-12) << "Pollaczek and Khinchine: exact";
}

TEST(WaitingLine, HasNoEndOfWaitingWhereItIsOverloaded) {
  const WaitingLine line{.arrival_rate = 3, .service_seconds = 1};
  const Waits waiting = waits(line, 3, 1);
  EXPECT_TRUE(std::isinf(waiting.mean_seconds));
  EXPECT_EQ(waiting.probability_above(1e9), 1);
}

RC_GTEST_PROP(WaitingLine, ErlangsRecursionIsHisSum, ()) {
  const auto servers = *rc::gen::inRange(1, 100);
  const double load = *rc::gen::inRange(1, 1000) / 1000.0 * servers;
  RC_PRE(load < servers);
  double term = 1;
  double sum = 1;
  for (int n = 1; n < servers; ++n) sum += term *= load / n;
  const double last = term * load / servers * servers / (servers - load);
  RC_ASSERT(std::abs(erlang_c(servers, load) - last / (sum + last)) < 1e-9);
}

}  // namespace
}  // namespace orrery::policies
