#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/models/run_outcome.hpp"
#include "orrery/models/stream.hpp"
#include "orrery/policies/registry.hpp"
#include "orrery/sim/simulation.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::test {

using namespace orrery::literals;

/// Random pods, gangs among them, some with GPUs; sizes from the seed alone.
class RandomWorkload final : public traces::WorkloadSource {
 public:
  RandomWorkload(std::uint64_t seed, std::uint64_t cluster, std::uint64_t pods)
      : cluster_(cluster), stream_{seed, Purpose::Test, cluster}, left_(pods) {
    PodTemplate plain;
    PodTemplate shared;
    shared.gpu = {.count = 1, .milli = 300};
    PodTemplate whole;
    whole.gpu = {.count = 2, .milli = 1000};
    for (const PodTemplate& spec : {plain, shared, whole}) {
      templates_.push_back(std::make_shared<const PodTemplate>(spec));
    }
  }
  Result<bool> next(traces::WorkloadItem& item) override {
    if (missing_in_gang_ > 0) {
      --missing_in_gang_;
    } else {
      if (left_-- == 0) return false;
      ++gang_;
      at_ = saturating_add(at_, duration_from_seconds(20 * stream_.exponential()));
      item.gang_size =
          stream_.below(10) == 0 ? 1 + static_cast<std::uint32_t>(stream_.below(4)) : 1;
      missing_in_gang_ = item.gang_size - 1;
      item.arrival = at_;
      item.cpu = MilliCpu{static_cast<std::int64_t>(1 + stream_.below(8)) * 500};
      item.memory = Bytes{static_cast<std::int64_t>(1 + stream_.below(16)) << 30};
      item.pod_template = templates_[stream_.below(templates_.size())];
      item.service = duration_from_seconds(600 * stream_.exponential());
    }
    item.gang = gang_;
    return true;
  }
  void reseed(std::uint64_t seed) override { stream_ = Stream{seed, Purpose::Test, cluster_}; }
  [[nodiscard]] std::string describe() const override { return "random pods"; }

 private:
  std::uint64_t cluster_;
  Stream stream_;
  std::uint64_t left_;
  std::uint64_t gang_ = 0;
  std::uint32_t missing_in_gang_ = 0;
  Time at_{};
  std::vector<std::shared_ptr<const PodTemplate>> templates_;
};

inline std::unique_ptr<policies::PlacementPolicy> placement(const std::string& policy,
                                                            std::uint64_t seed, int cluster) {
  const policies::PolicyRegistry registry = policies::with_builtin_policies();
  return policies::make_placement(nlohmann::json(policy), {},
                                  {.seed = seed,
                                   .cluster = ClusterId{cluster},
                                   .profile = nullptr,
                                   .registry = registry})
      .value();
}

/// Clusters of 12 small nodes, half of them with GPUs, that crash all the time.
[[nodiscard]] inline sim::SimulationSetup random_mesh(std::uint64_t seed, const std::string& policy,
                                                      int clusters, std::uint64_t pods,
                                                      Duration watch) {
  sim::SimulationSetup setup;
  setup.seed = seed;
  for (int c = 0; c < clusters; ++c) {
    sim::ClusterSetup cluster;
    cluster.name = "c" + std::to_string(c);
    for (int n = 0; n < 12; ++n) {
      Node node{.name = "n" + std::to_string(n), .cpu = 16_cpu, .memory = 64_GiB};
      if (n % 2 == 0) {
        node.gpus = 4;
        node.gpu_model = n % 4 == 0 ? "A" : "B";
      }
      cluster.nodes.push_back(std::make_shared<const Node>(std::move(node)));
      cluster.failures.random.push_back(
          {.nodes = {NodeId{n}},
           .model = {.uptime = Distribution{shape::Weibull{.shape = 0.7, .scale = 3000}},
                     .repair = Distribution{shape::Exponential{.mean = 200}}}});
    }
    cluster.delays.watch = watch;
    cluster.delays.bind = watch / 2;
    cluster.delays.detection = 40s;
    cluster.delays.start_up.initialise = Distribution{shape::Exponential{.mean = 3}};
    cluster.policy = placement(policy, seed, c);
    cluster.workload = std::make_unique<RandomWorkload>(seed, static_cast<std::uint64_t>(c), pods);
    setup.clusters.push_back(std::move(cluster));
  }
  return setup;
}

/// Everything that an outcome says, exactly.
[[nodiscard]] inline std::string digest(const RunOutcome& outcome) {
  std::string text = std::to_string(outcome.fingerprint) + ";" + std::to_string(outcome.events);
  for (const MetricValue& value : outcome.metrics) {
    char exact[64];
    std::snprintf(exact, sizeof exact, "%a", value.value);
    text += ";" + value.name + "=" + exact;
  }
  for (const Series& series : outcome.series) {
    for (const SeriesPoint& point : series.points) {
      char exact[64];
      std::snprintf(exact, sizeof exact, "%a,%a", point.time_seconds, point.value);
      text += std::string{" "} + exact;
    }
  }
  for (const Counter& value : outcome.counters) {
    text += ";" + value.name + "=" + std::to_string(value.value);
  }
  return text;
}

}  // namespace orrery::test
