#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/models/units.hpp"
#include "orrery/orchestration/cluster/scheduler_config.hpp"

namespace orrery::orchestration {

/// A pod, or the first pod of a gang, that wants a place.
struct QueuedPod {
  std::int64_t key = 0;        ///< policies::queue_key; smaller goes first
  Time since;                  ///< when it came: orders equal keys
  std::uint64_t sequence = 0;  ///< orders what came at the same instant
  PodId pod;
  std::uint64_t uid = 0;
  std::uint32_t attempts = 0;
  Time failed_at;  ///< of the last attempt
};

/// The three places where pods wait, as in kube-scheduler (pkg/scheduler/backend/queue): the active
/// queue, the back-off queue, and the parked ones that nothing has helped yet. A change on a node
/// wakes only pods that would fit there now; the parked are ordered by their CPU request, so the
/// search ends at the first that asks more than is free. No clock: the time comes in.
class SchedulingQueue {
 public:
  explicit SchedulingQueue(const SchedulerConfig& config) : config_(config) {}

  /// Is it the next to be tried now, of those that are active?
  bool push(const QueuedPod& entry);
  /// The next pod to try at `now`, after what has backed off long enough has come back.
  std::optional<QueuedPod> pop(Time now);
  /// The pod was tried in vain; a gang passes the smallest CPU request of its members. It takes the
  /// place of an entry of the same pod that is parked already.
  void park(QueuedPod entry, MilliCpu cpu);
  /// As park(), for a pod that waits by choice of its policy: any change wakes it.
  void park_until_any_change(QueuedPod entry);
  /// `node` has more to offer than before.
  void wake(const ClusterState& state, NodeId node, Time now);
  /// What this parked pod has waited for may be there now; false when it is not parked.
  bool activate(PodId pod, Time now);
  /// Whatever the parked pods have waited for, it may be there now.
  void wake_all(Time now);
  /// A parked pod has gone. Entries in the other places are recognised as stale by their uid.
  void forget(PodId pod);

  /// Would pop() return something at `now`?
  [[nodiscard]] bool is_ready(Time now) const {
    return !active_.empty() || (!backing_off_.empty() && backing_off_.front().first <= now);
  }
  /// When the first pod comes out of back-off; kTimeMax when none is in it.
  [[nodiscard]] Time next_expiry() const {
    return backing_off_.empty() ? kTimeMax : backing_off_.front().first;
  }
  [[nodiscard]] std::size_t size() const {
    return active_.size() + backing_off_.size() + parked_.size() + any_change_.size();
  }
  [[nodiscard]] std::size_t parked() const { return parked_.size() + any_change_.size(); }

 private:
  struct ParkKey {
    MilliCpu cpu;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const ParkKey&, const ParkKey&) = default;
  };
  struct LaterExpiry {
    bool operator()(const std::pair<Time, QueuedPod>& a, const std::pair<Time, QueuedPod>& b) const;
  };

  [[nodiscard]] Duration backoff(std::uint32_t attempts) const;
  void requeue(QueuedPod entry, Time now);
  void wake_choosers(Time now);

  SchedulerConfig config_;
  std::vector<QueuedPod> active_;                        // heap, next to try on top
  std::vector<std::pair<Time, QueuedPod>> backing_off_;  // heap, first to expire on top
  std::map<ParkKey, QueuedPod> parked_;
  std::unordered_map<PodId, ParkKey> parked_key_;  // looked up, never iterated
  std::vector<QueuedPod> any_change_;
};

}  // namespace orrery::orchestration
