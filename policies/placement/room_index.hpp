#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/models/cluster_state.hpp"

namespace orrery::policies {

/// What a node has left, or a pod asks, in the few small numbers that decide most questions of
/// fitting. Rounded so that a pod that fits on a node always fits by these numbers too; the reverse
/// is for ClusterState::unfit to say.
struct Room {
  std::int32_t cpu = -1;     ///< milli-CPU
  std::int32_t memory = -1;  ///< whole MiB, rounded down
  std::int32_t gpu = -1;     ///< milli of untouched devices, or else of the device with most left
  std::int32_t pods = -1;

  [[nodiscard]] constexpr bool holds(const Room& asked) const {
    return cpu >= asked.cpu && memory >= asked.memory && gpu >= asked.gpu && pods >= asked.pods;
  }
  friend constexpr bool operator==(const Room&, const Room&) = default;
};

/// The larger of each number.
[[nodiscard]] constexpr Room larger(const Room& a, const Room& b) {
  return {.cpu = std::max(a.cpu, b.cpu),
          .memory = std::max(a.memory, b.memory),
          .gpu = std::max(a.gpu, b.gpu),
          .pods = std::max(a.pods, b.pods)};
}

/// What `node` has left; less than nothing while it is blocked.
[[nodiscard]] Room room_of(const ClusterState& state, NodeId node);
/// What `pod` asks.
[[nodiscard]] Room room_asked(const ClusterState& state, const Pod& pod);

/// Finds nodes with room in the order of their ids: a binary tree over the nodes, each inner node
/// holding the most that any node below has of each number. 64 bytes a node at most.
///
/// set() is O(log n). first() is O(log n) when one number decides; as the maxima of different
/// numbers may come from different nodes, it may have to look into several subtrees, at worst O(n).
class RoomIndex {
 public:
  /// Nodes may come in any order; those between hold no room.
  void set(NodeId node, const Room& room);
  /// The lowest node from `from` on that holds `asked`, or none.
  [[nodiscard]] NodeId first(const Room& asked, NodeId from = NodeId{0}) const;
  [[nodiscard]] const Room& room(NodeId node) const { return tree_[leaves_ + node.index()]; }

  /// Brings the node that `change` has touched up to date.
  void refresh(const ClusterState& state, NodeId node) {
    if (node) set(node, room_of(state, node));
  }

 private:
  void grow(std::size_t nodes);

  std::size_t leaves_ = 0;  ///< a power of two
  std::vector<Room> tree_;  ///< the children of i are 2i and 2i + 1; the leaves start at leaves_
};

}  // namespace orrery::policies
