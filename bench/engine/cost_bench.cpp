// What single features of the engine cost: cancelling, coroutines, windows of a mesh.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "orrery/models/stream.hpp"
#include "orrery/sim/engine/mesh_engine.hpp"
#include "orrery/sim/engine/process.hpp"

namespace orrery::bench {
namespace {

using namespace orrery::literals;

class Ignore final : public sim::EventHandler {
 public:
  void handle(sim::Engine&, const sim::Event&) override {}
};

/// A timeout that is set and taken back, among `range(0)` others, swept records included.
void cancel(benchmark::State& state) {
  sim::Engine engine;
  Ignore ignore;
  Stream stream(1, Purpose::Test, 0);
  std::vector<sim::EventHandle> timeouts(static_cast<std::size_t>(state.range(0)));
  for (sim::EventHandle& timeout : timeouts) {
    timeout = engine.schedule_after(duration_from_seconds(stream.uniform()), ignore);
  }
  for (auto _ : state) {
    sim::EventHandle& timeout = timeouts[stream.below(timeouts.size())];
    benchmark::DoNotOptimize(engine.cancel(timeout));
    timeout = engine.schedule_after(duration_from_seconds(stream.uniform()), ignore);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(cancel)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

sim::Process sleeper(sim::Engine& engine, std::uint64_t number) {
  Stream stream(1, Purpose::Test, number);
  for (;;) co_await engine.sleep(duration_from_seconds(stream.exponential()));
}

/// One wake-up of one of `range(0)` coroutines.
void coroutine_sleep(benchmark::State& state) {
  sim::Engine engine;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    engine.start(sleeper(engine, static_cast<std::uint64_t>(i)));
  }
  engine.run_until(Time{1s});
  for (auto _ : state) engine.step();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(coroutine_sleep)->Arg(1'000)->Arg(100'000);

sim::Process nap(sim::Engine& engine) { co_await engine.sleep(1s); }

/// The whole life of a coroutine: start, one sleep, end.
void coroutine_life(benchmark::State& state) {
  sim::Engine engine;
  for (auto _ : state) {
    engine.start(nap(engine));
    engine.run();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(coroutine_life);

/// Holds 1000 events at each place.
class Busy final : public sim::EventHandler {
 public:
  explicit Busy(std::uint64_t number) : stream_(1, Purpose::Test, number) {}
  void handle(sim::Engine& engine, const sim::Event& event) override {
    engine.schedule_after(duration_from_seconds(stream_.exponential()), *this, event.payload);
  }

 private:
  Stream stream_;
};

/// Eight places on `range(0)` threads with a look-ahead of `range(1)` ms, which holds about eight
/// events per millisecond in all. The rate is that of events.
void mesh(benchmark::State& state) {
  constexpr std::size_t kPlaces = 8;
  auto made = sim::MeshEngine::make({.places = kPlaces,
                                     .look_ahead = state.range(1) * 1ms,
                                     .threads = static_cast<std::size_t>(state.range(0))},
                                    {});
  sim::MeshEngine& engine = **made;
  std::vector<std::unique_ptr<Busy>> handlers;
  for (std::size_t place = 0; place < kPlaces; ++place) {
    handlers.push_back(std::make_unique<Busy>(place));
    for (int i = 0; i < 1'000; ++i) {
      engine.engine(sim::PlaceId{place}).schedule_at(kTimeZero, *handlers.back());
    }
  }
  Time until = kTimeZero;
  for (auto _ : state) engine.run_until(until += 1s);
  state.SetItemsProcessed(static_cast<std::int64_t>(engine.event_count()));
}
BENCHMARK(mesh)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Args({1, 1})
    ->Args({2, 1})
    ->Args({1, 100})
    ->Args({2, 100});

}  // namespace
}  // namespace orrery::bench
