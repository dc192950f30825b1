// M/M/10 at a load of 0.9 through the engine's public API with metrics on, against bare loops.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <queue>
#include <vector>

#include <benchmark/benchmark.h>

#include "cpu_seconds.hpp"
#include "orrery/models/stream.hpp"
#include "orrery/sim/engine/engine.hpp"
#include "orrery/sim/metrics/tally.hpp"

namespace orrery::bench {
namespace {

constexpr std::size_t kServers = 10;
constexpr double kInterarrivalSeconds = 1 / 9.0;

/// What a study would ask: mean, deviation and quantiles of the wait, and the number in the system
/// weighted with time.
class QueueMetrics {
 public:
  void number_changes(Time now, std::size_t number) {
    number_integral_ += static_cast<double>(number_) * seconds(now - changed_);
    changed_ = now;
    number_ = number;
  }
  void waited(Duration wait) { waits_.add(wait.count()); }

  [[nodiscard]] double number_mean() const { return number_integral_ / seconds(changed_); }
  [[nodiscard]] double wait_mean_seconds() const { return waits_.mean() * 1e-9; }

 private:
  double number_integral_ = 0;
  std::size_t number_ = 0;
  Time changed_ = kTimeZero;
  sim::Tally waits_;
};

struct NoMetrics {
  void number_changes(Time, std::size_t) {}
  void waited(Duration) {}
};

/// The queue itself, the same for the engine and the bare loops; `schedule(delay, is_arrival)` is
/// how they differ.
template <class Metrics>
class Queue {
 public:
  template <class Schedule>
  void arrive(Time now, Schedule schedule) {
    ++arrived;
    schedule(duration_from_seconds(arrivals_.exponential() * kInterarrivalSeconds), true);
    if (busy_ < kServers) {
      ++busy_;
      start(now, now, schedule);
    } else {
      waiting_.push_back(now);
    }
    metrics.number_changes(now, busy_ + waiting_.size());
  }

  template <class Schedule>
  void depart(Time now, Schedule schedule) {
    if (waiting_.empty()) {
      --busy_;
    } else {
      start(now, waiting_.front(), schedule);
      waiting_.pop_front();
    }
    metrics.number_changes(now, busy_ + waiting_.size());
  }

  std::uint64_t arrived = 0;
  Metrics metrics;

 private:
  template <class Schedule>
  void start(Time now, Time arrival, Schedule schedule) {
    metrics.waited(now - arrival);
    schedule(duration_from_seconds(services_.exponential()), false);
  }

  Stream arrivals_{1, Purpose::Arrival, 0};
  Stream services_{1, Purpose::PodDuration, 0};
  std::deque<Time> waiting_;
  std::size_t busy_ = 0;
};

class EngineQueue final : public sim::EventHandler {
 public:
  EngineQueue() { engine_.schedule_at(kTimeZero, *this, {.kind = 1}); }

  void run(std::uint64_t customers) {
    target_ = queue.arrived + customers;
    engine_.clear_stop();
    engine_.run();
  }

  void handle(sim::Engine& engine, const sim::Event& event) override {
    const auto schedule = [&](Duration delay, bool is_arrival) {
      engine.schedule_after(delay, *this, {.kind = is_arrival});
    };
    if (event.payload.kind == 1) {
      queue.arrive(event.time, schedule);
      if (queue.arrived == target_) engine.request_stop();
    } else {
      queue.depart(event.time, schedule);
    }
  }

  Queue<QueueMetrics> queue;

 private:
  std::uint64_t target_ = 0;
  sim::Engine engine_;
};

template <class Metrics>
class BareQueue {
 public:
  BareQueue() { pending_.push({kTimeZero, 0, true}); }

  void run(std::uint64_t customers) {
    const std::uint64_t target = queue.arrived + customers;
    while (queue.arrived < target) {
      const Record record = pending_.top();
      pending_.pop();
      const auto schedule = [&](Duration delay, bool is_arrival) {
        pending_.push({record.time + delay, ++sequence_, is_arrival});
      };
      if (record.is_arrival) {
        queue.arrive(record.time, schedule);
      } else {
        queue.depart(record.time, schedule);
      }
    }
  }

  Queue<Metrics> queue;

 private:
  struct Record {
    Time time;
    std::uint64_t sequence;
    bool is_arrival;
    bool operator>(const Record& other) const {
      return time != other.time ? time > other.time : sequence > other.sequence;
    }
  };

  std::uint64_t sequence_ = 0;
  std::priority_queue<Record, std::vector<Record>, std::greater<>> pending_;
};

void mm10(benchmark::State& state) {
  constexpr std::uint64_t kTurn = 200'000;
  EngineQueue engine;
  BareQueue<QueueMetrics> bare_with_metrics;
  BareQueue<NoMetrics> bare;
  double engine_seconds = 0;
  double bare_with_metrics_seconds = 0;
  double bare_seconds = 0;
  for (auto _ : state) {
    const double turn = cpu_seconds_for(engine, kTurn);
    state.SetIterationTime(turn);
    engine_seconds += turn;
    bare_with_metrics_seconds += cpu_seconds_for(bare_with_metrics, kTurn);
    bare_seconds += cpu_seconds_for(bare, kTurn);
  }
  if (engine.queue.metrics.wait_mean_seconds() !=
      bare_with_metrics.queue.metrics.wait_mean_seconds()) {
    state.SkipWithError("the two loops disagree");
  }
  const double customers = static_cast<double>(state.iterations()) * static_cast<double>(kTurn);
  state.counters["customers_per_s"] = customers / engine_seconds;
  state.counters["bare_with_metrics_per_s"] = customers / bare_with_metrics_seconds;
  state.counters["bare_per_s"] = customers / bare_seconds;
  state.counters["ratio_with_metrics"] = bare_with_metrics_seconds / engine_seconds;
  state.counters["ratio"] = bare_seconds / engine_seconds;
  state.counters["wait_mean_s"] = engine.queue.metrics.wait_mean_seconds();
  state.counters["number_mean"] = engine.queue.metrics.number_mean();
}
BENCHMARK(mm10)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace orrery::bench
