#include "orrery/policies/placement/room_index.hpp"

#include <algorithm>
#include <bit>
#include <limits>

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

void RoomIndex::grow(std::size_t nodes) {
  const std::vector<Room> old(tree_.begin() + static_cast<std::ptrdiff_t>(leaves_), tree_.end());
  leaves_ = std::bit_ceil(nodes);
  tree_.assign(2 * leaves_, Room{});
  std::copy(old.begin(), old.end(), tree_.begin() + static_cast<std::ptrdiff_t>(leaves_));
  for (std::size_t i = leaves_ - 1; i > 0; --i) {
    tree_[i] = larger(tree_[2 * i], tree_[2 * i + 1]);
  }
}

void RoomIndex::set(NodeId node, const Room& room) {
  if (node.index() >= leaves_) grow(std::size_t{node.index()} + 1);
  std::size_t i = leaves_ + node.index();
  if (tree_[i] == room) return;
  tree_[i] = room;
  while (i > 1) {
    const Room above = larger(tree_[i], tree_[i ^ 1]);
    i >>= 1;
    if (tree_[i] == above) return;
    tree_[i] = above;
  }
}

NodeId RoomIndex::first(const Room& asked, NodeId from) const {
  if (from.index() >= leaves_) return {};
  // From node 0 the whole tree is one subtree to look into.
  std::size_t i = from.index() == 0 ? 1 : leaves_ + from.index();
  while (true) {
    if (tree_[i].holds(asked)) {
      if (i >= leaves_) return NodeId{i - leaves_};
      i *= 2;
      continue;
    }
    while ((i & 1) != 0) i >>= 1;  // a right child: its parent is done with
    if (i == 0) return {};
    ++i;
  }
}

}  // namespace orrery::policies
