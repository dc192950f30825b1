#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "orrery/policies/parameters.hpp"
#include "orrery/policies/placement/placement_policy.hpp"

namespace orrery::policies {

/// Consecutive nodes as columns of single-precision numbers, entry i for node `first` + i. What is
/// free does not yet count the pod in question; an `inverse` is 1 / allocatable, or 0 where a node
/// offers none of the resource. Blocked nodes have less than nothing free.
struct NodeSlice {
  NodeId first;
  std::span<const float> cpu_free;     ///< milli
  std::span<const float> memory_free;  ///< MiB
  std::span<const float> gpu_free;     ///< milli over all devices
  std::span<const float> cpu_inverse;
  std::span<const float> memory_inverse;
  std::span<const float> gpu_inverse;

  [[nodiscard]] std::size_t size() const { return cpu_free.size(); }
};

/// The pod to place, in the same units.
struct AskedOf {
  const ClusterView& view;
  PodId id;
  float cpu;
  float memory;
  float gpu;
};

/// One idea of what makes a node good, to be weighed against others by filter-score. Overriding
/// score() for single nodes is enough; overriding score_slice() makes it fast.
class Scorer {
 public:
  using Interface = Scorer;
  static constexpr std::string_view kKind = "scorer";
  /// What every scorer takes besides its own parameters: its weight.
  [[nodiscard]] static std::vector<ParameterSpec> common_parameters();

  Scorer() = default;
  Scorer(const Scorer&) = delete;
  Scorer& operator=(const Scorer&) = delete;
  virtual ~Scorer() = default;

  /// How good `node`, which fits, is for the pod: 0 to 100 (what is below counts as 0).
  [[nodiscard]] virtual float score(const AskedOf& asked, NodeId node) const;
  /// Fills `scores`, one per node of the slice; those of nodes with `fits` 0 are ignored. Must give
  /// the same for a node in whichever slice it comes. The default asks score() node by node.
  virtual void score_slice(const AskedOf& asked, const NodeSlice& nodes,
                           std::span<const std::uint8_t> fits, std::span<float> scores) const;
  /// As PlacementPolicy::on_change.
  virtual void on_change(const ClusterView& view, const StateChange& change);
};

/// One more condition on nodes, besides those that the cluster state itself imposes.
class Filter {
 public:
  using Interface = Filter;
  static constexpr std::string_view kKind = "filter";

  Filter() = default;
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  virtual ~Filter() = default;

  /// May the pod go to `node`, on which it fits?
  [[nodiscard]] virtual bool admits(const AskedOf& asked, NodeId node) const = 0;
  /// As PlacementPolicy::on_change.
  virtual void on_change(const ClusterView& view, const StateChange& change);
};

}  // namespace orrery::policies
