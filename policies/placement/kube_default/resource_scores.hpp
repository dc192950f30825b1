#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "orrery/policies/placement/kube_default/cycle.hpp"

namespace orrery::policies::kube {

/// One resource of a score on one node: what the node has, what its pods have requested and what
/// the pod asks for. A resource that does not count has nothing allocatable.
struct ResourceUse {
  std::int64_t allocatable = 0;
  std::int64_t requested = 0;  ///< without the pod
  std::int64_t asked = 0;
};

/// Reads the resources that a strategy names for one pod, node by node.
class ResourceReader {
 public:
  /// `non_zero`: CPU and memory as if each container asked for some (NonZeroRequest).
  ResourceReader(const Cycle& cycle, std::span<const ResourceWeight> resources, bool non_zero);

  [[nodiscard]] std::size_t size() const { return sources_.size(); }
  [[nodiscard]] std::int64_t weight(std::size_t i) const { return sources_[i].weight; }
  [[nodiscard]] ResourceUse use(std::size_t i, NodeId node) const;
  /// It asks for none of them.
  [[nodiscard]] bool asks_for_nothing() const;

 private:
  enum class Kind : std::uint8_t { Cpu, Memory, Storage, Gpu, Extended };
  struct Source {
    Kind kind = Kind::Extended;
    std::int64_t weight = 1;
    std::int64_t asked = 0;
    const ExtendedColumn* column = nullptr;  // of an extended resource that some node has
  };
  [[nodiscard]] Source source(const std::string& name, std::int64_t weight) const;

  const Cycle& cycle_;
  bool non_zero_;
  std::vector<Source> sources_;
};

/// (allocatable − used) · 100 / allocatable, rounded down; 0 when more is used than there is.
/// `allocatable` > 0.
[[nodiscard]] std::int64_t least_requested(std::int64_t used, std::int64_t allocatable);
[[nodiscard]] std::int64_t most_requested(std::int64_t used, std::int64_t allocatable);
/// Between the points of `shape`, whose scores go to 10, in a straight line; scaled to 100.
[[nodiscard]] std::int64_t on_shape(std::span<const ShapePoint> shape, std::int64_t utilization);

/// 100 · (1 − the deviation of the shares requested), for two shares or more.
[[nodiscard]] std::int64_t balance_of(std::span<const double> shares);

}  // namespace orrery::policies::kube
