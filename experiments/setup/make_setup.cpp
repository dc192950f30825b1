#include <map>
#include <memory>
#include <utility>

#include "orrery/experiments/setup/variant_plan.hpp"
#include "orrery/traces/openb.hpp"

namespace orrery::experiments {
namespace {

/// The nodes in the order of this run, and their rates.
void add_nodes(const ClusterPlan& plan, std::uint64_t seed, sim::ClusterSetup& cluster) {
  std::vector<Node> nodes = plan.nodes.nodes;
  std::map<std::string, sim::NodeRates> rates;
  if (plan.is_shuffled) {
    for (std::size_t i = 0; i < nodes.size(); ++i) rates[nodes[i].name] = plan.nodes.rates[i];
    traces::shuffle_nodes(nodes, seed);
  }
  cluster.nodes.reserve(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    cluster.rates.push_back(plan.is_shuffled ? rates[nodes[i].name] : plan.nodes.rates[i]);
    cluster.nodes.push_back(std::make_shared<const Node>(std::move(nodes[i])));
  }
}

Result<sim::ClusterSetup> make_cluster(const VariantPlan& plan, std::size_t index,
                                       std::uint64_t seed,
                                       const policies::PolicyRegistry& registry) {
  const ClusterPlan& own = plan.clusters[index];
  sim::ClusterSetup cluster;
  cluster.name = own.name;
  cluster.scheduler = own.scheduler.config;
  cluster.delays = own.delays;
  cluster.failures = own.failures;
  cluster.replaces_lost_pods = own.replaces_lost_pods;
  add_nodes(own, seed, cluster);

  const WorkloadKey key{
      .seed = seed, .cluster = index, .gpu_capacity = traces::gpu_capacity(own.nodes.nodes)};
  auto workload = open_workload(plan.workloads, key);
  if (!workload) return failure(std::move(workload.error()));
  cluster.workload = std::move(*workload);
  if (own.typical_share > 0) {
    auto profile = profile_workload(plan.workloads, key, own.typical_share);
    if (!profile) return failure(std::move(profile.error()));
    cluster.profile = std::move(*profile);
  }
  auto policy =
      registry.make<policies::PlacementPolicy>(own.scheduler.policy, {.seed = seed,
                                                                      .cluster = ClusterId{index},
                                                                      .profile = cluster.profile,
                                                                      .registry = registry});
  if (!policy) return failure(std::move(policy.error()));
  cluster.policy = std::move(*policy);
  return cluster;
}

}  // namespace

Result<sim::SimulationSetup> make_setup(const VariantPlan& plan, std::uint64_t seed,
                                        const policies::PolicyRegistry& registry) {
  sim::SimulationSetup setup;
  setup.seed = seed;
  setup.horizon = plan.horizon;
  setup.warm_up = plan.warm_up;
  setup.series_points = plan.series_points;
  setup.load_marks = plan.load_marks;
  for (std::size_t i = 0; i < plan.clusters.size(); ++i) {
    auto cluster = make_cluster(plan, i, seed, registry);
    if (!cluster) return failure(std::move(cluster.error()));
    setup.clusters.push_back(std::move(*cluster));
  }
  return setup;
}

}  // namespace orrery::experiments
