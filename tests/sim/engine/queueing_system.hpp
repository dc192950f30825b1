#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <utility>

#include "orrery/models/stream.hpp"
#include "orrery/sim/engine/engine.hpp"

namespace orrery::sim {

/// A queueing system in Kendall's notation, M/G/c/K: Poisson arrivals, any service time, first come
/// first served, arrivals that find `capacity` customers are turned away.
struct QueueingModel {
  double arrivals_per_second = 0;
  std::size_t servers = 1;
  std::size_t capacity = std::numeric_limits<std::size_t>::max();
  std::function<double(Stream&)> service_seconds = [](Stream& stream) {
    return stream.exponential();
  };
};

/// How long to look, in customers that arrive.
struct QueueingRun {
  std::uint64_t seed = 1;
  std::size_t warm_up = 0;  ///< customers left out at the start, when the system is too empty
  std::size_t measured = 0;
};

struct QueueingResult {
  double wait_mean_seconds = 0;  ///< of the measured customers that were let in
  double blocked_fraction = 0;   ///< of the measured customers
};

/// Simulates the system on an Engine of its own, event by event.
class QueueingSystem final : public EventHandler {
 public:
  QueueingSystem(QueueingModel model, const QueueingRun& run)
      : model_(std::move(model)),
        run_(run),
        arrivals_(run.seed, Purpose::Arrival, 0),
        services_(run.seed, Purpose::PodDuration, 0) {}

  QueueingResult simulate() {
    schedule_arrival();
    engine_.run();
    return {.wait_mean_seconds = wait_sum_seconds_ / static_cast<double>(started_),
            .blocked_fraction = static_cast<double>(blocked_) / static_cast<double>(run_.measured)};
  }

  void handle(Engine& /*engine*/, const Event& event) override {
    event.payload.kind == kArrival ? arrive() : depart();
  }

 private:
  enum Kind : std::uint32_t { kArrival, kDeparture };
  struct Customer {
    Time arrival{};
    bool is_measured = false;
  };

  void schedule_arrival() {
    if (arrived_ == run_.warm_up + run_.measured) return;
    engine_.schedule_after(
        duration_from_seconds(arrivals_.exponential() / model_.arrivals_per_second), *this,
        {.kind = kArrival});
  }

  void arrive() {
    const Customer customer{.arrival = engine_.now(), .is_measured = arrived_ >= run_.warm_up};
    ++arrived_;
    schedule_arrival();
    if (busy_ + waiting_.size() == model_.capacity) {
      if (customer.is_measured) ++blocked_;
    } else if (busy_ < model_.servers) {
      ++busy_;
      start(customer);
    } else {
      waiting_.push_back(customer);
    }
  }

  void depart() {
    if (waiting_.empty()) {
      --busy_;
      return;
    }
    start(waiting_.front());
    waiting_.pop_front();
  }

  void start(const Customer& customer) {
    if (customer.is_measured) {
      wait_sum_seconds_ += seconds(engine_.now() - customer.arrival);
      ++started_;
    }
    engine_.schedule_after(duration_from_seconds(model_.service_seconds(services_)), *this,
                           {.kind = kDeparture});
  }

  QueueingModel model_;
  QueueingRun run_;
  Stream arrivals_;
  Stream services_;
  Engine engine_;
  std::deque<Customer> waiting_;
  std::size_t busy_ = 0;
  std::size_t arrived_ = 0;
  std::size_t started_ = 0;
  std::size_t blocked_ = 0;
  double wait_sum_seconds_ = 0;
};

}  // namespace orrery::sim
