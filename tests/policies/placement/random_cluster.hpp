#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/state_change.hpp"

namespace orrery::test {

/// A cluster that lives at random: nodes of a few shapes come, fail, are tainted and go; pods of a
/// few shapes come and end. What happens is decided by words, so that a property test can shrink
/// it: each word decodes to one step. Placing a pod is left to the test.
class RandomCluster {
 public:
  /// Told every change after it was applied.
  using Listener = std::function<void(const StateChange&)>;

  explicit RandomCluster(Listener listener);

  [[nodiscard]] const ClusterState& state() const { return state_; }
  /// One step; returns a new Pending pod to be placed, or none.
  PodId step(std::uint32_t word);
  /// Reserves room for a pod that step() has returned.
  void assume(PodId pod, NodeId node, GpuDeviceMask devices);
  /// The pod that step() has returned found no node and is gone.
  void give_up(PodId pod);

  void add_node(std::uint32_t word);

 private:
  void change(const StateChange& change);
  PodId add_pod(std::uint32_t word);
  void end_or_forget(std::uint32_t word);
  void trouble_node(std::uint32_t word);

  Listener listener_;
  ClusterState state_;
  std::vector<PodId> held_;      ///< pods that hold room
  std::vector<PodId> free_ids_;  ///< ids whose pods have ended
  std::uint64_t pods_made_ = 0;
};

}  // namespace orrery::test
