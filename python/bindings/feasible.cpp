#include "orrery/python/bindings/feasible.hpp"

#include <cstddef>

namespace orrery::python {
namespace {

/// Room for CPU, memory and one pod on nodes that take pods.
void mark_room(const NodeColumns& nodes, const Pod& pod, std::span<std::uint8_t> fits) {
  const MilliCpu* const cpu = nodes.cpu_free.data();
  const Bytes* const memory = nodes.memory_free.data();
  const std::int32_t* const pods = nodes.pods_free.data();
  const std::uint8_t* const blocked = nodes.blocked.data();
  const std::int64_t cpu_asked = pod.cpu.count();
  const std::int64_t memory_asked = pod.memory.count();
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const int has_room = static_cast<int>(cpu[i].count() >= cpu_asked) &
                         static_cast<int>(memory[i].count() >= memory_asked) &
                         static_cast<int>(pods[i] >= 1) & static_cast<int>(blocked[i] == 0);
    fits[i] = static_cast<std::uint8_t>(has_room);
  }
}

}  // namespace

void mark_feasible(const ClusterState& state, const Pod& pod, std::span<std::uint8_t> fits) {
  const NodeColumns& nodes = state.nodes();
  mark_room(nodes, pod, fits);
  const bool asks_all = !state.resolved(pod.pod_template).is_plain;
  const std::uint8_t* const tainted = nodes.is_tainted.data();
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (fits[i] == 0 || (!asks_all && tainted[i] == 0)) continue;
    fits[i] = state.fits(NodeId{i}, pod) ? 1 : 0;
  }
}

}  // namespace orrery::python
