#include "orrery/policies/placement/kube_default/config.hpp"

namespace orrery::policies::kube {

std::string_view to_string(Plugin plugin) {
  switch (plugin) {
    case Plugin::NodeUnschedulable:
      return "NodeUnschedulable";
    case Plugin::TaintToleration:
      return "TaintToleration";
    case Plugin::NodeAffinity:
      return "NodeAffinity";
    case Plugin::NodePorts:
      return "NodePorts";
    case Plugin::NodeResourcesFit:
      return "NodeResourcesFit";
    case Plugin::PodTopologySpread:
      return "PodTopologySpread";
    case Plugin::InterPodAffinity:
      return "InterPodAffinity";
    case Plugin::NodeResourcesBalancedAllocation:
      return "NodeResourcesBalancedAllocation";
    case Plugin::ImageLocality:
      return "ImageLocality";
  }
  return "unknown";
}

KubeSchedulerProfile::KubeSchedulerProfile() {
  for (const Plugin plugin :
       {Plugin::NodeUnschedulable, Plugin::TaintToleration, Plugin::NodeAffinity, Plugin::NodePorts,
        Plugin::NodeResourcesFit, Plugin::PodTopologySpread, Plugin::InterPodAffinity}) {
    filters[plugin] = true;
  }
  weights[Plugin::TaintToleration] = 3;
  weights[Plugin::NodeAffinity] = 2;
  weights[Plugin::NodeResourcesFit] = 1;
  weights[Plugin::PodTopologySpread] = 2;
  weights[Plugin::InterPodAffinity] = 2;
  weights[Plugin::NodeResourcesBalancedAllocation] = 1;
  weights[Plugin::ImageLocality] = 1;
  // pkg/scheduler/framework/plugins/podtopologyspread/plugin.go, systemDefaultConstraints.
  default_spread = {{.max_skew = 3,
                     .topology_key = "kubernetes.io/hostname",
                     .when_unsatisfiable = WhenUnsatisfiable::ScheduleAnyway},
                    {.max_skew = 5,
                     .topology_key = "topology.kubernetes.io/zone",
                     .when_unsatisfiable = WhenUnsatisfiable::ScheduleAnyway}};
}

}  // namespace orrery::policies::kube
