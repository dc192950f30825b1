#include "orrery/sim/engine/engine.hpp"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/tests/sim/engine/recorder.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using testing::ElementsAre;

EventPayload numbered(std::uint64_t number) { return {.data = number}; }

TEST(Engine, FiresInOrderOfTime) {
  Engine engine;
  Recorder recorder;
  engine.schedule_at(Time{3s}, recorder, numbered(3));
  engine.schedule_at(Time{1s}, recorder, numbered(1));
  engine.schedule_after(2s, recorder, numbered(2));
  EXPECT_EQ(engine.run(), RunEnd::Drained);
  EXPECT_THAT(recorder.fired, ElementsAre(1, 2, 3));
  EXPECT_THAT(recorder.times, ElementsAre(Time{1s}, Time{2s}, Time{3s}));
  EXPECT_EQ(engine.event_count(), 3U);
}

TEST(Engine, FiresTheEventsOfOneInstantByPriorityThenAsScheduled) {
  Engine engine;
  Recorder recorder;
  engine.schedule_at(Time{1s}, recorder, numbered(5), Priority::Last);
  engine.schedule_at(Time{1s}, recorder, numbered(3));
  engine.schedule_at(Time{1s}, recorder, numbered(1), Priority::First);
  engine.schedule_at(Time{1s}, recorder, numbered(4));
  engine.schedule_at(Time{1s}, recorder, numbered(2), Priority::First);
  engine.run();
  EXPECT_THAT(recorder.fired, ElementsAre(1, 2, 3, 4, 5));
}

TEST(Engine, HandsThePayloadToTheHandler) {
  Engine engine;
  EventPayload seen;
  Call look([&](Engine&, const Event& event) { seen = event.payload; });
  const EventPayload sent{.kind = 7, .subject = 8, .data = 9};
  engine.schedule_at(Time{1s}, look, sent);
  engine.run();
  EXPECT_EQ(seen, sent);
}

TEST(Engine, NeverFiresWhatWasCancelled) {
  Engine engine;
  Recorder recorder;
  engine.schedule_at(Time{1s}, recorder, numbered(1));
  const EventHandle second = engine.schedule_at(Time{2s}, recorder, numbered(2));
  engine.schedule_at(Time{3s}, recorder, numbered(3));
  EXPECT_TRUE(engine.is_pending(second));
  EXPECT_TRUE(engine.cancel(second));
  EXPECT_FALSE(engine.is_pending(second));
  EXPECT_EQ(engine.pending_count(), 2U);
  engine.run();
  EXPECT_THAT(recorder.fired, ElementsAre(1, 3));
}

TEST(Engine, CancelsOnlyOnce) {
  Engine engine;
  Recorder recorder;
  const EventHandle cancelled = engine.schedule_at(Time{1s}, recorder);
  const EventHandle fired = engine.schedule_at(Time{1s}, recorder);
  EXPECT_TRUE(engine.cancel(cancelled));
  EXPECT_FALSE(engine.cancel(cancelled));
  engine.run();
  EXPECT_FALSE(engine.cancel(fired));
  EXPECT_FALSE(engine.cancel(EventHandle{}));
}

TEST(Engine, AHandleNeverNamesALaterEventOfTheSameSlot) {
  Engine engine;
  Recorder recorder;
  const EventHandle old = engine.schedule_at(Time{1s}, recorder, numbered(1));
  engine.cancel(old);
  engine.schedule_at(Time{1s}, recorder, numbered(2));
  EXPECT_FALSE(engine.cancel(old));
  engine.run();
  EXPECT_THAT(recorder.fired, ElementsAre(2));
}

TEST(Engine, AnEventCannotCancelItself) {
  Engine engine;
  EventHandle self;
  bool cancelled = true;
  Call attempt([&](Engine& own, const Event&) { cancelled = own.cancel(self); });
  self = engine.schedule_at(Time{1s}, attempt);
  engine.run();
  EXPECT_FALSE(cancelled);
}

TEST(Engine, RunUntilFiresTheLastInstantAndLeavesTheClockThere) {
  Engine engine;
  Recorder recorder;
  engine.schedule_at(Time{2s}, recorder, numbered(1));
  engine.schedule_at(Time{5s}, recorder, numbered(2));
  EXPECT_EQ(engine.run_until(Time{2s}), RunEnd::ReachedTime);
  EXPECT_THAT(recorder.fired, ElementsAre(1));
  EXPECT_EQ(engine.run_until(Time{4s}), RunEnd::ReachedTime);
  EXPECT_EQ(engine.now(), Time{4s});
  EXPECT_EQ(engine.next_time(), Time{5s});
  EXPECT_EQ(engine.run_until(Time{9s}), RunEnd::Drained);
  EXPECT_EQ(engine.now(), Time{9s});
  EXPECT_EQ(engine.next_time(), kTimeMax);
}

TEST(Engine, StepFiresOneEvent) {
  Engine engine;
  Recorder recorder;
  engine.schedule_at(Time{1s}, recorder, numbered(1));
  engine.schedule_at(Time{2s}, recorder, numbered(2));
  EXPECT_TRUE(engine.step());
  EXPECT_EQ(engine.now(), Time{1s});
  EXPECT_TRUE(engine.step());
  EXPECT_FALSE(engine.step());
  EXPECT_EQ(engine.now(), Time{2s});
}

TEST(Engine, RefusesThePast) {
  Engine engine;
  Recorder recorder;
  engine.run_until(Time{5s});
  EXPECT_THROW(engine.schedule_at(Time{5s} - 1ns, recorder), CheckFailure);
  EXPECT_THROW(engine.schedule_after(-1ns, recorder), CheckFailure);
  EXPECT_THROW(engine.run_until(Time{4s}), CheckFailure);
  EXPECT_NO_THROW(engine.schedule_at(Time{5s}, recorder));
}

TEST(Engine, AHandlerMayScheduleAtOnce) {
  Engine engine;
  Recorder recorder;
  Call chain([&](Engine& own, const Event& event) {
    if (event.payload.data < 3) {
      own.schedule_after(0ns, chain, numbered(event.payload.data + 1));
    }
    own.schedule_after(0ns, recorder, event.payload);
  });
  engine.schedule_at(Time{1s}, chain, numbered(1));
  engine.schedule_at(Time{1s}, recorder, numbered(9));
  engine.run();
  EXPECT_THAT(recorder.fired, ElementsAre(9, 1, 2, 3));
  EXPECT_EQ(engine.now(), Time{1s});
}

TEST(Engine, FiresAtTheEndOfTime) {
  Engine engine;
  Recorder recorder;
  engine.schedule_after(Duration::max(), recorder, numbered(2));
  engine.schedule_at(Time{1s}, recorder, numbered(1));
  EXPECT_EQ(engine.run_until(Time{2s}), RunEnd::ReachedTime);
  engine.schedule_after(Duration::max(), recorder, numbered(3));
  EXPECT_EQ(engine.run(), RunEnd::Drained);
  EXPECT_THAT(recorder.fired, ElementsAre(1, 2, 3));
  EXPECT_EQ(engine.now(), kTimeMax);
}

TEST(Engine, StopsAfterTheEventThatAskedForIt) {
  Engine engine;
  Recorder recorder;
  Call stop([](Engine& own, const Event&) { own.request_stop(); });
  engine.schedule_at(Time{1s}, stop);
  engine.schedule_at(Time{1s}, recorder, numbered(1));
  EXPECT_EQ(engine.run_until(Time{3s}), RunEnd::Stopped);
  EXPECT_EQ(engine.now(), Time{1s});
  EXPECT_THAT(recorder.fired, ElementsAre());
  engine.clear_stop();
  EXPECT_EQ(engine.run(), RunEnd::Drained);
  EXPECT_THAT(recorder.fired, ElementsAre(1));
}

TEST(Engine, StopsWhenAWatchedFlagIsSet) {
  std::atomic<bool> flag{false};
  Engine engine;
  engine.watch_stop(flag);
  Recorder recorder;
  Call interrupt([&](Engine&, const Event&) { flag = true; });
  engine.schedule_at(Time{1s}, interrupt);
  engine.schedule_at(Time{2s}, recorder);
  EXPECT_EQ(engine.run(), RunEnd::Stopped);
  EXPECT_THAT(recorder.fired, ElementsAre());
}

TEST(Engine, KeepsTheTimeOfAnExceptionAndCanGoOn) {
  Engine engine;
  Recorder recorder;
  Call fail([](Engine&, const Event&) { ORRERY_CHECK(1 + 1 == 3, "an invariant broke"); });
  engine.schedule_at(Time{4s}, fail);
  engine.schedule_at(Time{5s}, recorder, numbered(1));
  EXPECT_THROW(engine.run(), CheckFailure);
  EXPECT_EQ(engine.now(), Time{4s});
  engine.run();
  EXPECT_THAT(recorder.fired, ElementsAre(1));
}

}  // namespace
}  // namespace orrery::sim
