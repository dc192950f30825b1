#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

#include "orrery/models/ids.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/engine/event.hpp"
#include "orrery/sim/kubernetes/api_server.hpp"
#include "orrery/sim/kubernetes/kubernetes_setup.hpp"
#include "orrery/sim/kubernetes/node_lifecycle.hpp"
#include "orrery/sim/kubernetes/taint_eviction.hpp"
#include "orrery/sim/kubernetes/token_bucket.hpp"
#include "orrery/sim/kubernetes/workload_controllers.hpp"

namespace orrery::sim {

/// The phases of a controller manager's loops: each of them starts when it starts.
struct ControllerPhases {
  Duration node_monitor{};
  Duration garbage_collection{};
};

/// What a cluster's kube-controller-manager runs: node lifecycle, taint eviction, pod garbage
/// collection and the workload controllers, each a state machine of its own, with the clients
/// through which they write. Clients are rate limited; what a controller reads is as old as the
/// watch delay.
class ControllerManager final : private NodeLifecycle::Writer {
 public:
  ControllerManager(const KubernetesSetup& setup, ControllerPhases phases, Duration watch_delay,
                    ApiServer& api);

  void add_node(std::size_t zone) { lifecycle_.add_node(zone); }
  /// What the watch on leases tells: see NodeLifecycle.
  void leases_end(NodeId node, Time last, Time now);
  void leases_resume(NodeId node, Time now);
  /// What the watches on nodes and pods tell, once the change is committed.
  void node_changed(NodeId node, Time now);
  void pod_bound(PodRef pod, NodeId node, Time now);
  void pod_ready(PodRef pod, bool is_ready, Time now) { workloads_.pod_ready(pod, is_ready, now); }
  void pod_terminates(PodRef pod, NodeId node, Time now);
  void pod_gone(PodId pod, Time now);
  [[nodiscard]] WorkloadControllers& workloads() { return workloads_; }

  /// An event that one of them has asked for.
  void handle(const EventPayload& payload, Time now);

 private:
  enum class Kind : std::uint32_t {
    Look,
    Taint,
    WriteUnknown,
    WritePodNotReady,
    NodeSeen,
    WriteNoSchedule,
    WriteUnreachable,
    WriteReachable,
    EvictionDue,
    DeletePod,
    CollectGarbage,
    Workloads,
  };

  void mark_unknown(NodeId node) override;
  void set_unreachable(NodeId node, bool is_unreachable) override;
  void write_unknown(NodeId node, Time now);
  void node_seen(NodeId node, Time now);
  void write_no_schedule(NodeId node);
  void collect_garbage();
  void plan_garbage_collection(Time now);
  void plan(Time now);
  EventHandle wake(Time at, Kind kind, std::size_t subject = 0, std::uint64_t data = 0);

  KubernetesSetup setup_;
  ControllerPhases phases_;
  Duration watch_delay_;
  ApiServer& api_;
  NodeLifecycle lifecycle_;
  TaintEviction evictions_;
  WorkloadControllers workloads_;
  TokenBucket lifecycle_client_;
  TokenBucket eviction_client_;
  Time now_{};  // of the pass that writes
  Time look_at_ = kTimeMax;
  EventHandle look_;
  Time taint_at_ = kTimeMax;
  EventHandle taint_;
  bool is_garbage_planned_ = false;
  std::set<NodeId> out_of_service_;
};

}  // namespace orrery::sim
