#include "orrery/models/cluster_state.hpp"

orrery::MilliCpu left(const orrery::NodeColumns& nodes, orrery::NodeId node, orrery::PodId pod) {
#ifdef ORRERY_CONTROL
  return pod ? nodes.cpu_free[node] : orrery::MilliCpu{};
#else
  return node ? nodes.cpu_free[pod] : orrery::MilliCpu{};
#endif
}
