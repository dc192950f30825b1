#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/policies/placement/kube_default/config.hpp"

namespace orrery::policies::kube {

/// Why a node is refused: the first filter that says no, as upstream's filters say it.
enum class Refusal : std::uint8_t {
  None,
  Removed,
  NotNamed,  ///< node affinity names other nodes
  Unschedulable,
  UntoleratedTaint,
  NodeAffinity,
  Ports,
  Resources,             ///< would fit an empty node
  ResourcesNeverEnough,  ///< more than the node has
  SpreadMissingLabel,
  SpreadSkew,
  PodAffinity,
  PodAntiAffinity,
  ExistingAntiAffinity,
};

/// The plugin whose filter refuses. Not of None and Removed.
[[nodiscard]] Plugin plugin_of(Refusal refusal);
/// Could the pod fit if other pods went (Unschedulable), or not even then
/// (UnschedulableAndUnresolvable)?
[[nodiscard]] bool is_resolvable(Refusal refusal);
/// The words of kube-scheduler's events (v1.36.3); those of resources are made elsewhere.
[[nodiscard]] std::string to_string(Refusal refusal);

}  // namespace orrery::policies::kube
