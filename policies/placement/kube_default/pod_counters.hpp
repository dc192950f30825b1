#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/models/pod.hpp"
#include "orrery/policies/placement/kube_default/node_index.hpp"
#include "orrery/policies/placement/kube_default/topology.hpp"

namespace orrery::policies::kube {

using CounterId = Id<struct CounterTag>;
using SpreadId = Id<struct SpreadTag>;

struct WeightedCounter {
  CounterId counter;
  std::int64_t weight = 1;
};

/// What a pod of one template has to look up of the pods that have a node: InterPodAffinity in both
/// directions.
struct AffinityReads {
  std::vector<CounterId> required;   ///< pods that match all required terms, one for each term
  bool admits_itself = false;        ///< it matches its own required terms
  std::vector<CounterId> avoided;    ///< pods that match its required anti-affinity, one a term
  std::vector<CounterId> repelling;  ///< pods whose required anti-affinity concerns it
  std::vector<WeightedCounter> preferred;  ///< pods that match its preferences
  std::vector<CounterId> attracting;       ///< weights of terms of pods that concern it
};

/// Counts the pods on nodes by who matches and who holds which rule, and where: one step for each
/// rule that concerns a pod when it comes or goes, so that scheduling cycles only look up. Rules
/// and templates find each other through the labels that they name.
///
/// Follows pkg/scheduler/framework/plugins/{interpodaffinity,podtopologyspread} of v1.36.3, where
/// each cycle counts anew.
class PodCounters {
 public:
  PodCounters(Topology& topology, const NodeIndex& nodes, std::int64_t hard_pod_affinity_weight)
      : topology_(topology), nodes_(nodes), hard_weight_(hard_pod_affinity_weight) {}

  /// Comes before the first pod of the template. `state` has the rows of the pods on nodes.
  void add_template(PodTemplateId id, std::shared_ptr<const PodTemplate> spec,
                    const ClusterState& state);
  /// A pod of the template comes to the node (+1) or goes (−1).
  void count(PodTemplateId id, NodeId node, std::int32_t change, bool is_terminating);
  /// The pod on the node is terminating from now on.
  void count_terminating(PodTemplateId id, NodeId node);

  /// The pods of a namespace that match, as PodTopologySpread counts them: none for a selector of
  /// everything.
  SpreadId spread(const std::string& name_space, const LabelSelector& selector,
                  const ClusterState& state);

  [[nodiscard]] const AffinityReads& reads(PodTemplateId id) const { return templates_[id].reads; }
  [[nodiscard]] std::int64_t at(CounterId counter, NodeId node) const {
    const Counter& one = counters_[counter];
    const std::int32_t domain = topology_.domain(one.key, node);
    return domain < 0 || static_cast<std::size_t>(domain) >= one.by_domain.size()
               ? 0
               : one.by_domain[static_cast<std::size_t>(domain)];
  }
  [[nodiscard]] bool has_key(CounterId counter, NodeId node) const {
    return topology_.domain(counters_[counter].key, node) >= 0;
  }
  [[nodiscard]] TopologyKeyId key(CounterId counter) const { return counters_[counter].key; }
  /// Summed over all domains, by absolute value.
  [[nodiscard]] std::int64_t total(CounterId counter) const { return counters_[counter].total; }
  /// Is nothing counted anywhere?
  [[nodiscard]] bool is_zero(CounterId counter) const { return counters_[counter].total == 0; }
  /// What one pod of the template adds to a counter.
  [[nodiscard]] std::int64_t share(PodTemplateId id, CounterId counter) const;

  /// Pods that are not terminating, by node; nodes without any are left out.
  [[nodiscard]] const std::unordered_map<std::uint32_t, std::int32_t>& by_node(SpreadId id) const {
    return spreads_[id].by_node;
  }
  /// Does a pod of the template match the selector, itself not counted?
  [[nodiscard]] bool matches(SpreadId id, PodTemplateId pod) const;

 private:
  enum class Kind : std::uint8_t { Matching, Repelling, Attracting };
  struct Counter {
    Kind kind = Kind::Matching;
    std::vector<PodAffinityTerm> terms;  // all must concern a pod
    TopologyKeyId key;
    std::vector<std::int64_t> by_domain;
    std::int64_t total = 0;  // of absolute values
  };
  struct Spread {
    PodAffinityTerm term;
    std::unordered_map<std::uint32_t, std::int32_t> by_node;  // summed up only
  };
  struct Template {
    std::shared_ptr<const PodTemplate> spec;
    std::vector<WeightedCounter> adds;
    std::vector<SpreadId> spreads;
    AffinityReads reads;
    std::int64_t placed = 0;  // pods on nodes: where there are none, there is nothing to count
  };

  CounterId counter(Kind kind, std::vector<PodAffinityTerm> terms, const std::string& key,
                    const ClusterState& state);
  void introduce(CounterId id, const ClusterState& state);
  void meet(PodTemplateId pod, CounterId id);
  void own_terms(PodTemplateId id, const ClusterState& state);
  void add(Counter& counter, NodeId node, std::int64_t amount);
  [[nodiscard]] static bool concerns(const std::vector<PodAffinityTerm>& terms,
                                     const PodTemplate& spec);
  [[nodiscard]] std::vector<PodTemplateId> candidates(const LabelSelector& selector) const;

  Topology& topology_;
  const NodeIndex& nodes_;
  std::int64_t hard_weight_;
  IdVector<CounterId, Counter> counters_;
  IdVector<SpreadId, Spread> spreads_;
  IdVector<PodTemplateId, Template> templates_;
  std::map<std::string, CounterId> counter_by_text_;
  std::map<std::string, SpreadId> spread_by_text_;
  // Who names a label's value, and who has it; looked up only. The empty text: who names none.
  std::unordered_map<std::string, std::vector<CounterId>> counters_by_label_;
  std::unordered_map<std::string, std::vector<SpreadId>> spreads_by_label_;
  std::unordered_map<std::string, std::vector<PodTemplateId>> templates_by_label_;
};

}  // namespace orrery::policies::kube
