#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "orrery/experiments/setup/merged_workload.hpp"
#include "orrery/experiments/setup/variant_plan.hpp"
#include "orrery/traces/openb.hpp"

namespace orrery::experiments {
namespace {

/// Adds the nodes in the order of this run, with their rates; says where each node of the plan
/// went.
IdVector<NodeId, NodeId> add_nodes(const ClusterPlan& plan, std::uint64_t seed,
                                   sim::ClusterSetup& cluster) {
  const std::vector<Node>& nodes = plan.nodes.nodes;
  std::vector<std::size_t> order(nodes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (plan.is_shuffled) order = traces::shuffled_nodes(nodes.size(), seed);
  IdVector<NodeId, NodeId> places(nodes.size());
  cluster.nodes.reserve(nodes.size());
  for (const std::size_t from : order) {
    places[NodeId{from}] = NodeId{cluster.nodes.size()};
    cluster.rates.push_back(plan.nodes.rates[from]);
    cluster.nodes.push_back(std::make_shared<const Node>(nodes[from]));
  }
  return places;
}

/// The plan names nodes in the document's order: their failures go where they went.
sim::FailurePlan moved(sim::FailurePlan plan, const IdVector<NodeId, NodeId>& places) {
  const auto move_all = [&](std::vector<NodeId>& nodes) {
    for (NodeId& node : nodes) node = places[node];
  };
  for (sim::RandomFailures& random : plan.random) move_all(random.nodes);
  for (sim::GroupFailures& group : plan.groups) move_all(group.nodes);
  for (sim::ReplayedFailures& replayed : plan.replayed) replayed.node = places[replayed.node];
  return plan;
}

/// The state in which the cluster is found.
void add_manifests(const ManifestsPlan& plan, const IdVector<NodeId, NodeId>& places,
                   sim::ClusterSetup& cluster) {
  for (const NodeId node : plan.not_ready) cluster.not_ready.push_back(places[node]);
  for (const NodeId node : plan.cordoned) cluster.cordoned.push_back(places[node]);
  cluster.bound = plan.bound;
  for (sim::BoundPod& pod : cluster.bound) pod.node = places[pod.node];
}

using MadePolicy = std::unique_ptr<policies::PlacementPolicy>;

Result<sim::ClusterSetup> make_cluster(const VariantPlan& plan, std::size_t index,
                                       std::uint64_t seed) {
  const ClusterPlan& own = plan.clusters[index];
  sim::ClusterSetup cluster;
  cluster.name = own.name;
  cluster.scheduler = own.scheduler.config;
  cluster.delays = own.delays;
  cluster.replaces_lost_pods = own.replaces_lost_pods;
  const IdVector<NodeId, NodeId> places = add_nodes(own, seed, cluster);
  cluster.failures = moved(own.failures, places);
  cluster.incidents = own.incidents;
  for (sim::Incident& incident : cluster.incidents) {
    for (NodeId& node : incident.nodes) node = places[node];
  }
  cluster.kubernetes = own.kubernetes;
  if (own.manifests) add_manifests(*own.manifests, places, cluster);

  const WorkloadKey key{
      .seed = seed, .cluster = index, .gpu_capacity = traces::gpu_capacity(own.nodes.nodes)};
  auto workload = open_workload(plan.workloads, key);
  if (!workload) return failure(std::move(workload.error()));
  cluster.workload = std::move(*workload);
  if (own.manifests) {
    std::vector<std::unique_ptr<traces::WorkloadSource>> sources;
    sources.push_back(pending_pods(own.manifests));
    sources.push_back(std::move(cluster.workload));
    cluster.workload = merge_workloads(std::move(sources));
  }
  if (own.typical_share > 0) {
    auto profile = profile_workload(plan.workloads, key, own.typical_share);
    if (!profile) return failure(std::move(profile.error()));
    cluster.profile = std::move(*profile);
  }
  return cluster;
}

/// The policies of one run's clusters.
class PolicyMaker {
 public:
  PolicyMaker(const VariantPlan& plan, const policies::PolicyRegistry& registry)
      : plan_(plan), registry_(registry) {}

  /// The one that decides at first.
  [[nodiscard]] Result<MadePolicy> first(std::size_t index, const sim::ClusterSetup& cluster,
                                         std::uint64_t seed) const {
    const bool is_replaced = plan_.fork && plan_.fork->before[index];
    return make(is_replaced ? *plan_.fork->before[index] : plan_.clusters[index].scheduler.policy,
                index, cluster, seed);
  }

  /// The one that decides after the fork; null: the same.
  [[nodiscard]] Result<MadePolicy> later(std::size_t index, const sim::ClusterSetup& cluster,
                                         std::uint64_t seed) const {
    if (!plan_.fork->before[index]) return MadePolicy();
    return make(plan_.clusters[index].scheduler.policy, index, cluster, seed);
  }

 private:
  [[nodiscard]] Result<MadePolicy> make(const policies::PolicyChoice& choice, std::size_t index,
                                        const sim::ClusterSetup& cluster,
                                        std::uint64_t seed) const {
    return registry_.make<policies::PlacementPolicy>(choice, {.seed = seed,
                                                              .cluster = ClusterId{index},
                                                              .profile = cluster.profile,
                                                              .registry = registry_});
  }

  const VariantPlan& plan_;
  const policies::PolicyRegistry& registry_;
};

}  // namespace

Result<sim::SimulationSetup> make_setup(const VariantPlan& plan, std::uint64_t seed,
                                        const policies::PolicyRegistry& registry) {
  sim::SimulationSetup setup;
  setup.seed = plan.fork ? plan.fork->seed : seed;
  setup.horizon = plan.horizon;
  setup.warm_up = plan.warm_up;
  setup.series_points = plan.series.points;
  setup.node_rows = plan.series.node_rows;
  setup.load_marks = plan.load_marks;
  if (plan.fork) setup.fork = sim::Fork{.at = plan.fork->at, .seed = seed, .policies = {}};
  const PolicyMaker policies(plan, registry);
  for (std::size_t i = 0; i < plan.clusters.size(); ++i) {
    auto cluster = make_cluster(plan, i, setup.seed);
    if (!cluster) return failure(std::move(cluster.error()));
    auto policy = policies.first(i, *cluster, setup.seed);
    if (!policy) return failure(std::move(policy.error()));
    cluster->policy = std::move(*policy);
    if (setup.fork) {
      auto later = policies.later(i, *cluster, seed);
      if (!later) return failure(std::move(later.error()));
      setup.fork->policies.push_back(std::move(*later));
    }
    setup.clusters.push_back(std::move(*cluster));
  }
  return setup;
}

}  // namespace orrery::experiments
