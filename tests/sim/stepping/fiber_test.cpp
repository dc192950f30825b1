#include "orrery/sim/stepping/fiber.hpp"

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace orrery::sim {
namespace {

/// Suspends at the bottom of `depth` calls, each with something on the stack.
int suspend_below(Fiber& fiber, int depth) {
  const std::vector<int> kept(static_cast<std::size_t>(depth) + 1, depth);
  if (depth > 0) return suspend_below(fiber, depth - 1) + kept.front();
  fiber.suspend();
  return kept.front();
}

TEST(Fiber, GoesOnWhereItStoppedHoweverDeep) {
  int sum = 0;
  std::unique_ptr<Fiber> fiber;
  fiber = std::make_unique<Fiber>([&] { sum = suspend_below(*fiber, 10); });
  EXPECT_FALSE(fiber->is_started());
  EXPECT_TRUE(fiber->resume());
  EXPECT_EQ(sum, 0);
  EXPECT_FALSE(fiber->resume());
  EXPECT_TRUE(fiber->is_done());
  EXPECT_EQ(sum, 55);
}

TEST(Fiber, HandsExceptionsToTheCallerEvenAfterSuspending) {
  std::unique_ptr<Fiber> fiber;
  fiber = std::make_unique<Fiber>([&] {
    suspend_below(*fiber, 5);
    throw std::runtime_error("from within");
  });
  EXPECT_TRUE(fiber->resume());
  EXPECT_THROW(fiber->resume(), std::runtime_error);
  EXPECT_TRUE(fiber->is_done());
}

TEST(Fiber, CatchesItsOwnExceptionsBetweenSuspensions) {
  int caught = 0;
  std::unique_ptr<Fiber> fiber;
  fiber = std::make_unique<Fiber>([&] {
    for (int i = 0; i < 3; ++i) {
      try {
        suspend_below(*fiber, i);
        throw std::runtime_error("from within");
      } catch (const std::runtime_error&) {
        ++caught;
      }
    }
  });
  while (fiber->resume()) {
  }
  EXPECT_EQ(caught, 3);
}

TEST(Fiber, MaySwitchThreadsBetweenCalls) {
  int steps = 0;
  std::unique_ptr<Fiber> fiber;
  fiber = std::make_unique<Fiber>([&] {
    for (; steps < 4; ++steps) fiber->suspend();
  });
  fiber->resume();
  for (int i = 0; i < 4; ++i) std::thread([&] { fiber->resume(); }).join();
  EXPECT_TRUE(fiber->is_done());
  EXPECT_EQ(steps, 4);
}

TEST(Fiber, ManySideBySideKeepApart) {
  std::vector<std::unique_ptr<Fiber>> fibers(50);
  std::vector<int> sums(fibers.size());
  for (std::size_t i = 0; i < fibers.size(); ++i) {
    fibers[i] = std::make_unique<Fiber>(
        [&, i] { sums[i] = suspend_below(*fibers[i], static_cast<int>(i)); });
  }
  for (const auto& fiber : fibers) fiber->resume();
  for (const auto& fiber : fibers) fiber->resume();
  for (std::size_t i = 0; i < fibers.size(); ++i) {
    EXPECT_EQ(sums[i], static_cast<int>(i * (i + 1) / 2));
  }
}

}  // namespace
}  // namespace orrery::sim
