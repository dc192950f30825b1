// The hold model: a fixed number of pending events; each that fires schedules the next one. The
// engine, through its public API, against a bare loop over std::priority_queue, in turns within one
// run, so that both meet the same machine.
#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "cpu_seconds.hpp"
#include "delays.hpp"
#include "orrery/sim/engine/engine.hpp"

namespace orrery::bench {
namespace {

/// The engine's side: a handler that schedules itself again.
class HoldModel final : public sim::EventHandler {
 public:
  HoldModel(DelayLaw law, std::size_t pending) : law_(law), stream_(1, Purpose::Test, 0) {
    for (std::size_t i = 0; i < pending; ++i) {
      engine_.schedule_after(draw_delay(law_, stream_), *this, {.data = i});
    }
  }

  void handle(sim::Engine& engine, const sim::Event& event) override {
    engine.schedule_after(draw_delay(law_, stream_), *this, event.payload);
    if (--remaining_ == 0) engine.request_stop();
  }

  void run(std::uint64_t events) {
    remaining_ = events;
    engine_.clear_stop();
    engine_.run();
  }

  [[nodiscard]] Time now() const { return engine_.now(); }

 private:
  DelayLaw law_;
  Stream stream_;
  std::uint64_t remaining_ = 0;
  sim::Engine engine_;
};

/// The bare loop: 24-byte records in a std::priority_queue, and nothing else.
class BareHoldModel {
 public:
  BareHoldModel(DelayLaw law, std::size_t pending) : law_(law), stream_(1, Purpose::Test, 0) {
    for (std::size_t i = 0; i < pending; ++i) push(i);
  }

  void run(std::uint64_t events) {
    for (std::uint64_t i = 0; i < events; ++i) {
      const Record record = queue_.top();
      queue_.pop();
      now_ = record.time;
      push(record.data);
    }
  }

  [[nodiscard]] Time now() const { return now_; }

 private:
  struct Record {
    Time time;
    std::uint64_t sequence;
    std::uint64_t data;
    bool operator>(const Record& other) const {
      return time != other.time ? time > other.time : sequence > other.sequence;
    }
  };
  static_assert(sizeof(Record) == 24);

  void push(std::uint64_t data) {
    queue_.push({saturating_add(now_, draw_delay(law_, stream_)), ++sequence_, data});
  }

  DelayLaw law_;
  Stream stream_;
  Time now_ = kTimeZero;
  std::uint64_t sequence_ = 0;
  std::priority_queue<Record, std::vector<Record>, std::greater<>> queue_;
};

/// One iteration is `kTurn` events on each side; the time reported is the engine's.
void hold(benchmark::State& state, DelayLaw law) {
  constexpr std::uint64_t kTurn = 250'000;
  const auto pending = static_cast<std::size_t>(state.range(0));
  HoldModel engine(law, pending);
  BareHoldModel bare(law, pending);
  double engine_seconds = 0;
  double bare_seconds = 0;
  double events = 0;
  for (auto _ : state) {
    const double turn = cpu_seconds_for(engine, kTurn);
    state.SetIterationTime(turn);
    engine_seconds += turn;
    bare_seconds += cpu_seconds_for(bare, kTurn);
    events += static_cast<double>(kTurn);
  }
  if (engine.now() != bare.now()) state.SkipWithError("the two loops disagree");
  state.counters["engine_per_s"] = events / engine_seconds;
  state.counters["bare_per_s"] = events / bare_seconds;
  state.counters["ratio"] = bare_seconds / engine_seconds;
}

void register_all() {
  for (const DelayLaw law : {DelayLaw::Exponential, DelayLaw::Uniform, DelayLaw::Bimodal,
                             DelayLaw::Pareto, DelayLaw::Ties}) {
    const std::string name = "hold/" + std::string(to_string(law));
    auto* bench = benchmark::RegisterBenchmark(
        name.c_str(), [law](benchmark::State& state) { hold(state, law); });
    bench->UseManualTime()->Unit(benchmark::kMillisecond);
    for (const std::int64_t pending : {1'000, 100'000, 1'000'000}) bench->Arg(pending);
    // Filling ten million takes seconds, so the number of turns is fixed: fill once, measure once.
    if (law == DelayLaw::Exponential) {
      benchmark::RegisterBenchmark(name.c_str(),
                                   [law](benchmark::State& state) { hold(state, law); })
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond)
          ->Arg(10'000'000)
          ->Iterations(12);
    }
  }
}

[[maybe_unused]] const bool registered = (register_all(), true);

}  // namespace
}  // namespace orrery::bench
