// The engine against queueing theory, through its public API.
//
// Null value: the formula's. Replications: 30 seeds, each with its warm-up deleted; the interval is
// Student's over the seeds' means. The M/M/10 test uses 95 %. The table has ten cases, so each uses
// 99.5 %, which keeps the chance that a correct engine fails any of them at 5 % for a new choice of
// seeds. The coverage test repeats the M/M/10 experiment and counts how often its interval holds
// the formula's value. The seeds are fixed: a test that passes goes on passing.
#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/sim/engine/process.hpp"
#include "orrery/sim/engine/signal.hpp"
#include "orrery/tests/sim/engine/queueing_system.hpp"
#include "orrery/tests/sim/engine/queueing_theory.hpp"

namespace orrery::sim {
namespace {

/// Mean wait in M/G/1 with a mean service of one second (Pollaczek and Khinchine).
double mg1_wait(double load, double service_second_moment) {
  return load * service_second_moment / (2 * (1 - load));
}

/// The share of arrivals turned away in M/M/c/K with a mean service of one second.
double mmck_blocking(std::size_t servers, std::size_t capacity, double arrivals_per_second) {
  double term = 1;
  double sum = 1;
  for (std::size_t n = 1; n <= capacity; ++n) {
    term *= arrivals_per_second / static_cast<double>(std::min(n, servers));
    sum += term;
  }
  return term / sum;
}

TEST(QueueingTheory, MM10WaitsAsErlangCSays) {
  const double expected = mmc_wait(10, 9);
  EXPECT_NEAR(expected, 0.66873, 1e-5);  // the tables' value at a load of 0.9
  const Interval interval = interval_over_seeds(
      1, kStudent95, [](std::uint64_t seed) { return mm10_wait(seed, 100'000); });
  EXPECT_TRUE(interval.holds(expected))
      << interval.mean << " ± " << interval.half_width << " s, expected " << expected;
  EXPECT_LT(interval.half_width, 0.05 * expected);
}

struct TheoryCase {
  std::string name;
  QueueingModel model;
  double QueueingResult::*measure;
  double expected;
};
std::ostream& operator<<(std::ostream& out, const TheoryCase& row) { return out << row.name; }

class QueueingTheoryOf : public testing::TestWithParam<TheoryCase> {};

TEST_P(QueueingTheoryOf, HoldsOver30Seeds) {
  const TheoryCase& row = GetParam();
  const Interval interval = interval_over_seeds(1, kStudent995, [&](std::uint64_t seed) {
    return QueueingSystem(row.model, {.seed = seed, .warm_up = 2'000, .measured = 20'000})
               .simulate().*
           row.measure;
  });
  EXPECT_TRUE(interval.holds(row.expected))
      << interval.mean << " ± " << interval.half_width << ", expected " << row.expected;
  EXPECT_LT(interval.half_width, 0.1 * row.expected) << "too wide to mean anything";
}

std::vector<TheoryCase> theory_cases() {
  const auto mmc = [](std::size_t servers, double rate) {
    return QueueingModel{.arrivals_per_second = rate, .servers = servers};
  };
  const auto mg1 = [](double rate, std::function<double(Stream&)> service) {
    return QueueingModel{.arrivals_per_second = rate, .service_seconds = std::move(service)};
  };
  const auto mmck = [](std::size_t servers, std::size_t capacity, double rate) {
    return QueueingModel{.arrivals_per_second = rate, .servers = servers, .capacity = capacity};
  };
  // Two exponentials with means of 0.5 and 2.5 seconds: mean 1, second moment 3.5.
  const auto mixture = [](Stream& stream) {
    return stream.exponential() * (stream.below(4) < 3 ? 0.5 : 2.5);
  };
  constexpr auto kWait = &QueueingResult::wait_mean_seconds;
  constexpr auto kBlocked = &QueueingResult::blocked_fraction;
  return {
      {"MM1AtHalfLoad", mmc(1, 0.5), kWait, 1.0},
      {"MM1AtHighLoad", mmc(1, 0.8), kWait, 4.0},
      {"MM2", mmc(2, 1.4), kWait, mmc_wait(2, 1.4)},
      {"MM10", mmc(10, 8), kWait, mmc_wait(10, 8)},
      {"MD1", mg1(0.7, [](Stream&) { return 1.0; }), kWait, mg1_wait(0.7, 1)},
      {"MG1Uniform", mg1(0.7, [](Stream& stream) { return 2 * stream.uniform(); }), kWait,
       mg1_wait(0.7, 4.0 / 3)},
      {"MG1Mixture", mg1(0.7, mixture), kWait, mg1_wait(0.7, 3.5)},
      {"MM1K5", mmck(1, 5, 0.9), kBlocked, mmck_blocking(1, 5, 0.9)},
      {"MM3K8Overloaded", mmck(3, 8, 3.6), kBlocked, mmck_blocking(3, 8, 3.6)},
      {"ErlangB", mmck(10, 10, 10), kBlocked, mmck_blocking(10, 10, 10)},
  };
}

INSTANTIATE_TEST_SUITE_P(Systems, QueueingTheoryOf, testing::ValuesIn(theory_cases()),
                         [](const auto& row) { return row.param.name; });

/// M/M/1 once more, as coroutines: a source, and a customer at a time at the server.
struct CoroutineQueue {
  explicit CoroutineQueue(std::uint64_t seed)
      : arrivals(seed, Purpose::Arrival, 0), services(seed, Purpose::PodDuration, 0) {}

  Engine engine;
  Signal arrived{engine};
  std::deque<Time> waiting;
  Stream arrivals;
  Stream services;
  std::vector<double> waits;
};

Process source(CoroutineQueue& queue) {
  for (;;) {
    co_await queue.engine.sleep(duration_from_seconds(queue.arrivals.exponential() / 0.5));
    queue.waiting.push_back(queue.engine.now());
    queue.arrived.notify_one();
  }
}

Process server(CoroutineQueue& queue, std::size_t customers) {
  while (queue.waits.size() < customers) {
    while (queue.waiting.empty()) co_await queue.arrived.wait();
    queue.waits.push_back(seconds(queue.engine.now() - queue.waiting.front()));
    queue.waiting.pop_front();
    co_await queue.engine.sleep(duration_from_seconds(queue.services.exponential()));
  }
  queue.engine.request_stop();
}

TEST(QueueingTheory, CoroutinesWaitAsMM1Says) {
  const Interval interval = interval_over_seeds(1, kStudent995, [](std::uint64_t seed) {
    constexpr std::size_t kWarmUp = 1'000;
    CoroutineQueue queue(seed);
    queue.engine.start(source(queue));
    queue.engine.start(server(queue, 10'000));
    queue.engine.run();
    double sum = 0;
    for (std::size_t i = kWarmUp; i < queue.waits.size(); ++i) sum += queue.waits[i];
    return sum / static_cast<double>(queue.waits.size() - kWarmUp);
  });
  EXPECT_TRUE(interval.holds(1.0)) << interval.mean << " ± " << interval.half_width;
  EXPECT_LT(interval.half_width, 0.1);
}

}  // namespace
}  // namespace orrery::sim
