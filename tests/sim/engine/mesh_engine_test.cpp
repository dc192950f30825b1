#include "orrery/sim/engine/mesh_engine.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orrery/models/stream.hpp"
#include "orrery/tests/sim/engine/recorder.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<MeshEngine> make_mesh(const MeshOptions& options) {
  auto mesh = MeshEngine::make(options, {});
  return mesh ? std::move(*mesh) : nullptr;
}

/// Writes down the messages that arrive, by their payload's data.
class Postbox final : public MessageHandler {
 public:
  void receive(Engine& engine, Message& message) override {
    received.push_back(message.payload.data);
    times.push_back(engine.now());
  }

  std::vector<std::uint64_t> received;
  std::vector<Time> times;
};

/// A place that computes, chats and answers at random, with many ties: all delays are multiples of
/// 5 ms. Its log holds everything that happened in order.
class Chatterer final : public EventHandler, public MessageHandler {
 public:
  Chatterer(MeshEngine& mesh, std::vector<std::unique_ptr<Chatterer>>& all, PlaceId place,
            std::uint64_t seed)
      : mesh_(mesh), all_(all), place_(place), stream_(seed, Purpose::Test, place.index()) {
    mesh.engine(place).schedule_after(draw(), *this);
  }

  void handle(Engine& engine, const Event& event) override {
    note(engine, "local");
    if (event.payload.kind == kOnce) return;
    engine.schedule_after(draw(), *this);
    if (stream_.below(3) == 0) send(5);
  }

  void receive(Engine& engine, Message& message) override {
    note(engine, "from " + std::to_string(message.from.index()) + " hops " +
                     std::to_string(message.payload.data));
    if (message.payload.data > 0) send(message.payload.data - 1);
    if (stream_.below(2) == 0) engine.schedule_after(0ns, *this, {.kind = kOnce});
  }

  std::vector<std::string> log;

 private:
  static constexpr std::uint32_t kOnce = 1;

  Duration draw() { return static_cast<std::int64_t>(1 + stream_.below(8)) * 5ms; }

  void note(const Engine& engine, const std::string& what) {
    log.push_back(std::to_string(engine.now().time_since_epoch().count()) + " " + what + " " +
                  std::to_string(stream_.below(1000)));
  }

  void send(std::uint64_t hops) {
    const PlaceId to{(place_.index() + 1 + stream_.below(all_.size() - 1)) % all_.size()};
    mesh_.send({.from = place_,
                .to = to,
                .latency = 5ms + draw(),
                .receiver = all_[to.index()].get(),
                .payload = {.data = hops},
                .body = nullptr});
  }

  MeshEngine& mesh_;
  std::vector<std::unique_ptr<Chatterer>>& all_;
  PlaceId place_;
  Stream stream_;
};

std::vector<std::vector<std::string>> chat(std::uint64_t seed, const MeshOptions& options) {
  const auto mesh = make_mesh(options);
  std::vector<std::unique_ptr<Chatterer>> all;
  for (std::size_t i = 0; i < options.places; ++i) {
    all.push_back(std::make_unique<Chatterer>(*mesh, all, PlaceId{i}, seed));
  }
  mesh->run_until(Time{333ms});
  mesh->run_until(Time{2s});
  std::vector<std::vector<std::string>> logs;
  for (const auto& one : all) logs.push_back(std::move(one->log));
  return logs;
}

TEST(MeshEngine, ResultsAreTheSameForAnyNumberOfThreads) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    const std::size_t places = 2 + seed;
    const auto alone = chat(seed, {.places = places, .look_ahead = 10ms, .threads = 1});
    EXPECT_GT(alone.front().size(), 20U);
    EXPECT_EQ(chat(seed, {.places = places, .look_ahead = 10ms, .threads = 2}), alone);
    EXPECT_EQ(chat(seed, {.places = places, .look_ahead = 10ms, .threads = 8}), alone);
  }
}

RC_GTEST_PROP(MeshEngine, ResultsDoNotDependOnTheWindows, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto places = *rc::gen::inRange<std::size_t>(2, 9);
  const auto wide = chat(seed, {.places = places, .look_ahead = 10ms});
  RC_ASSERT(chat(seed, {.places = places, .look_ahead = 7ms}) == wide);
  RC_ASSERT(chat(seed, {.places = places, .look_ahead = 1ns}) == wide);
}

TEST(MeshEngine, DeliversAfterTheLatencyInOrderOfSource) {
  const auto mesh = make_mesh({.places = 4, .look_ahead = 10ms});
  Postbox postbox;
  const auto send = [&](int from, Duration latency, std::uint64_t number) {
    mesh->send({.from = PlaceId{from},
                .to = PlaceId{0},
                .latency = latency,
                .receiver = &postbox,
                .payload = {.data = number},
                .body = nullptr});
  };
  send(3, 20ms, 5);
  send(2, 20ms, 3);
  send(2, 20ms, 4);
  send(1, 30ms, 6);
  send(1, 10ms, 1);
  send(1, 20ms, 2);
  EXPECT_EQ(mesh->run(), RunEnd::Drained);
  EXPECT_THAT(postbox.received, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(postbox.times.front(), Time{10ms});
  EXPECT_EQ(postbox.times.back(), Time{30ms});
  EXPECT_EQ(mesh->now(), Time{30ms});
  EXPECT_EQ(mesh->message_count(), 6U);
}

TEST(MeshEngine, MessagesFireAfterLocalEventsOfTheirInstant) {
  const auto mesh = make_mesh({.places = 2, .look_ahead = 10ms});
  std::vector<std::string> order;
  Call local([&](Engine&, const Event&) { order.emplace_back("local"); });
  class Note final : public MessageHandler {
   public:
    explicit Note(std::vector<std::string>& order) : order_(order) {}
    void receive(Engine&, Message&) override { order_.emplace_back("message"); }

   private:
    std::vector<std::string>& order_;
  } note(order);
  mesh->send({.from = PlaceId{0},
              .to = PlaceId{1},
              .latency = 50ms,
              .receiver = &note,
              .payload = {},
              .body = nullptr});
  // Scheduled in a later window than that in which the message was handed over.
  Call later([&](Engine& engine, const Event&) { engine.schedule_after(10ms, local); });
  mesh->engine(PlaceId{1}).schedule_at(Time{40ms}, later);
  mesh->run();
  EXPECT_THAT(order, ElementsAre("local", "message"));
}

TEST(MeshEngine, HandsTheBodyOver) {
  struct Letter final : MessageBody {
    explicit Letter(std::string words) : text(std::move(words)) {}
    std::string text;
  };
  class Reader final : public MessageHandler {
   public:
    void receive(Engine&, Message& message) override {
      text = dynamic_cast<const Letter&>(*message.body).text;
    }
    std::string text;
  } reader;
  const auto mesh = make_mesh({.places = 2, .look_ahead = 10ms});
  mesh->send({.from = PlaceId{0},
              .to = PlaceId{1},
              .latency = 10ms,
              .receiver = &reader,
              .payload = {},
              .body = std::make_unique<Letter>("hello")});
  mesh->run();
  EXPECT_EQ(reader.text, "hello");
}

TEST(MeshEngine, SkipsTimeInWhichNothingHappens) {
  const auto mesh = make_mesh({.places = 3, .look_ahead = 1ms});
  Recorder recorder;
  for (int hour = 0; hour < 10; ++hour) {
    mesh->engine(PlaceId{hour % 3}).schedule_at(Time{hour * 1h}, recorder);
  }
  EXPECT_EQ(mesh->run_until(Time{24h}), RunEnd::Drained);
  EXPECT_EQ(recorder.times.size(), 10U);
  EXPECT_EQ(mesh->window_count(), 10U);
  EXPECT_EQ(mesh->engine(PlaceId{1}).now(), Time{24h});
}

TEST(MeshEngine, OnePlaceNeedsNoLookAhead) {
  const auto mesh = make_mesh({.places = 1, .look_ahead = 0ns, .threads = 8});
  ASSERT_NE(mesh, nullptr);
  Recorder recorder;
  for (int i = 0; i < 100; ++i) mesh->engine(PlaceId{0}).schedule_at(Time{i * 1s}, recorder);
  EXPECT_EQ(mesh->run_until(Time{49s}), RunEnd::ReachedTime);
  EXPECT_EQ(recorder.times.size(), 50U);
  EXPECT_EQ(mesh->window_count(), 1U);
}

TEST(MeshEngine, RefusesOptionsThatCannotWork) {
  struct Case {
    MeshOptions options;
    const char* expected;
  };
  const std::vector<Case> cases{
      {{.places = 2, .look_ahead = 0ns}, "a latency above 0 ns between any two clusters"},
      {{.places = 2, .look_ahead = -1ns}, "a latency above 0 ns between any two clusters"},
      {{.places = 0}, "at least one place"},
      {{.places = 1, .threads = 0}, "at least one thread"}};
  for (const Case& bad : cases) {
    const auto mesh = MeshEngine::make(bad.options, {.file = "mesh.json", .pointer = "/links"});
    ASSERT_FALSE(mesh.has_value());
    EXPECT_EQ(mesh.error().expected, bad.expected);
    EXPECT_THAT(to_string(mesh.error()), HasSubstr("mesh.json"));
  }
}

TEST(MeshEngine, RefusesMessagesThatOutrunTheLookAhead) {
  const auto mesh = make_mesh({.places = 2, .look_ahead = 10ms});
  Postbox postbox;
  const auto message = [&](int from, int to, Duration latency, MessageHandler* receiver) {
    return Message{.from = PlaceId{from},
                   .to = PlaceId{to},
                   .latency = latency,
                   .receiver = receiver,
                   .payload = {},
                   .body = nullptr};
  };
  EXPECT_THROW(mesh->send(message(0, 1, 10ms - 1ns, &postbox)), CheckFailure);
  EXPECT_THROW(mesh->send(message(0, 1, -1ns, &postbox)), CheckFailure);
  EXPECT_THROW(mesh->send(message(1, 1, 10ms, &postbox)), CheckFailure);
  EXPECT_THROW(mesh->send(message(0, 2, 10ms, &postbox)), CheckFailure);
  EXPECT_THROW(mesh->send(message(0, 1, 10ms, nullptr)), CheckFailure);
  EXPECT_NO_THROW(mesh->send(message(0, 1, 10ms, &postbox)));
}

TEST(MeshEngine, TheEarliestExceptionOfAWindowComesOut) {
  for (const std::size_t threads : {1U, 2U, 8U}) {
    const auto mesh = make_mesh({.places = 4, .look_ahead = 1s, .threads = threads});
    Call fail([](Engine& engine, const Event&) {
      throw std::runtime_error(std::to_string(engine.now().time_since_epoch() / 1ms));
    });
    mesh->engine(PlaceId{1}).schedule_at(Time{300ms}, fail);
    mesh->engine(PlaceId{2}).schedule_at(Time{200ms}, fail);
    mesh->engine(PlaceId{3}).schedule_at(Time{200ms}, fail);
    try {
      mesh->run();
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "200");
    }
    EXPECT_EQ(mesh->now(), Time{200ms});
  }
}

TEST(MeshEngine, StopsFromAHandlerAndGoesOn) {
  const auto mesh = make_mesh({.places = 2, .look_ahead = 1s, .threads = 2});
  Recorder recorder;
  Call stop([](Engine& engine, const Event&) { engine.request_stop(); });
  mesh->engine(PlaceId{0}).schedule_at(Time{1s}, stop);
  mesh->engine(PlaceId{1}).schedule_at(Time{9s}, recorder);
  EXPECT_EQ(mesh->run_until(Time{10s}), RunEnd::Stopped);
  EXPECT_TRUE(recorder.times.empty());
  mesh->clear_stop();
  EXPECT_EQ(mesh->run_until(Time{10s}), RunEnd::Drained);
  EXPECT_EQ(recorder.times.size(), 1U);
}

TEST(MeshEngine, StopsFromAnotherThread) {
  const auto mesh = make_mesh({.places = 2, .look_ahead = 1s, .threads = 2});
  std::atomic<bool> interrupted{false};
  std::atomic<bool> running{false};
  mesh->watch_stop(interrupted);
  Call forever([&](Engine& engine, const Event&) {
    running = true;
    engine.schedule_after(1ms, forever);
  });
  mesh->engine(PlaceId{0}).schedule_at(Time{1s}, forever);
  mesh->engine(PlaceId{1}).schedule_at(Time{1s}, forever);
  std::thread interrupt([&] {
    while (!running) std::this_thread::yield();
    interrupted = true;
  });
  EXPECT_EQ(mesh->run(), RunEnd::Stopped);
  interrupt.join();
}

}  // namespace
}  // namespace orrery::sim
