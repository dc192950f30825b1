#include "orrery/policies/placement/room_index.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace orrery::policies {
namespace {

constexpr int kBytesToMiB = 20;

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

std::int32_t largest(const std::array<std::int32_t, 16>& values) {
  std::array<std::int32_t, 4> lanes{values[0], values[1], values[2], values[3]};
  for (std::size_t i = 4; i < values.size(); i += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      lanes[lane] = lanes[lane] < values[i + lane] ? values[i + lane] : lanes[lane];
    }
  }
  return std::max(std::max(lanes[0], lanes[1]), std::max(lanes[2], lanes[3]));
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

RoomIndex::Block::Block() {
  cpu.fill(-1);
  memory.fill(-1);
  gpu.fill(-1);
  pods.fill(-1);
}

#if defined(__SSE2__)
std::uint32_t RoomIndex::Block::holding(const Room& asked) const {
  const auto lacking = [](const std::array<std::int32_t, kFanout>& values, std::size_t quarter,
                          std::int32_t bound) {
    const void* at = values.data() + 4 * quarter;
    return _mm_cmplt_epi32(_mm_load_si128(static_cast<const __m128i*>(at)), _mm_set1_epi32(bound));
  };
  __m128i lack[4];
  for (std::size_t i = 0; i < 4; ++i) {
    lack[i] =
        _mm_or_si128(_mm_or_si128(lacking(cpu, i, asked.cpu), lacking(memory, i, asked.memory)),
                     _mm_or_si128(lacking(gpu, i, asked.gpu), lacking(pods, i, asked.pods)));
  }
  const __m128i bytes =
      _mm_packs_epi16(_mm_packs_epi32(lack[0], lack[1]), _mm_packs_epi32(lack[2], lack[3]));
  return ~static_cast<std::uint32_t>(_mm_movemask_epi8(bytes)) & 0xffffU;
}
#else
std::uint32_t RoomIndex::Block::holding(const Room& asked) const {
  std::array<std::uint8_t, kFanout> holds;
  for (std::size_t i = 0; i < kFanout; ++i) {
    holds[i] = static_cast<std::uint8_t>(
        static_cast<int>(cpu[i] >= asked.cpu) & static_cast<int>(memory[i] >= asked.memory) &
        static_cast<int>(gpu[i] >= asked.gpu) & static_cast<int>(pods[i] >= asked.pods));
  }
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < kFanout; ++i) mask |= static_cast<std::uint32_t>(holds[i]) << i;
  return mask;
}
#endif

Room RoomIndex::Block::get(std::size_t child) const {
  return {.cpu = cpu[child], .memory = memory[child], .gpu = gpu[child], .pods = pods[child]};
}

bool RoomIndex::Block::put(std::size_t child, const Room& room) {
  if (get(child) == room) return false;
  cpu[child] = room.cpu;
  memory[child] = room.memory;
  gpu[child] = room.gpu;
  pods[child] = room.pods;
  return true;
}

Room RoomIndex::Block::most() const {
  return {
      .cpu = largest(cpu), .memory = largest(memory), .gpu = largest(gpu), .pods = largest(pods)};
}

void RoomIndex::add_level() {
  levels_.emplace_back(1);
  if (levels_.size() > 1) {
    levels_.back().front().put(0, levels_[levels_.size() - 2].front().most());
  }
}

void RoomIndex::set(NodeId node, const Room& room) {
  while (levels_.empty() ||
         (std::size_t{node.index()} >> (kFanoutBits * static_cast<int>(levels_.size()))) > 0) {
    add_level();
  }
  std::size_t child = node.index();
  Room most = room;
  for (std::vector<Block>& level : levels_) {
    const std::size_t block = child / kFanout;
    if (block >= level.size()) level.resize(block + 1);
    if (!level[block].put(child % kFanout, most)) return;
    most = level[block].most();
    child = block;
  }
}

Room RoomIndex::room(NodeId node) const {
  const std::size_t block = node.index() / kFanout;
  if (levels_.empty() || block >= levels_.front().size()) return {};
  return levels_.front()[block].get(node.index() % kFanout);
}

NodeId RoomIndex::first(const Room& asked, NodeId from) const {
  if (levels_.empty()) return {};
  std::size_t level = levels_.size() - 1;
  std::size_t block = 0;
  std::size_t next = from.index();  // the lowest node still in question
  while (true) {
    // Of this block, only children that reach up to `next` are in question.
    const int shift = kFanoutBits * static_cast<int>(level);
    const std::size_t first_child = next >> shift;
    std::uint32_t mask = 0;
    if (first_child / kFanout == block && block < levels_[level].size()) {
      mask = levels_[level][block].holding(asked) & (~std::uint32_t{0} << (first_child % kFanout));
    }
    if (mask != 0) {
      const std::size_t child = block * kFanout + static_cast<std::size_t>(std::countr_zero(mask));
      if (level == 0) return NodeId{child};
      next = std::max(next, child << shift);
      block = child;
      --level;
      continue;
    }
    // Nothing here: go on behind this block, one level up.
    if (level + 1 == levels_.size()) return {};
    next = (block + 1) << (shift + kFanoutBits);
    ++level;
    block /= kFanout;
  }
}

}  // namespace orrery::policies
