#pragma once

#include <algorithm>
#include <array>
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

/// Finds nodes with room in the order of their ids: a tree with sixteen children to each inner
/// node, which knows the most that any node below a child has of each number. Sixteen children are
/// compared at once, number by number, so a search takes few unpredictable branches. About 20 bytes
/// a node.
///
/// set() is O(log n). first() is O(log n) when one number decides; as the maxima of different
/// numbers may come from different nodes, it may have to look into several subtrees, at worst O(n).
class RoomIndex {
 public:
  /// Nodes may come in any order; those between hold no room.
  void set(NodeId node, const Room& room);
  /// The lowest node from `from` on that holds `asked`, or none.
  [[nodiscard]] NodeId first(const Room& asked, NodeId from = NodeId{0}) const;
  [[nodiscard]] Room room(NodeId node) const;

  /// Brings the node that `change` has touched up to date.
  void refresh(const ClusterState& state, NodeId node) {
    if (node) set(node, room_of(state, node));
  }

 private:
  static constexpr std::size_t kFanout = 16;
  static constexpr int kFanoutBits = 4;

  /// Sixteen children, a column for each number.
  struct alignas(64) Block {
    std::array<std::int32_t, kFanout> cpu;
    std::array<std::int32_t, kFanout> memory;
    std::array<std::int32_t, kFanout> gpu;
    std::array<std::int32_t, kFanout> pods;

    Block();
    /// Bit i: child i has as much of each number as asked.
    [[nodiscard]] std::uint32_t holding(const Room& asked) const;
    [[nodiscard]] Room get(std::size_t child) const;
    /// False when the child had this room already.
    bool put(std::size_t child, const Room& room);
    [[nodiscard]] Room most() const;
  };

  void add_level();

  /// From the leaves up: the children of level 0 are nodes, those of level k + 1 the blocks of
  /// level k. The top level is one block.
  std::vector<std::vector<Block>> levels_;
};

}  // namespace orrery::policies
