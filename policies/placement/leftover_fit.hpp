#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "orrery/policies/placement/largest_node.hpp"
#include "orrery/policies/placement/ordered_nodes.hpp"
#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/policies/registry.hpp"

namespace orrery::policies {

/// What best fit and worst fit share. Both look at what a node would have left of each counted
/// resource, relative to the largest node of the cluster, as a weighted mean:
///
///   leftover(node) = Σ weight · (free − asked) / largest  ÷  Σ weight
///
/// over the resources that some node has. The score, 1 − leftover for best fit and leftover for
/// worst fit, is cut down to whole levels (hundredths unless said otherwise, as kube-scheduler's
/// scores are); among nodes of the best level the lowest id wins. Devices by best fit.
///
/// All in integers, exact when the least common multiple of the largest sizes is below 2^31,
/// otherwise with weights rounded to 2^-40; memory counts in whole MiB. As a request moves every
/// node's leftover by the same amount, the nodes stay in the order of their free resources: one
/// tree in this order serves all requests, O(log n) per pod and change (see OrderedNodes).
class LeftoverFit : public PlacementPolicy {
 public:
  enum class Prefer : std::uint8_t { LeastLeft, MostLeft };

  LeftoverFit(const Parameters& parameters, Prefer prefer);
  Placement place(const ClusterView& view, PodId pod) override;
  void on_change(const ClusterView& view, const StateChange& change) override;
  Explanation explain(const ClusterView& view, PodId pod) override;

  [[nodiscard]] static std::vector<ParameterSpec> parameters();

 private:
  using Amounts = std::array<std::int64_t, 3>;  ///< milli-CPU, GPU milli, MiB

  [[nodiscard]] std::int64_t units(const Amounts& amounts) const;
  [[nodiscard]] std::int64_t units_free(const ClusterState& state, NodeId node) const;
  [[nodiscard]] std::int64_t units_asked(const ClusterState& state, const Pod& pod) const;
  [[nodiscard]] std::int64_t score(std::int64_t leftover) const;
  [[nodiscard]] NodeId choose(const ClusterState& state, const Pod& pod) const;
  void refresh(const ClusterState& state, NodeId node);
  void rescale(const ClusterState& state);

  Prefer prefer_;
  std::int64_t levels_;
  Amounts weights_;
  LargestNode largest_;
  std::int64_t largest_memory_ = 0;
  std::int64_t one_ = 1;  ///< the units of a leftover of 1
  Amounts per_unit_{};    ///< leftover units per milli-CPU, GPU milli and MiB
  bool is_stale_ = true;  ///< the largest node has grown: rescale() before the next choice
  OrderedNodes order_;    ///< by free units; nodes that are blocked are not in it
};

}  // namespace orrery::policies
