// Invariants of the pending set, whatever is scheduled, cancelled and fired in between:
//   - events come out in the order (time, priority, sequence);
//   - each event comes out once, unless it was cancelled, and then never;
//   - cancel() says truthfully whether it took the event back;
//   - likely_ahead() tells of pending events only.
// Strategy: random operations on the queue and on a std::map in that order, which must agree step
// by step; short sequences that shrink, and long ones from each law of delays that exercise every
// level of the ladder. RapidCheck prints the seed of a failure.
#include "orrery/sim/engine/event_queue.hpp"

#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orrery/models/stream.hpp"
#include "orrery/tests/sim/engine/recorder.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;

/// The queue, and what it should hold.
class QueueAgainstModel {
 public:
  void schedule(Duration delay, Priority priority) {
    const Time time = saturating_add(now_, delay);
    const std::uint64_t number = handles_.size();
    handles_.push_back(queue_.push(time, priority, recorder_, {.data = number}));
    expected_.emplace(Key{time, priority, number}, number);
    keys_.push_back({time, priority, number});
  }

  void cancel(std::size_t number) {
    if (handles_.empty()) return;
    number %= handles_.size();
    const bool pending = expected_.erase(keys_[number]) == 1;
    RC_ASSERT(queue_.is_pending(handles_[number]) == pending);
    RC_ASSERT(queue_.cancel(handles_[number]) == pending);
    look_ahead();
  }

  /// A hint may be wrong about what fires next, but not about what is pending at all.
  void look_ahead() {
    for (std::size_t skipped = 0; skipped < 4; ++skipped) {
      const EventPayload* const payload = queue_.likely_ahead(recorder_, skipped);
      if (payload != nullptr) RC_ASSERT(expected_.contains(keys_.at(payload->data)));
    }
  }

  void fire(Time until = kTimeMax) {
    EventQueue::Due due;
    const bool is_due = !expected_.empty() && std::get<Time>(expected_.begin()->first) <= until;
    RC_ASSERT(queue_.pop(until, due) == is_due);
    if (!is_due) return;
    RC_ASSERT(due.payload.data == expected_.begin()->second);
    RC_ASSERT(due.time == std::get<Time>(expected_.begin()->first));
    RC_ASSERT(due.handler == &recorder_);
    now_ = due.time;
    expected_.erase(expected_.begin());
    look_ahead();
  }

  void fire_all() {
    while (!expected_.empty()) fire();
    fire();
    RC_ASSERT(queue_.empty());
  }

  void peek() {
    const Time first = expected_.empty() ? kTimeMax : std::get<Time>(expected_.begin()->first);
    RC_ASSERT(queue_.next_time() == first);
    RC_ASSERT(queue_.size() == expected_.size());
  }

  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] std::size_t scheduled() const { return handles_.size(); }
  [[nodiscard]] std::size_t pending() const { return expected_.size(); }

 private:
  using Key = std::tuple<Time, Priority, std::uint64_t>;

  EventQueue queue_;
  Recorder recorder_;
  Time now_ = kTimeZero;
  std::map<Key, std::uint64_t> expected_;
  std::vector<Key> keys_;
  std::vector<EventHandle> handles_;
};

RC_GTEST_PROP(EventQueue, AgreesWithAnOrderedMapOnShortSequences, ()) {
  using Operation = std::tuple<std::uint8_t, std::int64_t, std::uint8_t>;
  const auto operations = *rc::gen::container<std::vector<Operation>>(
      rc::gen::tuple(rc::gen::inRange<std::uint8_t>(0, 8), rc::gen::inRange<std::int64_t>(0, 6),
                     rc::gen::element<std::uint8_t>(0, 128, 255)));
  QueueAgainstModel both;
  for (const auto& [action, number, priority] : operations) {
    if (action < 3) both.schedule(Duration{number}, Priority{priority});
    if (action == 3) both.schedule(Duration{number << 40}, Priority{priority});
    if (action == 4) both.cancel(static_cast<std::size_t>(number));
    if (action == 5) both.fire();
    if (action == 6) both.fire(both.now() + Duration{number});
    if (action == 7) both.peek();
  }
  both.fire_all();
}

enum class Delays {
  Ties,
  FewValues,
  Uniform,
  Exponential,
  Bimodal,
  Pareto,
  Doubling,
  Ascending,
  EndOfTime
};

struct LawOfDelays {
  std::string name;
  Delays delays;
};
std::ostream& operator<<(std::ostream& out, const LawOfDelays& law) { return out << law.name; }

Duration draw(Delays delays, Stream& stream, std::size_t number) {
  switch (delays) {
    case Delays::Ties:
      return 0ns;
    case Delays::FewValues:
      return static_cast<std::int64_t>(stream.below(3)) * 1s;
    case Delays::Uniform:
      return duration_from_seconds(stream.uniform());
    case Delays::Exponential:
      return duration_from_seconds(stream.exponential());
    case Delays::Bimodal:
      return duration_from_seconds(stream.uniform() * (stream.below(10) < 9 ? 1e-6 : 1e6));
    case Delays::Pareto:
      return duration_from_seconds(1e-6 / stream.uniform_positive());
    case Delays::Doubling:
      return Duration{std::int64_t{1} << stream.below(62)};
    case Delays::Ascending:
      return Duration{static_cast<std::int64_t>(number)};
    case Delays::EndOfTime:
      return stream.below(2) == 0 ? Duration::max() : 1ns;
  }
  return 0ns;
}

class EventQueueWith : public testing::TestWithParam<LawOfDelays> {};

/// Fills up to some size, holds it there with cancellations mixed in, then drains.
void fill_hold_and_drain(Delays delays, std::uint64_t seed, std::size_t size) {
  QueueAgainstModel both;
  Stream stream(seed, Purpose::Test, 0);
  const auto schedule = [&] {
    const auto priority = stream.below(8) == 0 ? Priority::Early : Priority::Normal;
    both.schedule(draw(delays, stream, both.scheduled()), priority);
  };
  while (both.pending() < size) schedule();
  for (std::size_t i = 0; i < 3 * size; ++i) {
    schedule();
    const std::uint64_t choice = stream.below(16);
    if (choice < 10) both.fire();
    if (choice == 10) both.fire(both.now());
    if (choice == 11) both.peek();
    if (choice > 11) both.cancel(stream.below(both.scheduled()));
  }
  both.fire_all();
}

TEST_P(EventQueueWith, AgreesWithAnOrderedMapOnLongSequences) {
  EXPECT_TRUE(rc::check([delays = GetParam().delays] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const std::size_t size = *rc::gen::element<std::size_t>(1, 10, 100, 200, 1000);
    fill_hold_and_drain(delays, seed, size);
  }));
}

TEST_P(EventQueueWith, AgreesWithAnOrderedMapWhenLarge) {
  EXPECT_NO_THROW(fill_hold_and_drain(GetParam().delays, 1, 30'000));
}

INSTANTIATE_TEST_SUITE_P(Delays, EventQueueWith,
                         testing::Values(LawOfDelays{"Ties", Delays::Ties},
                                         LawOfDelays{"FewValues", Delays::FewValues},
                                         LawOfDelays{"Uniform", Delays::Uniform},
                                         LawOfDelays{"Exponential", Delays::Exponential},
                                         LawOfDelays{"Bimodal", Delays::Bimodal},
                                         LawOfDelays{"Pareto", Delays::Pareto},
                                         LawOfDelays{"Doubling", Delays::Doubling},
                                         LawOfDelays{"Ascending", Delays::Ascending},
                                         LawOfDelays{"EndOfTime", Delays::EndOfTime}),
                         [](const auto& law) { return law.param.name; });

TEST(EventQueue, PutsMessagesAfterLocalEventsByTheirSource) {
  EventQueue queue;
  Recorder recorder;
  queue.push_message(Time{1s}, Priority::Normal, 7, 1, recorder, {.data = 4});
  queue.push_message(Time{1s}, Priority::Normal, 2, 9, recorder, {.data = 3});
  queue.push_message(Time{1s}, Priority::Normal, 2, 8, recorder, {.data = 2});
  queue.push(Time{1s}, Priority::Normal, recorder, {.data = 1});
  queue.push(Time{1s}, Priority::Late, recorder, {.data = 5});
  EventQueue::Due due;
  for (std::uint64_t expected = 1; expected <= 5; ++expected) {
    ASSERT_TRUE(queue.pop(kTimeMax, due));
    EXPECT_EQ(due.payload.data, expected);
  }
}

TEST(EventQueue, CancelledEventsDoNotPileUp) {
  EventQueue queue;
  Recorder recorder;
  const EventHandle kept = queue.push(Time{1000s}, Priority::Normal, recorder, {});
  for (int i = 0; i < 100'000; ++i) {
    const EventHandle timeout = queue.push(Time{500s}, Priority::Normal, recorder, {});
    ASSERT_TRUE(queue.cancel(timeout));
  }
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_LT(queue.memory_bytes(), 1U << 18);
  EXPECT_TRUE(queue.is_pending(kept));
}

}  // namespace
}  // namespace orrery::sim
