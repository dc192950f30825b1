#include "orrery/policies/scaling/catalog.hpp"

#include "orrery/policies/registry.hpp"
#include "orrery/policies/scaling/horizontal_pod_autoscaler.hpp"

namespace orrery::policies {

void add_scaling_policies(PolicyRegistry& registry) {
  registry.add<HorizontalPodAutoscaler>(
      "horizontal-pod-autoscaler",
      {.summary = "what Kubernetes does: usage over target, held back by windows and rates",
       .source = "kubernetes v1.36.3, pkg/controller/podautoscaler",
       .parameters = HorizontalPodAutoscaler::parameters()});
}

}  // namespace orrery::policies
