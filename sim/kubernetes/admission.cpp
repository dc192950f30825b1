#include "orrery/sim/kubernetes/admission.hpp"

#include <algorithm>

namespace orrery::sim {

std::shared_ptr<const PodTemplate> admitted(const std::shared_ptr<const PodTemplate>& submitted,
                                            const NodeLifecycleConfig& config) {
  auto pod = std::make_shared<PodTemplate>(*submitted);
  for (const char* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    const bool is_said = std::any_of(
        submitted->tolerations.begin(), submitted->tolerations.end(), [&](const Toleration& one) {
          const bool is_meant = one.key == key || one.key.empty();
          return is_meant && (one.any_effect || one.effect == TaintEffect::NoExecute);
        });
    if (is_said) continue;
    pod->tolerations.push_back({.key = key,
                                .op = Toleration::Operator::Exists,
                                .value = "",
                                .any_effect = false,
                                .effect = TaintEffect::NoExecute,
                                .lasts = config.default_toleration});
  }
  return pod;
}

}  // namespace orrery::sim
