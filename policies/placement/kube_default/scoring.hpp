#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "orrery/policies/placement/kube_default/cycle.hpp"

namespace orrery::policies::kube {

/// Scores the feasible nodes of a cycle as kube-scheduler v1.36.3 does, in exact integers where it
/// has integers. Keeps its memory from cycle to cycle.
///
/// Sources, in pkg/scheduler/framework/plugins: noderesources/{least_allocated,most_allocated,
/// requested_to_capacity_ratio,balanced_allocation}.go, tainttoleration, nodeaffinity,
/// imagelocality, podtopologyspread/scoring.go, interpodaffinity/scoring.go, and
/// helper/normalize_score.go.
class Scoring {
 public:
  using Scores = std::vector<std::int64_t>;  ///< one a node, in the order of the nodes

  /// The weighted sum of all plugins that score. Valid until the next call.
  const Scores& total(const Cycle& cycle, std::span<const NodeId> nodes);

  /// The scores of one plugin, from 0 to 100, before its weight; empty when the plugin has nothing
  /// to score in this cycle and is left out.
  [[nodiscard]] Scores of(Plugin plugin, const Cycle& cycle, std::span<const NodeId> nodes);

 private:
  /// False: left out. What is the same for all nodes, as most often most plugins' scores are, is
  /// given in `constant` instead of `scores_`.
  bool score(Plugin plugin, const Cycle& cycle, std::span<const NodeId> nodes,
             std::int64_t& constant);
  void fit(const Cycle& cycle, std::span<const NodeId> nodes);
  bool balance(const Cycle& cycle, std::span<const NodeId> nodes);
  bool spread(const Cycle& cycle, std::span<const NodeId> nodes);
  void spread_raw(const Cycle& cycle, std::span<const NodeId> nodes);
  void normalize_spread();
  bool pod_affinity(const Cycle& cycle, std::span<const NodeId> nodes);
  bool images(const Cycle& cycle, std::span<const NodeId> nodes);

  Scores scores_;
  Scores total_;
  std::vector<SpreadSums> spread_sums_;
  std::vector<double> spread_weights_;
  std::vector<double> raw_;
  std::vector<std::uint8_t> is_left_out_;  // of spreading, by node
  std::vector<std::int32_t> domains_seen_;
};

}  // namespace orrery::policies::kube
