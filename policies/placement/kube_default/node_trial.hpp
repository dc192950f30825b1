#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/policies/placement/kube_default/scheduler_cache.hpp"

namespace orrery::policies::kube {

/// What one node has to offer.
struct NodeRoom {
  MilliCpu cpu;
  Bytes memory;
  Bytes storage;
  std::int64_t pods = 0;
  GpuDevices gpus;
  std::map<std::string, std::int64_t> extended_freed;  ///< besides what the columns say is free

  [[nodiscard]] static NodeRoom free_on(NodeId node, const ClusterState& state);
};

/// One node as it would be with some pods taken away and others added, for one pod to place:
/// preemption and nominated pods. Nothing else changes (upstream clones the node's info and runs
/// the plugins' AddPod and RemovePod).
class NodeTrial {
 public:
  /// `compiled` is the template of the pod to place.
  NodeTrial(const SchedulerCache& cache, const ClusterState& state,
            const CompiledTemplate& compiled, NodeId node);

  void remove(PodId pod) { change(pod, -1); }
  void add(PodId pod) { change(pod, 1); }

  [[nodiscard]] const NodeRoom& room() const { return room_; }
  [[nodiscard]] const std::vector<HostPort>& ports() const { return ports_; }
  /// By how much the pods changed the sum of rule `i` of the hard constraints in the node's domain.
  [[nodiscard]] std::int32_t spread_change(std::size_t i) const { return spread_changes_[i]; }
  /// By how much they changed a counter in the node's domain.
  [[nodiscard]] std::int64_t counter_change(CounterId counter) const;

 private:
  void change(PodId pod, std::int32_t sign);
  void change_ports(const PodTemplate& spec, std::int32_t sign);
  void change_room(PodId pod, std::int32_t sign);
  void change_spread(PodTemplateId pod, std::int32_t sign);

  const SchedulerCache& cache_;
  const ClusterState& state_;
  const CompiledTemplate& compiled_;
  NodeId node_;
  bool counts_for_spread_;
  NodeRoom room_;
  std::vector<HostPort> ports_;
  std::vector<std::int32_t> spread_changes_;
  std::map<PodTemplateId, std::int32_t> pods_;  // net change by template
};

}  // namespace orrery::policies::kube
