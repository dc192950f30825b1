#include "orrery/policies/placement/filters.hpp"

namespace orrery::policies {

bool SpareGpuNodes::admits(const AskedOf& asked, NodeId node) const {
  return asked.gpu > 0 || asked.view.state.nodes().gpu_count[node] == 0;
}

std::vector<ParameterSpec> Headroom::parameters() {
  return {{.name = "percent",
           .type = ParameterType::Number,
           .default_json = "10",
           .doc = "Percent of a node's allocatable CPU and memory that must stay free.",
           .minimum = 0,
           .maximum = 100}};
}

Headroom::Headroom(const Parameters& parameters, const PolicyContext& /*context*/)
    : percent_(parameters.number("percent")) {}

bool Headroom::admits(const AskedOf& asked, NodeId node) const {
  const NodeColumns& nodes = asked.view.state.nodes();
  const Pod& pod = asked.view.state.pod(asked.id);
  const auto leaves_enough = [this](std::int64_t left, std::int64_t allocatable) {
    return static_cast<double>(left) * 100 >= static_cast<double>(allocatable) * percent_;
  };
  return leaves_enough((nodes.cpu_free[node] - pod.cpu).count(),
                       nodes.cpu_allocatable[node].count()) &&
         leaves_enough((nodes.memory_free[node] - pod.memory).count(),
                       nodes.memory_allocatable[node].count());
}

}  // namespace orrery::policies
