#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/state_change.hpp"
#include "orrery/models/units.hpp"
#include "orrery/orchestration/cluster/decision.hpp"
#include "orrery/orchestration/cluster/scheduler_config.hpp"
#include "orrery/orchestration/cluster/scheduling_queue.hpp"
#include "orrery/policies/placement/placement_policy.hpp"

namespace orrery::orchestration {

/// The scheduler of one cluster as a state machine: changes of the API state and the time go in,
/// decisions come out. It does no I/O and knows no clock; the simulator and a live executor drive
/// it alike, and the same inputs give the same decisions, byte for byte (see journal/).
///
/// The driver calls observe() for each watch event, schedule_next() whenever has_work() says so
/// and its own pace allows, and bind_failed() for each Bind that the API server has refused. It
/// looks again at next_expiry().
class ClusterOrchestrator {
 public:
  ClusterOrchestrator(SchedulerConfig config, std::unique_ptr<policies::PlacementPolicy> policy);

  /// Takes over one change that the API server reported.
  void observe(const StateChange& change, Time now);
  /// The API server has refused to bind `pod`: its room is given back and it is queued again.
  void bind_failed(PodId pod, std::uint64_t uid, Time now);
  /// One scheduling cycle: tries the next pod or gang and appends what it decided. A gang gives one
  /// Bind for each member. Nothing is appended if only stale entries were queued.
  void schedule_next(Time now, std::vector<Decision>& decisions);

  /// From now on `policy` decides. It hears of all that there is, and what waits is tried again as
  /// soon as its back-off allows.
  void replace_policy(std::unique_ptr<policies::PlacementPolicy> policy, Time now);

  /// Is there a pod to try at `now`?
  [[nodiscard]] bool has_work(Time now) const { return !is_blocked_ && queue_.is_ready(now); }
  /// When has_work() may turn true by time alone; kTimeMax when it cannot.
  [[nodiscard]] Time next_expiry() const { return is_blocked_ ? kTimeMax : queue_.next_expiry(); }

  [[nodiscard]] const ClusterState& state() const { return state_; }
  [[nodiscard]] const SchedulerConfig& config() const { return config_; }
  [[nodiscard]] policies::PlacementPolicy& policy() { return *policy_; }
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }

 private:
  class Scratch;
  using Members = std::vector<PodId>;

  [[nodiscard]] policies::ClusterView view(Time now) const { return {.state = state_, .now = now}; }
  [[nodiscard]] bool is_current(const QueuedPod& entry) const;
  void apply(const StateChange& change, Time now);
  void make_way(const change::PodBound& bound, Time now);
  void enqueue(PodId pod, Time now);
  void push(PodId pod, Time now);
  void pod_gone(PodId pod);
  /// Gives the reservation back.
  void forget(PodId pod, Time now);
  void room_freed(NodeId node, Time now);
  void schedule_pod(QueuedPod entry, Time now, std::vector<Decision>& decisions);
  void schedule_gang(QueuedPod entry, const Members& members, Time now,
                     std::vector<Decision>& decisions);
  void assume(PodId pod, const policies::Placement& placement, Time now);
  void preempt(const QueuedPod& entry, Time now, std::vector<Decision>& decisions);
  [[nodiscard]] bool has_nominations() const { return !state_.nominations().empty(); }
  /// Where room is held for the waiting pod; none: nowhere.
  [[nodiscard]] NodeId nominated_node(PodId pod) const;
  void nominate(PodId pod, NodeId node, Time now);
  void take_nominations(NodeId node, std::int32_t below_priority, Time now);
  void wake_helped(const StateChange& change, Time now);
  void wait(QueuedPod entry, policies::WaitReason reason, MilliCpu cpu, Time now,
            std::vector<Decision>& decisions);

  SchedulerConfig config_;
  ClusterState state_;
  std::unique_ptr<policies::PlacementPolicy> policy_;
  SchedulingQueue queue_;
  std::map<GangId, Members> gangs_;  // members that wait; a gang is queued when all are there
  std::uint64_t sequence_ = 0;
  bool is_blocked_ = false;  // strict order: the head waits for a change
};

}  // namespace orrery::orchestration
