#include "orrery/policies/placement/largest_node.hpp"

namespace orrery::policies {

std::vector<ParameterSpec> LargestNode::parameters() {
  return {{.name = "largest_cpu_milli",
           .type = ParameterType::Integer,
           .default_json = "0",
           .doc = "Milli-CPU of the node that scores are relative to; 0: the cluster's largest.",
           .minimum = 0,
           .maximum = 1e9},
          {.name = "largest_gpu_milli",
           .type = ParameterType::Integer,
           .default_json = "0",
           .doc = "GPU milli of the node that scores are relative to; 0: the cluster's largest.",
           .minimum = 0,
           .maximum = 1e6}};
}

bool LargestNode::add(const ClusterState& state, NodeId node) {
  const std::int64_t cpu = state.nodes().cpu_allocatable[node].count();
  const std::int64_t gpu = (kWholeGpu * state.nodes().gpu_count[node]).count();
  const bool grows = (!is_cpu_given_ && cpu > cpu_) || (!is_gpu_given_ && gpu > gpu_);
  if (!is_cpu_given_ && cpu > cpu_) cpu_ = cpu;
  if (!is_gpu_given_ && gpu > gpu_) gpu_ = gpu;
  return grows;
}

}  // namespace orrery::policies
