#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "orrery/policies/placement/kube_default/kube_default.hpp"
#include "orrery/tests/support/cluster_builder.hpp"

/// Nodes and rules in few words, and what kube-default says of them.
namespace orrery::test {

inline constexpr const char* kZone = "topology.kubernetes.io/zone";
inline constexpr const char* kHost = "kubernetes.io/hostname";

/// 8 CPUs and 16 GiB in a zone, with its name as hostname.
inline Node machine(const std::string& name, const std::string& zone = "", Labels labels = {}) {
  Node node;
  node.cpu = MilliCpu{8000};
  node.memory = Bytes{16LL << 30};
  node.ephemeral_storage = Bytes{100LL << 30};
  node.labels = std::move(labels);
  node.labels[kHost] = name;
  if (!zone.empty()) node.labels[kZone] = zone;
  return node;
}

inline PodAffinityTerm near(const Labels& labels, const std::string& key) {
  return {.selector = LabelSelector::all_of(labels),
          .topology_key = key,
          .namespaces = {"default"},
          .in_all_namespaces = false};
}

/// kube-default, told of everything in a cluster.
class Scheduler {
 public:
  explicit Scheduler(const NamedCluster& cluster, policies::kube::KubeSchedulerProfile profile = {})
      : cluster_(cluster), policy_(std::move(profile), 1, ClusterId{0}) {
    policies::introduce(policy_, view());
  }

  [[nodiscard]] policies::ClusterView view(Time now = kTimeZero) const {
    return {.state = cluster_.state, .now = now};
  }
  [[nodiscard]] policies::KubeDefault& policy() { return policy_; }

  /// Why the node is refused, "fits" if it is not.
  std::string filter(const std::string& pod, const std::string& node) {
    const auto explanation = policy_.explain(view(), cluster_.pod(pod));
    return explanation.rows.at(cluster_.node(node).index()).filter;
  }
  /// The weighted score of one plugin for a node.
  double score(const std::string& pod, const std::string& plugin, const std::string& node) {
    const auto explanation = policy_.explain(view(), cluster_.pod(pod));
    const auto& scores = explanation.rows.at(cluster_.node(node).index()).scores;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (explanation.columns[i] == plugin) return scores[i];
    }
    return -1;
  }
  std::vector<std::string> best(const std::string& pod) {
    std::vector<std::string> names;
    for (const NodeId node : policy_.best_nodes(view(), cluster_.pod(pod))) {
      names.push_back(cluster_.state.node_name(node));
    }
    return names;
  }

 private:
  const NamedCluster& cluster_;
  policies::KubeDefault policy_;
};

}  // namespace orrery::test
