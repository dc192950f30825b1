#include "orrery/policies/scaling/catalog.hpp"

#include "orrery/policies/registry.hpp"
#include "orrery/policies/scaling/holt_winters.hpp"
#include "orrery/policies/scaling/horizontal_pod_autoscaler.hpp"
#include "orrery/policies/scaling/queueing_model.hpp"

namespace orrery::policies {

void add_scaling_policies(PolicyRegistry& registry) {
  registry.add<HorizontalPodAutoscaler>(
      "horizontal-pod-autoscaler",
      {.summary = "what Kubernetes does: usage over target, held back by windows and rates",
       .source = "kubernetes v1.36.3, pkg/controller/podautoscaler",
       .parameters = HorizontalPodAutoscaler::parameters()});
  registry.add<HoltWinters>("holt-winters",
                            {.summary = "has replicas ready for the load that its season foretells",
                             .source = "Winters, Management Science 6(3), 1960",
                             .parameters = HoltWinters::parameters()});
  registry.add<QueueingModel>(
      "queueing-model",
      {.summary = "the fewest replicas with which a waiting line keeps a promise",
       .source = "Erlang 1917; Allen, \"Probability, Statistics, and Queueing Theory\", 1990",
       .parameters = QueueingModel::parameters()});
}

}  // namespace orrery::policies
