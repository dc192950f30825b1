#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/models/run_outcome.hpp"
#include "orrery/policies/registry.hpp"
#include "orrery/sim/simulation.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::test {

/// Work as a list, for tests.
class ScriptedWorkload final : public traces::WorkloadSource {
 public:
  explicit ScriptedWorkload(std::vector<traces::WorkloadItem> items) : items_(std::move(items)) {}
  Result<bool> next(traces::WorkloadItem& item) override {
    if (position_ == items_.size()) return false;
    item = items_[position_++];
    return true;
  }
  [[nodiscard]] std::string describe() const override { return "a scripted workload"; }

 private:
  std::vector<traces::WorkloadItem> items_;
  std::size_t position_ = 0;
};

/// Describes a run of one cluster that reads like the situation:
///
///   const RunOutcome outcome = ScriptedCluster{}
///       .nodes(2, {.cpu = 4_cpu})
///       .task({.at = 0s, .cpu = 1_cpu, .service = 10s})
///       .run();
class ScriptedCluster {
 public:
  struct Task {
    Duration at{};
    MilliCpu cpu{1000};
    Bytes memory{};
    Duration service{};
    std::uint32_t gang_size = 1;
    std::int32_t priority = 0;
    GpuRequest gpu{};
    Duration estimate{};
  };

  ScriptedCluster() {
    cluster_.name = "test";
    cluster_.delays.detection = Duration::zero();
    cluster_.scheduler.backoff_initial = Duration::zero();
  }

  ScriptedCluster& nodes(int count, const Node& node) {
    for (int i = 0; i < count; ++i) {
      Node named = node;
      named.name = "n" + std::to_string(cluster_.nodes.size());
      cluster_.nodes.push_back(std::make_shared<const Node>(std::move(named)));
    }
    return *this;
  }
  /// A gang's members are one task with a gang_size: they are all alike.
  ScriptedCluster& task(const Task& task) {
    PodTemplate spec;
    spec.priority = task.priority;
    spec.gpu = task.gpu;
    const auto shared = std::make_shared<const PodTemplate>(std::move(spec));
    ++gangs_;
    for (std::uint32_t i = 0; i < task.gang_size; ++i) {
      items_.push_back({.arrival = kTimeZero + task.at,
                        .cpu = task.cpu,
                        .memory = task.memory,
                        .pod_template = shared,
                        .service = task.service,
                        .estimate = task.estimate,
                        .gang_size = task.gang_size,
                        .gang = gangs_,
                        .source_row = 0,
                        .cluster = {}});
    }
    return *this;
  }
  ScriptedCluster& policy(std::string name) {
    policy_ = std::move(name);
    return *this;
  }
  ScriptedCluster& outage(int node, Duration start, Duration end) {
    cluster_.failures.replayed.push_back(
        {.node = NodeId{node}, .outages = {{.start = kTimeZero + start, .end = kTimeZero + end}}});
    return *this;
  }
  /// Everything else is set directly.
  [[nodiscard]] sim::ClusterSetup& cluster() { return cluster_; }
  [[nodiscard]] sim::SimulationSetup& simulation() { return setup_; }

  /// The policy knows the cluster's workload profile, if there is one.
  [[nodiscard]] sim::SimulationSetup build() {
    const policies::PolicyRegistry registry = policies::with_builtin_policies();
    cluster_.policy = policies::make_placement(
                          nlohmann::json(policy_), {},
                          {.seed = setup_.seed, .profile = cluster_.profile, .registry = registry})
                          .value();
    if (!cluster_.workload) cluster_.workload = std::make_unique<ScriptedWorkload>(items_);
    setup_.clusters.push_back(std::move(cluster_));
    return std::move(setup_);
  }
  [[nodiscard]] RunOutcome run(const sim::RunHooks& hooks = {}) {
    return sim::run_simulation(build(), hooks).value();
  }

 private:
  sim::ClusterSetup cluster_;
  sim::SimulationSetup setup_;
  std::vector<traces::WorkloadItem> items_;
  std::string policy_ = "first-fit";
  std::uint64_t gangs_ = 0;
};

/// The metric's value; a test failure's worth of NaN when it does not exist.
[[nodiscard]] inline double metric(const RunOutcome& outcome, const std::string& name) {
  for (const MetricValue& value : outcome.metrics) {
    if (value.name == name) return value.value;
  }
  throw std::out_of_range("no metric " + name);
}

[[nodiscard]] inline std::int64_t counter(const RunOutcome& outcome, const std::string& name) {
  for (const Counter& value : outcome.counters) {
    if (value.name == name) return value.value;
  }
  throw std::out_of_range("no counter " + name);
}

}  // namespace orrery::test
