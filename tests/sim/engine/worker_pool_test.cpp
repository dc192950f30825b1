#include "orrery/sim/engine/worker_pool.hpp"

#include <atomic>
#include <cstddef>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace orrery::sim {
namespace {

class WorkerPoolWith : public testing::TestWithParam<std::size_t> {};

TEST_P(WorkerPoolWith, TakesEachTurnOnceBeforeItReturns) {
  WorkerPool pool(GetParam());
  for (std::size_t count = 0; count < 300; ++count) {
    std::vector<int> turns(count, 0);  // plain memory: a race shows under tsan
    pool.for_each(count, [&](std::size_t i) { ++turns[i]; });
    ASSERT_THAT(turns, testing::Each(1)) << count;
  }
}

TEST_P(WorkerPoolWith, EndsWithoutEverHavingWorked) { const WorkerPool pool(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Threads, WorkerPoolWith, testing::Values(1, 2, 8));

TEST(WorkerPool, AloneMakesNoThread) {
  WorkerPool pool(1);
  const std::thread::id caller = std::this_thread::get_id();
  pool.for_each(5, [&](std::size_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
}

}  // namespace
}  // namespace orrery::sim
