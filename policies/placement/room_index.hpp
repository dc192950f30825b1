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
/// node holding the most that any node below has of each number. 48 bytes a node, of as many nodes
/// as the next power of two.
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
    if (!node) return;
    fetch_early(node);
    set(node, room_of(state, node));
  }

 private:
  static constexpr std::size_t kBucket = 8;
  static constexpr std::size_t kSteps = 24;
  static constexpr std::size_t kLanes = 8;
  /// Small whole numbers, rounded down to units that make them fit: eight of them, or the whole of
  /// a summary, are compared at once.
  using Lanes = std::int16_t __attribute__((vector_size(2 * kLanes)));
  using Words = std::int64_t __attribute__((vector_size(2 * kLanes)));
  static constexpr std::size_t kStepVectors = kSteps / kLanes;

  /// The places of a Room in units: the last vector of a summary holds the most of each.
  enum Lane : std::uint8_t { Cpu, Memory, Gpu, Pods };

  /// What a subtree has to offer: one cache line.
  struct alignas(64) Summary {
    std::array<Lanes, kStepVectors> memory_by_step;  ///< with CPU of at least cpu_steps_[step]
    Lanes most;

    [[nodiscard]] std::int16_t memory_at(std::size_t step) const {
      return memory_by_step[step / kLanes][step % kLanes];
    }
    bool operator==(const Summary& other) const {
      Lanes different = most ^ other.most;
      for (std::size_t i = 0; i < kStepVectors; ++i) {
        different |= memory_by_step[i] ^ other.memory_by_step[i];
      }
      const auto words = reinterpret_cast<Words>(different);
      return (words[0] | words[1]) == 0;
    }
  };
  struct Leaf {
    Room room;
    std::int64_t units = -1;    ///< the room in lanes of 16 bits, see Lane
    std::uint32_t reached = 0;  ///< how many of the steps its CPU reaches
  };
  /// A request as it is compared with summaries.
  struct Query {
    std::int64_t units;
    std::size_t step;  ///< the last one that the asked CPU reaches, or kSteps
  };

  using StepMasks = std::array<std::array<Lanes, kStepVectors>, kSteps + 1>;
  static const StepMasks kBeyond;

  [[nodiscard]] static Lanes larger_lanes(Lanes a, Lanes b) { return a > b ? a : b; }
  [[nodiscard]] static Summary merged(const Summary& a, const Summary& b);
  [[nodiscard]] static bool may_hold(const Summary& summary, const Query& query) {
    const auto short_of = [&](Lane which) {
      return static_cast<int>(summary.most[which] < lane(query.units, which));
    };
    if (query.step != kSteps && summary.memory_at(query.step) < lane(query.units, Memory)) {
      return false;
    }
    return (short_of(Cpu) | short_of(Memory) | short_of(Gpu) | short_of(Pods)) == 0;
  }
  /// Starts to load what set() will touch: in a large cluster no cache holds it.
  void fetch_early(NodeId node) const {
    constexpr std::size_t kBucketsInCache = 1024;
    if (buckets_ < kBucketsInCache) return;
    const std::size_t bucket = node.index() / kBucket;
    const std::size_t at = buckets_ + bucket;
    for (std::size_t i = 0; i < kBucket; i += 2) {
      __builtin_prefetch(leaves_.data() + bucket * kBucket + i);
    }
    __builtin_prefetch(tree_.data() + at);
    __builtin_prefetch(tree_.data() + (at ^ 1));
    __builtin_prefetch(tree_.data() + ((at / 2) ^ 1));
    __builtin_prefetch(tree_.data() + ((at / 4) ^ 1));
  }
  [[nodiscard]] Summary summary_of_bucket(std::size_t bucket) const;
  [[nodiscard]] Query query_for(const Room& asked);
  [[nodiscard]] NodeId scan(const Room& asked, std::size_t from) const;
  [[nodiscard]] std::size_t steps_reached(std::int32_t cpu) const;
  void learn_step(std::int32_t cpu, std::size_t position);
  void grow(std::size_t nodes);
  void rebuild();

  /// One word: narrower stores would keep the wide load that follows waiting.
  [[nodiscard]] std::int64_t in_units(const Room& room) const;
  [[nodiscard]] static std::int16_t lane(std::int64_t units, Lane which) {
    return static_cast<std::int16_t>(units >> (16 * which));
  }
  [[nodiscard]] Leaf leaf_of(const Room& room) const;

  std::vector<Leaf> leaves_;   ///< one per node, filled up to whole buckets
  std::size_t buckets_ = 0;    ///< a power of two
  std::vector<Summary> tree_;  ///< the children of i are 2i and 2i + 1; buckets start at buckets_
  std::array<std::int32_t, kSteps> cpu_steps_{};  ///< ascending
  std::size_t steps_ = 0;
  int cpu_shift_ = 0;     ///< a unit is 2^cpu_shift_ milli-CPU
  int memory_shift_ = 0;  ///< a unit is 2^memory_shift_ MiB
};

}  // namespace orrery::policies
