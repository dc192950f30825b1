#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
    // Without short cuts: four comparisons cost less than one mispredicted branch.
    return static_cast<bool>(
        static_cast<int>(cpu >= asked.cpu) & static_cast<int>(memory >= asked.memory) &
        static_cast<int>(gpu >= asked.gpu) & static_cast<int>(pods >= asked.pods));
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

/// Finds nodes with room in the order of their ids: a binary tree over buckets of nodes, each inner
/// node holding the most that any node below has of each number. At most 60 bytes a node.
///
/// In a packed cluster the node with most CPU and the node with most memory are rarely the same
/// one, and such maxima alone send a search into nearly every subtree. So each inner node also
/// knows the most memory among the nodes below that have at least so much CPU, for some amounts of
/// CPU: the first distinct ones that pods ask for. Where all pods ask for one of these, CPU and
/// memory are decided exactly. set() is O(log n), first() as well when CPU, memory and one more
/// number decide, O(n) at worst.
class RoomIndex {
 public:
  /// Nodes may come in any order; those between hold no room.
  void set(NodeId node, const Room& room);
  /// The lowest node from `from` on that holds `asked`, or none.
  [[nodiscard]] NodeId first(const Room& asked, NodeId from = NodeId{0});

  /// Brings `node`, unless it is none, up to date.
  void refresh(const ClusterState& state, NodeId node) {
    if (node) set(node, room_of(state, node));
  }

 private:
  static constexpr std::size_t kBucket = 8;
  static constexpr std::size_t kSteps = 24;

  /// What a subtree has to offer; memory by step in units of 2^memory_shift_ MiB, rounded down.
  struct Summary {
    Room most;
    std::array<std::int16_t, kSteps> memory_by_step;  ///< with CPU of at least cpu_steps_[step]
    /// In vector registers: the compiler's own comparison calls memcmp, which costs more than the
    /// rest of an update.
    friend bool operator==(const Summary& a, const Summary& b) {
      using Words = std::int64_t __attribute__((vector_size(16)));
      Words different{};
      for (std::size_t at = 0; at < sizeof(Summary); at += sizeof(Words)) {
        Words left;
        Words right;
        std::memcpy(&left, reinterpret_cast<const char*>(&a) + at, sizeof left);
        std::memcpy(&right, reinterpret_cast<const char*>(&b) + at, sizeof right);
        different |= left ^ right;
      }
      return (different[0] | different[1]) == 0;
    }
  };
  struct Leaf {
    Room room;
    std::int16_t memory = -1;   ///< in units of memory_by_step
    std::uint16_t reached = 0;  ///< how many of the steps its CPU reaches
  };
  /// A request as it is compared with summaries.
  struct Query {
    Room asked;
    std::size_t step;     ///< the last one that the asked CPU reaches, or kSteps
    std::int16_t memory;  ///< in units of memory_by_step
  };

  using StepMasks = std::array<std::array<std::int16_t, kSteps>, kSteps + 1>;
  static const StepMasks kBeyond;

  [[nodiscard]] static Summary merged(const Summary& a, const Summary& b);
  [[nodiscard]] static bool may_hold(const Summary& summary, const Query& query) {
    return summary.most.holds(query.asked) &&
           (query.step == kSteps || summary.memory_by_step[query.step] >= query.memory);
  }
  [[nodiscard]] Summary summary_of_bucket(std::size_t bucket) const;
  [[nodiscard]] Query query_for(const Room& asked);
  [[nodiscard]] NodeId scan(const Room& asked, std::size_t from) const;
  void learn_step(std::int32_t cpu);
  void grow(std::size_t nodes);
  void rebuild();

  [[nodiscard]] Leaf leaf_of(const Room& room) const;

  std::vector<Leaf> leaves_;   ///< one per node, filled up to whole buckets
  std::size_t buckets_ = 0;    ///< a power of two
  std::vector<Summary> tree_;  ///< the children of i are 2i and 2i + 1; buckets start at buckets_
  std::array<std::int32_t, kSteps> cpu_steps_{};  ///< ascending
  std::size_t steps_ = 0;
  std::int32_t last_asked_cpu_ = -1;  ///< known to be a step already
  int memory_shift_ = 0;
};

}  // namespace orrery::policies
