#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/policies/placement/kube_default/config.hpp"
#include "orrery/policies/placement/kube_default/node_rules.hpp"
#include "orrery/policies/placement/kube_default/pod_counters.hpp"
#include "orrery/policies/placement/kube_default/topology.hpp"

namespace orrery::policies::kube {

/// One topology spread constraint of a template, resolved against the cluster.
struct SpreadRule {
  SpreadId pods;  ///< those that it spreads
  TopologyKeyId key;
  std::int32_t max_skew = 1;
  std::int32_t min_domains = 1;
  bool honors_affinity = true;
  bool honors_taints = false;
  bool matches_itself = false;  ///< the pod is one of those that it spreads
};

/// The constraints of one template that filter, or those that score, with the nodes on which pods
/// count for each: PodTopologySpread of v1.36.3
/// (pkg/scheduler/framework/plugins/podtopologyspread).
class SpreadRules {
 public:
  SpreadRules() = default;
  /// With `requires_all`, nodes that lack one of the keys are left out altogether.
  SpreadRules(std::vector<SpreadRule> rules, bool requires_all)
      : rules_(std::move(rules)), requires_all_(requires_all), scopes_(rules_.size()) {}

  [[nodiscard]] bool empty() const { return rules_.empty(); }
  [[nodiscard]] std::span<const SpreadRule> rules() const { return rules_; }
  [[nodiscard]] bool requires_all() const { return requires_all_; }
  [[nodiscard]] bool has_all_keys(NodeId node, const Topology& topology) const;

  /// Follows nodes that have changed; `version` is that of the verdicts.
  void refresh(const IdVector<NodeId, NodeVerdict>& verdicts, std::size_t version,
               const Topology& topology);
  /// Do pods on the node count for rule `i`?
  [[nodiscard]] bool counts(std::size_t i, NodeId node) const {
    return scopes_[i].all_count || scopes_[i].counts[node.index()] != 0;
  }
  /// The domains with a node that counts, 1 or 0 by domain.
  [[nodiscard]] std::span<const std::uint8_t> domains(std::size_t i) const {
    return scopes_[i].has_node;
  }
  [[nodiscard]] std::int32_t domain_count(std::size_t i) const { return scopes_[i].domains; }

 private:
  struct Scope {
    bool all_count = false;
    std::vector<std::uint8_t> counts;    // by node, unless all_count
    std::vector<std::uint8_t> has_node;  // by domain
    std::int32_t domains = 0;
  };
  std::vector<SpreadRule> rules_;
  bool requires_all_ = true;
  std::vector<Scope> scopes_;
  std::size_t version_ = ~std::size_t{0};
};

/// How many pods there are in each domain of one rule, for one scheduling cycle.
class SpreadSums {
 public:
  void fill(const SpreadRules& rules, std::size_t i, const PodCounters& counters,
            const Topology& topology);
  [[nodiscard]] std::int32_t in(std::int32_t domain) const {
    return sums_[static_cast<std::size_t>(domain)];
  }
  /// The smallest number in any domain that counts, if `changed` had `number` more than it has.
  /// `changed` may be Topology::kNoDomain.
  [[nodiscard]] std::int32_t smallest(std::int32_t changed, std::int32_t number) const;

 private:
  std::vector<std::int32_t> sums_;  // by domain
  std::int32_t smallest_ = 0;
  std::int32_t smallest_domain_ = Topology::kNoDomain;
  std::int32_t second_ = 0;  // the smallest of all domains but that one
};

}  // namespace orrery::policies::kube
