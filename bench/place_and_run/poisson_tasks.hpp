#pragma once

#include <memory>
#include <string>

#include "orrery/models/stream.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::bench {

/// The workload of the place-and-run figures: Poisson arrivals at 80 % CPU load, exponential
/// durations, 1 to 8 CPUs and 1 to 32 GiB, whole and uniform.
struct PoissonTasks {
  static constexpr int kNodeCpus = 64;
  static constexpr int kNodeGib = 256;
  static constexpr double kLoad = 0.8;
  static constexpr double kMeanSeconds = 1000;
  static constexpr double kMeanCpus = 4.5;

  explicit PoissonTasks(std::size_t nodes)
      : arrivals{1, Purpose::Arrival, 0},
        sizes{1, Purpose::PodSize, 0},
        durations{1, Purpose::PodDuration, 0},
        mean_gap_seconds(kMeanSeconds * kMeanCpus /
                         (kLoad * kNodeCpus * static_cast<double>(nodes))) {}

  /// Advances to the next task.
  void next() {
    arrival =
        saturating_add(arrival, duration_from_seconds(arrivals.exponential() * mean_gap_seconds));
    cpus = static_cast<int>(sizes.below(8)) + 1;
    gib = static_cast<int>(sizes.below(32)) + 1;
    service = duration_from_seconds(durations.exponential() * kMeanSeconds);
  }

  Stream arrivals;
  Stream sizes;
  Stream durations;
  double mean_gap_seconds;
  Time arrival{};
  Duration service{};
  int cpus = 0;
  int gib = 0;
};

/// The same as a WorkloadSource of `count` tasks.
class PoissonTaskSource final : public traces::WorkloadSource {
 public:
  PoissonTaskSource(std::size_t nodes, std::size_t count)
      : tasks_(nodes), left_(count), template_(std::make_shared<const PodTemplate>()) {}

  Result<bool> next(traces::WorkloadItem& item) override {
    if (left_ == 0) return false;
    --left_;
    tasks_.next();
    item.arrival = tasks_.arrival;
    item.cpu = MilliCpu{tasks_.cpus * 1000};
    item.memory = Bytes{static_cast<std::int64_t>(tasks_.gib) << 30};
    item.service = tasks_.service;
    item.pod_template = template_;
    return true;
  }
  [[nodiscard]] std::string describe() const override { return "Poisson tasks"; }

 private:
  PoissonTasks tasks_;
  std::size_t left_;
  std::shared_ptr<const PodTemplate> template_;
};

}  // namespace orrery::bench
