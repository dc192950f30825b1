#include "orrery/sim/engine/process.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/sim/engine/signal.hpp"
#include "orrery/tests/sim/engine/recorder.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using testing::ElementsAre;

/// What happened when, as "3s name".
class Diary {
 public:
  explicit Diary(const Engine& engine) : engine_(engine) {}
  void note(const std::string& what) {
    const auto second = std::chrono::floor<std::chrono::seconds>(engine_.now().time_since_epoch());
    lines.push_back(std::to_string(second.count()) + "s " + what);
  }

  std::vector<std::string> lines;

 private:
  const Engine& engine_;
};

Process nap(Engine& engine, Diary& diary, std::string name, Duration length) {
  co_await engine.sleep(length);
  diary.note(name + " wakes");
  co_await engine.sleep(length);
  diary.note(name + " wakes again");
}

TEST(Process, SleepsInVirtualTime) {
  Engine engine;
  Diary diary(engine);
  engine.start(nap(engine, diary, "ann", 2s));
  engine.start(nap(engine, diary, "bob", 3s));
  engine.run();
  EXPECT_THAT(diary.lines, ElementsAre("2s ann wakes", "3s bob wakes", "4s ann wakes again",
                                       "6s bob wakes again"));
}

TEST(Process, DoesNothingBeforeItIsStarted) {
  Engine engine;
  Diary diary(engine);
  { const Process never_started = nap(engine, diary, "ann", 0s); }
  Process late = nap(engine, diary, "bob", 1s);
  engine.run_until(Time{5s});
  engine.start(std::move(late));
  EXPECT_THAT(diary.lines, ElementsAre());
  engine.run();
  EXPECT_THAT(diary.lines, ElementsAre("6s bob wakes", "7s bob wakes again"));
}

TEST(Process, SleepingForZeroLetsOtherEventsOfTheInstantGoFirst) {
  Engine engine;
  Diary diary(engine);
  Call other([&](Engine&, const Event&) { diary.note("other"); });
  engine.start(nap(engine, diary, "ann", 0s));
  engine.schedule_at(kTimeZero, other);
  engine.run();
  EXPECT_THAT(diary.lines, ElementsAre("0s other", "0s ann wakes", "0s ann wakes again"));
}

Process day(Engine& engine, Diary& diary) {
  co_await nap(engine, diary, "before lunch", 1s);
  diary.note("lunch");
  co_await nap(engine, diary, "after lunch", 2s);
  diary.note("home");
}

TEST(Process, AwaitsAnotherAsASubroutine) {
  Engine engine;
  Diary diary(engine);
  engine.start(day(engine, diary));
  engine.run();
  EXPECT_THAT(diary.lines,
              ElementsAre("1s before lunch wakes", "2s before lunch wakes again", "2s lunch",
                          "4s after lunch wakes", "6s after lunch wakes again", "6s home"));
}

Process nothing() { co_return; }

Process call_often(int times, int& done) {
  for (int i = 0; i < times; ++i) {
    co_await nothing();
    ++done;
  }
}

TEST(Process, ManySubroutinesInOneInstantDoNotGrowTheStack) {
  Engine engine;
  int done = 0;
  engine.start(call_often(300'000, done));
  engine.run();
  EXPECT_EQ(done, 300'000);
}

Process fail_after(Engine& engine, Duration delay) {
  co_await engine.sleep(delay);
  throw std::runtime_error("out of order");
}

TEST(Process, AnEscapedExceptionComesOutOfRun) {
  Engine engine;
  Recorder recorder;
  engine.start(fail_after(engine, 3s));
  engine.schedule_at(Time{4s}, recorder);
  EXPECT_THROW(engine.run(), std::runtime_error);
  EXPECT_EQ(engine.now(), Time{3s});
  EXPECT_EQ(engine.run(), RunEnd::Drained);
  EXPECT_EQ(recorder.fired.size(), 1U);
}

Process recover(Engine& engine, Diary& diary) {
  try {
    co_await fail_after(engine, 1s);
  } catch (const std::runtime_error& error) {
    diary.note(error.what());
  }
  co_await engine.sleep(1s);
  diary.note("recovered");
}

TEST(Process, AnExceptionOfASubroutineComesOutOfItsAwait) {
  Engine engine;
  Diary diary(engine);
  engine.start(recover(engine, diary));
  engine.run();
  EXPECT_THAT(diary.lines, ElementsAre("1s out of order", "2s recovered"));
}

Process hold(Engine& engine, std::shared_ptr<int> thing, Signal* signal) {
  if (signal != nullptr) co_await signal->wait();
  co_await engine.sleep(100s);
  EXPECT_NE(thing, nullptr);
}

Process hold_in_subroutine(Engine& engine, std::shared_ptr<int> thing) {
  co_await hold(engine, thing, nullptr);
}

TEST(Process, TheEngineDestroysWhatHasNotEnded) {
  const auto thing = std::make_shared<int>(0);
  {
    Engine engine;
    Signal signal(engine);
    engine.start(hold(engine, thing, nullptr));
    engine.start(hold_in_subroutine(engine, thing));
    engine.run_until(Time{1s});
    engine.start(hold(engine, thing, nullptr));
    EXPECT_GT(thing.use_count(), 3);
  }
  EXPECT_EQ(thing.use_count(), 1);
}

TEST(Process, AnEndedProcessIsDestroyedAtOnce) {
  const auto thing = std::make_shared<int>(0);
  Engine engine;
  engine.start(hold(engine, thing, nullptr));
  engine.run();
  EXPECT_EQ(thing.use_count(), 1);
}

TEST(Process, MayOutliveTheSignalItWaitsFor) {
  const auto thing = std::make_shared<int>(0);
  {
    Engine engine;
    {
      Signal signal(engine);
      engine.start(hold(engine, thing, &signal));
      engine.run_until(Time{1s});
      EXPECT_EQ(signal.waiting_count(), 1U);
    }
    engine.run();
    EXPECT_EQ(thing.use_count(), 2);
  }
  EXPECT_EQ(thing.use_count(), 1);
}

Process wait_for_signal(Signal& signal, Diary& diary, std::string name) {
  co_await signal.wait();
  diary.note(name);
}

TEST(Signal, WakesInTheOrderOfWaiting) {
  Engine engine;
  Diary diary(engine);
  Signal signal(engine);
  for (const char* name : {"ann", "bob", "cat"}) {
    engine.start(wait_for_signal(signal, diary, name));
  }
  Call notify_one([&](Engine&, const Event&) { EXPECT_TRUE(signal.notify_one()); });
  Call notify_all([&](Engine&, const Event&) { signal.notify_all(); });
  engine.schedule_at(Time{1s}, notify_one);
  engine.schedule_at(Time{2s}, notify_all);
  engine.run();
  EXPECT_THAT(diary.lines, ElementsAre("1s ann", "2s bob", "2s cat"));
  EXPECT_FALSE(signal.notify_one());
}

Process wait_at_most(Signal& signal, Duration patience, Diary& diary) {
  const bool came = co_await signal.wait_for(patience);
  diary.note(came ? "came" : "gave up");
}

TEST(Signal, WaitsAtMostAsLongAsAskedFor) {
  Engine engine;
  Diary diary(engine);
  Signal signal(engine);
  engine.start(wait_at_most(signal, 1s, diary));
  engine.start(wait_at_most(signal, 3s, diary));
  Call notify([&](Engine&, const Event&) { signal.notify_all(); });
  engine.schedule_at(Time{2s}, notify);
  engine.run();
  EXPECT_THAT(diary.lines, ElementsAre("1s gave up", "2s came"));
  EXPECT_EQ(signal.waiting_count(), 0U);
  EXPECT_EQ(engine.now(), Time{2s});
}

Process wait_for_trigger(Trigger& trigger, Engine& engine, Diary& diary) {
  EXPECT_TRUE(co_await trigger.wait());
  diary.note("first");
  co_await engine.sleep(1s);
  EXPECT_TRUE(co_await trigger.wait_for(0s));
  diary.note("second");
}

TEST(Trigger, StaysFired) {
  Engine engine;
  Diary diary(engine);
  Trigger trigger(engine);
  engine.start(wait_for_trigger(trigger, engine, diary));
  engine.run_until(Time{4s});
  EXPECT_FALSE(trigger.has_fired());
  trigger.fire();
  engine.run();
  EXPECT_THAT(diary.lines, ElementsAre("4s first", "5s second"));
}

}  // namespace
}  // namespace orrery::sim
