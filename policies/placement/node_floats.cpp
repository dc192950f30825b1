#include "orrery/policies/placement/node_floats.hpp"

#include "orrery/policies/placement/vector_clones.hpp"

namespace orrery::policies {
namespace {

float inverse(std::int64_t allocatable) {
  return allocatable > 0 ? 1.0F / static_cast<float>(allocatable) : 0.0F;
}

struct Needs {
  float cpu;
  float memory;
  float gpu;
  float pods;
};

ORRERY_VECTOR_CLONES
void mark(const float* cpu, const float* memory, const float* gpu, const float* pods,
          const Needs needs, std::size_t count, std::uint8_t* __restrict fits) {
  for (std::size_t i = 0; i < count; ++i) {
    const int holds = (cpu[i] >= needs.cpu) & (memory[i] >= needs.memory) & (gpu[i] >= needs.gpu) &
                      (pods[i] >= needs.pods);
    fits[i] = static_cast<std::uint8_t>(holds);
  }
}

}  // namespace

void NodeFloats::set_inverses(const ClusterState& state, NodeId node) {
  const NodeColumns& nodes = state.nodes();
  const std::size_t i = node.index();
  cpu_inverse_[i] = inverse(nodes.cpu_allocatable[node].count());
  memory_inverse_[i] = inverse(nodes.memory_allocatable[node].count() >> 20);
  gpu_inverse_[i] = inverse((kWholeGpu * nodes.gpu_count[node]).count());
}

void NodeFloats::refresh(const ClusterState& state, NodeId node) {
  const std::size_t i = node.index();
  if (i >= size()) {
    for (auto* column : {&cpu_free_, &memory_free_, &gpu_free_, &cpu_inverse_, &memory_inverse_,
                         &gpu_inverse_, &gpu_room_, &pods_free_}) {
      column->resize(i + 1, -1);
    }
    set_inverses(state, node);
  }
  if (cpu_inverse_[i] < 0) set_inverses(state, node);  // nodes came out of order
  const Room room = room_of(state, node);
  cpu_free_[i] = static_cast<float>(room.cpu);
  memory_free_[i] = static_cast<float>(room.memory);
  gpu_free_[i] = static_cast<float>(state.nodes().gpu_free[node].count());
  gpu_room_[i] = static_cast<float>(room.gpu);
  pods_free_[i] = static_cast<float>(room.pods);
}

NodeSlice NodeFloats::slice(std::size_t first, std::size_t count) const {
  const auto part = [&](const std::vector<float>& column) {
    return std::span<const float>{column}.subspan(first, count);
  };
  return {.first = NodeId{first},
          .cpu_free = part(cpu_free_),
          .memory_free = part(memory_free_),
          .gpu_free = part(gpu_free_),
          .cpu_inverse = part(cpu_inverse_),
          .memory_inverse = part(memory_inverse_),
          .gpu_inverse = part(gpu_inverse_)};
}

void NodeFloats::mark_fitting(const Room& asked, std::size_t first,
                              std::span<std::uint8_t> fits) const {
  const Needs needs{.cpu = static_cast<float>(asked.cpu),
                    .memory = static_cast<float>(asked.memory),
                    .gpu = static_cast<float>(asked.gpu),
                    .pods = static_cast<float>(asked.pods)};
  mark(cpu_free_.data() + first, memory_free_.data() + first, gpu_room_.data() + first,
       pods_free_.data() + first, needs, fits.size(), fits.data());
}

}  // namespace orrery::policies
