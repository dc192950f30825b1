#include "orrery/policies/placement/room_index.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace orrery::policies {
namespace {

constexpr int kBytesToMiB = 20;
constexpr std::int32_t kUnitsMax = std::numeric_limits<std::int16_t>::max();

std::int32_t saturated(std::int64_t value) {
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(value, std::numeric_limits<std::int32_t>::max()));
}

std::int32_t gpu_room(const GpuDevices& devices) {
  std::int32_t untouched = 0;
  std::int16_t most = 0;
  for (const std::int16_t left : devices.free) {
    untouched += left >= kWholeGpu.count() ? left : 0;
    most = std::max(most, left);
  }
  return untouched > 0 ? untouched : most;
}

}  // namespace

Room room_of(const ClusterState& state, NodeId node) {
  const NodeColumns& nodes = state.nodes();
  if (nodes.blocked[node] != 0) return {};
  return {.cpu = saturated(nodes.cpu_free[node].count()),
          .memory = saturated(nodes.memory_free[node].count() >> kBytesToMiB),
          .gpu = nodes.gpu_count[node] > 0 ? gpu_room(nodes.gpu_devices[node]) : 0,
          .pods = nodes.pods_free[node]};
}

Room room_asked(const ClusterState& state, const Pod& pod) {
  const GpuRequest& gpu = state.resolved(pod.pod_template).spec->gpu;
  Room asked{.cpu = saturated(pod.cpu.count()),
             .memory = saturated(pod.memory.count() >> kBytesToMiB),
             .gpu = 0,
             .pods = 1};
  if (gpu.count > 0) {
    asked.gpu = gpu.milli >= kWholeGpu.count() ? gpu.count * gpu.milli : gpu.milli;
  }
  return asked;
}

/// kBeyond[reached]: no bit set in the steps that are reached, all bits in those beyond.
const RoomIndex::StepMasks RoomIndex::kBeyond = [] {
  StepMasks table{};
  for (std::size_t reached = 0; reached <= kSteps; ++reached) {
    for (std::size_t step = reached; step < kSteps; ++step) {
      table[reached][step / kLanes][step % kLanes] = -1;
    }
  }
  return table;
}();

inline RoomIndex::Summary RoomIndex::merged(const Summary& a, const Summary& b) {
  Summary both;
  for (std::size_t i = 0; i < kStepVectors; ++i) {
    both.memory_by_step[i] = larger_lanes(a.memory_by_step[i], b.memory_by_step[i]);
  }
  both.most = larger_lanes(a.most, b.most);
  return both;
}

inline std::int64_t RoomIndex::in_units(const Room& room) const {
  const auto lane_of = [](std::int32_t value, int shift, Lane which) {
    const std::int32_t units = std::min(value >> shift, kUnitsMax);
    return static_cast<std::uint64_t>(static_cast<std::uint16_t>(units)) << (16 * which);
  };
  return static_cast<std::int64_t>(lane_of(room.cpu, cpu_shift_, Cpu) |
                                   lane_of(room.memory, memory_shift_, Memory) |
                                   lane_of(room.gpu, 0, Gpu) | lane_of(room.pods, 0, Pods));
}

inline RoomIndex::Leaf RoomIndex::leaf_of(const Room& room) const {
  std::uint32_t reached = 0;
  for (const std::int32_t step : cpu_steps_) reached += room.cpu >= step ? 1U : 0U;
  return {.room = room, .units = in_units(room), .reached = reached};
}

inline RoomIndex::Summary RoomIndex::summary_of_bucket(std::size_t bucket) const {
  const Lanes nothing = Lanes{} - 1;
  Summary summary{.memory_by_step = {nothing, nothing, nothing}, .most = nothing};
  for (std::size_t at = bucket * kBucket; at < (bucket + 1) * kBucket; ++at) {
    const Leaf& leaf = leaves_[at];
    const Lanes memory = Lanes{} + lane(leaf.units, Memory);
    const auto& beyond = kBeyond[leaf.reached];
    for (std::size_t i = 0; i < kStepVectors; ++i) {
      summary.memory_by_step[i] = larger_lanes(summary.memory_by_step[i], memory | beyond[i]);
    }
    summary.most = larger_lanes(summary.most, reinterpret_cast<Lanes>(Words{leaf.units, -1}));
  }
  return summary;
}

void RoomIndex::rebuild() {
  for (Leaf& leaf : leaves_) leaf = leaf_of(leaf.room);
  for (std::size_t bucket = 0; bucket < buckets_; ++bucket) {
    tree_[buckets_ + bucket] = summary_of_bucket(bucket);
  }
  for (std::size_t i = buckets_ - 1; i > 0; --i) tree_[i] = merged(tree_[2 * i], tree_[2 * i + 1]);
}

void RoomIndex::grow(std::size_t nodes) {
  buckets_ = std::bit_ceil((nodes + kBucket - 1) / kBucket);
  leaves_.resize(buckets_ * kBucket);
  tree_.resize(2 * buckets_);
  rebuild();
}

void RoomIndex::learn_step(std::int32_t cpu, std::size_t position) {
  std::copy_backward(cpu_steps_.begin() + position, cpu_steps_.begin() + steps_,
                     cpu_steps_.begin() + steps_ + 1);
  cpu_steps_[position] = cpu;
  ++steps_;
  // Steps that are not in use yet repeat the last one, so that they never change a summary.
  std::fill(cpu_steps_.begin() + steps_, cpu_steps_.end(), cpu_steps_[steps_ - 1]);
  rebuild();
}

inline std::size_t RoomIndex::steps_reached(std::int32_t cpu) const {
  std::size_t reached = 0;
  for (std::size_t step = 0; step < steps_; ++step) {
    reached += static_cast<std::size_t>(cpu >= cpu_steps_[step]);
  }
  return reached;
}

inline RoomIndex::Query RoomIndex::query_for(const Room& asked) {
  std::size_t reached = steps_reached(asked.cpu);
  if (steps_ < kSteps && (reached == 0 || cpu_steps_[reached - 1] != asked.cpu)) {
    learn_step(asked.cpu, reached++);
  }
  return {.units = in_units(asked), .step = reached == 0 ? kSteps : reached - 1};
}

void RoomIndex::set(NodeId node, const Room& room) {
  if (node.index() >= leaves_.size()) grow(std::size_t{node.index()} + 1);
  if (leaves_[node.index()].room == room) return;
  if (room.memory >> memory_shift_ > kUnitsMax || room.cpu >> cpu_shift_ > kUnitsMax) {
    while (room.memory >> memory_shift_ > kUnitsMax) ++memory_shift_;
    while (room.cpu >> cpu_shift_ > kUnitsMax) ++cpu_shift_;
    leaves_[node.index()].room = room;
    rebuild();
    return;
  }
  leaves_[node.index()] = leaf_of(room);
  std::size_t i = buckets_ + node.index() / kBucket;
  Summary summary = summary_of_bucket(node.index() / kBucket);
  while (tree_[i] != summary) {
    tree_[i] = summary;
    if (i == 1) return;
    summary = merged(summary, tree_[i ^ 1]);
    i /= 2;
  }
}

/// The first node from `from` to the end of its bucket that holds `asked`, or none.
NodeId RoomIndex::scan(const Room& asked, std::size_t from) const {
  const std::size_t end = (from / kBucket + 1) * kBucket;
  for (std::size_t i = from; i < end; ++i) {
    if (leaves_[i].room.holds(asked)) return NodeId{i};
  }
  return {};
}

NodeId RoomIndex::first(const Room& asked, NodeId from) {
  if (from.index() >= leaves_.size()) return {};
  const Query query = query_for(asked);
  const auto next = [](std::size_t i) {  // the subtree to the right of i, 0 when there is none
    while ((i & 1) != 0) i /= 2;
    return i == 0 ? 0 : i + 1;
  };
  std::size_t i = 1;  // from node 0 the whole tree is one subtree to look into
  if (from.index() != 0) {
    if (const NodeId node = scan(asked, from.index())) return node;
    i = next(buckets_ + from.index() / kBucket);
  }
  while (i != 0) {
    if (may_hold(tree_[i], query)) {
      if (i < buckets_) {
        i *= 2;
        continue;
      }
      if (const NodeId node = scan(asked, (i - buckets_) * kBucket)) return node;
    }
    i = next(i);
  }
  return {};
}

}  // namespace orrery::policies
