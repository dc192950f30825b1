#include "orrery/policies/placement/kube_default/node_trial.hpp"

#include <algorithm>

namespace orrery::policies::kube {

NodeRoom NodeRoom::free_on(NodeId node, const ClusterState& state) {
  const NodeColumns& nodes = state.nodes();
  return {.cpu = nodes.cpu_free[node],
          .memory = nodes.memory_free[node],
          .storage = nodes.storage_free[node],
          .pods = nodes.pods_free[node],
          .gpus = nodes.gpu_devices[node],
          .extended_freed = {}};
}

NodeTrial::NodeTrial(const SchedulerCache& cache, const ClusterState& state,
                     const CompiledTemplate& compiled, NodeId node)
    : cache_(cache),
      state_(state),
      compiled_(compiled),
      node_(node),
      counts_for_spread_(compiled.hard.has_all_keys(node, cache.topology())),
      room_(NodeRoom::free_on(node, state)),
      ports_(cache.nodes().ports(node)),
      spread_changes_(compiled.hard.rules().size()) {}

void NodeTrial::change(PodId pod, std::int32_t sign) {
  const PodTemplateId id = state_.pod(pod).pod_template;
  const PodTemplate& spec = *state_.resolved(id).spec;
  change_room(pod, sign);
  change_ports(spec, sign);
  if (spec.name_space == compiled_.spec->name_space && counts_for_spread_) change_spread(id, sign);
  pods_[id] += sign;
}

void NodeTrial::change_ports(const PodTemplate& spec, std::int32_t sign) {
  for (const HostPort& port : spec.host_ports) {
    if (sign > 0) {
      ports_.push_back(port);
    } else if (const auto used = std::find(ports_.begin(), ports_.end(), port);
               used != ports_.end()) {
      ports_.erase(used);
    }
  }
}

void NodeTrial::change_room(PodId id, std::int32_t sign) {
  const Pod& pod = state_.pod(id);
  const PodTemplate& spec = *state_.resolved(pod.pod_template).spec;
  room_.cpu -= pod.cpu * sign;
  room_.memory -= pod.memory * sign;
  room_.storage -= spec.ephemeral_storage * sign;
  room_.pods -= sign;
  for (const auto& [name, amount] : spec.extended) room_.extended_freed[name] -= amount * sign;
  if (spec.gpu.count == 0) return;
  // A nominated pod has no devices yet: it would take those that fit best.
  const GpuDeviceMask devices =
      pod.devices.empty() ? best_fit_devices(room_.gpus, spec.gpu) : pod.devices;
  for (std::size_t device = 0; device < kGpusPerNodeMax; ++device) {
    if (!devices.has(device)) continue;
    room_.gpus.free[device] =
        static_cast<std::int16_t>(room_.gpus.free[device] - spec.gpu.milli * sign);
  }
}

/// Terminating pods and selectors of everything, which are left out when pods are counted, are not
/// left out here: so it is upstream (podtopologyspread/filtering.go, updateWithPod).
void NodeTrial::change_spread(PodTemplateId pod, std::int32_t sign) {
  for (std::size_t i = 0; i < spread_changes_.size(); ++i) {
    if (!cache_.counters().matches(compiled_.hard.rules()[i].pods, pod)) continue;
    if (compiled_.hard.counts(i, node_)) spread_changes_[i] += sign;
  }
}

std::int64_t NodeTrial::counter_change(CounterId counter) const {
  std::int64_t sum = 0;
  for (const auto& [pod, count] : pods_) {
    if (count != 0) sum += cache_.counters().share(pod, counter) * count;
  }
  return sum;
}

}  // namespace orrery::policies::kube
