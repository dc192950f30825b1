#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "orrery/policies/scaling/scaling_signals.hpp"

namespace orrery::test {

using namespace std::chrono_literals;
using policies::MetricReading;
using policies::MilliValue;
using policies::PodSample;
using policies::PodSignal;
using policies::ReadyStatus;
using policies::ScalingSignals;

/// When most tests take place; pods have been Ready for an hour by then.
inline constexpr Time kNow{10h};

/// One pod as a test sees it: Running and Ready for long, with a fresh sample.
struct PodRow {
  std::optional<std::int64_t> usage = 0;
  std::optional<std::int64_t> request = 1000;
  PodPhase phase = PodPhase::Running;
  ReadyStatus ready = ReadyStatus::True;
  bool is_deleting = false;
  std::optional<Time> started = kNow - 1h;
  Time ready_changed = kNow - 1h;
  Time measured = kNow - 10s;
  Duration window = 30s;
};

/// The signals of one block whose pods answer one query; more answers can follow.
///
///   Block{3}.pods(3, {.usage = 900}).signals()
class Block {
 public:
  explicit Block(std::int32_t replicas) : replicas_(replicas), status_replicas_(replicas) {}

  Block& pods(int count, const PodRow& row) {
    for (int made = 0; made < count; ++made) {
      pods_.push_back({.phase = row.phase,
                       .is_deleting = row.is_deleting,
                       .ready = row.ready,
                       .ready_changed = row.ready_changed,
                       .started = row.started});
      std::optional<PodSample> sample;
      if (row.usage) sample = PodSample{MilliValue{*row.usage}, row.measured, row.window};
      metrics_.front().samples.push_back(sample);
      std::optional<MilliValue> request;
      if (row.request) request = MilliValue{*row.request};
      metrics_.front().requests.push_back(request);
    }
    return *this;
  }
  Block& stranger(std::int64_t usage) {
    metrics_.front().strangers.push_back({MilliValue{usage}, kNow, 30s});
    return *this;
  }
  /// Of the first query, of an Object or External.
  Block& value(std::int64_t value) {
    metrics_.front().values.push_back(MilliValue{value});
    return *this;
  }
  /// A further query's answer; none: it has none.
  Block& next_value(std::optional<std::int64_t> value) {
    MetricReading reading;
    if (value) reading.values.push_back(MilliValue{*value});
    metrics_.push_back(reading);
    return *this;
  }
  Block& status_replicas(std::int32_t replicas) {
    status_replicas_ = replicas;
    return *this;
  }

  [[nodiscard]] const MetricReading& reading() const { return metrics_.front(); }
  [[nodiscard]] ScalingSignals signals(Time now = kNow) const {
    return {.now = now,
            .spec_replicas = replicas_,
            .status_replicas = status_replicas_,
            .pods = pods_,
            .metrics = metrics_};
  }

 private:
  std::int32_t replicas_;
  std::int32_t status_replicas_;
  std::vector<PodSignal> pods_;
  std::vector<MetricReading> metrics_{1};
};

}  // namespace orrery::test
