#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/models/labels.hpp"
#include "orrery/models/placement_rules.hpp"

namespace orrery::policies::kube {

/// The plugins of kube-scheduler that filter or score nodes, in the order in which the default
/// profile runs them (pkg/scheduler/apis/config/v1/default_plugins.go, v1.36.3).
enum class Plugin : std::uint8_t {
  NodeUnschedulable,
  TaintToleration,
  NodeAffinity,
  NodePorts,
  NodeResourcesFit,
  PodTopologySpread,
  InterPodAffinity,
  NodeResourcesBalancedAllocation,
  ImageLocality,
};
inline constexpr std::size_t kPlugins = 9;
[[nodiscard]] std::string_view to_string(Plugin plugin);

/// A value for each plugin.
template <class Value>
class PerPlugin {
 public:
  constexpr Value& operator[](Plugin plugin) { return values_[static_cast<std::size_t>(plugin)]; }
  constexpr const Value& operator[](Plugin plugin) const {
    return values_[static_cast<std::size_t>(plugin)];
  }
  friend bool operator==(const PerPlugin&, const PerPlugin&) = default;

 private:
  std::array<Value, kPlugins> values_{};
};

/// A resource that counts in a score; the name is Kubernetes' ("cpu", "memory", "nvidia.com/gpu").
struct ResourceWeight {
  std::string name;
  std::int64_t weight = 1;
  friend bool operator==(const ResourceWeight&, const ResourceWeight&) = default;
};

/// A point of RequestedToCapacityRatio: percent used, and its score from 0 to 10.
struct ShapePoint {
  std::int64_t utilization = 0;
  std::int64_t score = 0;
  friend bool operator==(const ShapePoint&, const ShapePoint&) = default;
};

/// How NodeResourcesFit scores (NodeResourcesFitArgs.scoringStrategy).
struct ScoringStrategy {
  enum class Type : std::uint8_t { LeastAllocated, MostAllocated, RequestedToCapacityRatio };
  Type type = Type::LeastAllocated;
  std::vector<ResourceWeight> resources = {{.name = "cpu"}, {.name = "memory"}};
  std::vector<ShapePoint> shape;  ///< ascending; of RequestedToCapacityRatio only
  friend bool operator==(const ScoringStrategy&, const ScoringStrategy&) = default;
};

/// One profile of a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) as far as it
/// decides where pods go. The defaults are upstream's (pkg/scheduler/apis/config/v1/defaults.go,
/// v1.36.3).
struct KubeSchedulerProfile {
  KubeSchedulerProfile();

  std::int32_t minor_version = 36;  ///< of Kubernetes 1.x whose decisions are made
  PerPlugin<bool> filters;          ///< which plugins filter
  PerPlugin<std::int64_t> weights;  ///< of which scores; 0: the plugin does not score
  bool preempts = true;             ///< DefaultPreemption is on
  /// How many percent of the nodes must be found feasible before the search ends; 0: fewer the
  /// larger the cluster.
  std::int32_t percentage_of_nodes_to_score = 0;

  ScoringStrategy fit;
  std::vector<std::string> ignored_resources;        ///< of NodeResourcesFit
  std::vector<std::string> ignored_resource_groups;  ///< prefixes before the slash
  std::vector<ResourceWeight> balanced = {{.name = "cpu"}, {.name = "memory"}};
  std::int64_t hard_pod_affinity_weight = 1;
  bool ignores_preferred_terms_of_existing_pods = false;
  /// For pods without constraints of their own. With the defaults of the system, nodes that lack a
  /// key are scored by the others.
  std::vector<TopologySpreadConstraint> default_spread;
  bool spreads_by_system_defaults = true;
  NodeAffinity added_affinity;
  std::int64_t candidate_nodes_percent_min = 10;  ///< of DefaultPreemption
  std::int64_t candidate_nodes_min = 100;

  friend bool operator==(const KubeSchedulerProfile&, const KubeSchedulerProfile&) = default;
};

/// BalancedAllocation scores how much a pod improves the balance instead of the balance itself.
inline constexpr std::int32_t kScoresChangeOfBalanceSince = 36;
/// Binding gives pods the labels of their node's zone and region (PodTopologyLabelsAdmission).
inline constexpr std::int32_t kLabelsBoundPodsSince = 35;

}  // namespace orrery::policies::kube
