#include "orrery/orchestration/cluster/cluster_orchestrator.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "orrery/models/check.hpp"

namespace orrery::orchestration {

using policies::Placement;
using policies::WaitReason;

/// Keeps what a gang's trial has assumed, and takes it back unless it is kept.
class ClusterOrchestrator::Scratch final : public policies::GangScratch {
 public:
  Scratch(ClusterOrchestrator& owner, Time now) : owner_(owner), now_(now) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() override = default;

  void assume(PodId pod, const Placement& placement) override {
    owner_.assume(pod, placement, now_);
    assumed_.push_back(pod);
  }

  void undo() {
    for (auto pod = assumed_.rbegin(); pod != assumed_.rend(); ++pod) {
      const NodeId node = owner_.state_.pod(*pod).node;
      owner_.apply(change::PodForgotten{.id = *pod, .node = node}, now_);
    }
    assumed_.clear();
  }
  [[nodiscard]] std::size_t size() const { return assumed_.size(); }

 private:
  ClusterOrchestrator& owner_;
  Time now_;
  std::vector<PodId> assumed_;
};

ClusterOrchestrator::ClusterOrchestrator(SchedulerConfig config,
                                         std::unique_ptr<policies::PlacementPolicy> policy)
    : config_(config), policy_(std::move(policy)), queue_(config) {
  ORRERY_CHECK(policy_ != nullptr, "an orchestrator needs a placement policy");
}

void ClusterOrchestrator::apply(const StateChange& change, Time now) {
  state_.apply(change);
  policy_->on_change(view(now), change);
}

void ClusterOrchestrator::observe(const StateChange& change, Time now) {
  const auto* ended = std::get_if<change::PodEnded>(&change);
  const auto* bound = std::get_if<change::PodBound>(&change);
  if (bound != nullptr) make_way(*bound, now);
  NodeId held;  // for a pod that no longer waits for it
  if (has_nominations() && bound != nullptr) held = nominated_node(bound->id);
  if (has_nominations() && ended != nullptr) held = nominated_node(ended->id);
  const bool was_waiting = ended != nullptr && state_.pod(ended->id).node.is_none();
  const bool is_confirmation = bound != nullptr && state_.pod(bound->id).is_assumed;
  apply(change, now);
  if (held) room_freed(held, now);
  // Nobody waits in a roomy cluster, and a pod that is confirmed helped when it was assumed.
  if (queue_.parked() > 0 && !is_confirmation) wake_helped(change, now);
  if (ended != nullptr) {
    if (was_waiting) {
      pod_gone(ended->id);
    } else {
      room_freed(state_.pod(ended->id).node, now);
    }
  } else if (const auto* added = std::get_if<change::PodAdded>(&change)) {
    if (added->pod.node.is_none()) enqueue(added->id, now);
  } else if (const auto* node_added = std::get_if<change::NodeAdded>(&change)) {
    room_freed(node_added->id, now);
  } else if (const auto* ready = std::get_if<change::NodeReadyChanged>(&change)) {
    if (ready->is_ready) room_freed(ready->id, now);
  } else if (const auto* cordon = std::get_if<change::NodeCordonChanged>(&change)) {
    if (!cordon->is_cordoned) room_freed(cordon->id, now);
  } else if (const auto* taints = std::get_if<change::NodeTaintsChanged>(&change)) {
    room_freed(taints->id, now);
  }
}

void ClusterOrchestrator::wake_helped(const StateChange& change, Time now) {
  for (const PodId pod : policy_->helped_by(view(now), change)) {
    if (queue_.activate(pod, now)) is_blocked_ = false;
  }
}

void ClusterOrchestrator::make_way(const change::PodBound& bound, Time now) {
  const Pod& pod = state_.pod(bound.id);
  const NodeId reserved = pod.node;
  if (reserved.is_none()) {
    pod_gone(bound.id);  // somebody else bound it while it waited here
  } else if (pod.is_assumed && (reserved != bound.node || pod.devices != bound.devices)) {
    forget(bound.id, now);  // somebody else was faster and bound it elsewhere
  }
}

void ClusterOrchestrator::forget(PodId pod, Time now) {
  const NodeId node = state_.pod(pod).node;
  const StateChange change{change::PodForgotten{.id = pod, .node = node}};
  apply(change, now);
  wake_helped(change, now);
  room_freed(node, now);
}

void ClusterOrchestrator::bind_failed(PodId pod, std::uint64_t uid, Time now) {
  if (state_.pod(pod).uid != uid || !state_.pod(pod).is_assumed) return;  // it has gone meanwhile
  push(pod, now);  // one member of a gang that is placed already goes alone
  forget(pod, now);
}

void ClusterOrchestrator::replace_policy(std::unique_ptr<policies::PlacementPolicy> policy,
                                         Time now) {
  ORRERY_CHECK(policy != nullptr, "an orchestrator needs a placement policy");
  policy_ = std::move(policy);
  policies::introduce(*policy_, view(now));
  is_blocked_ = false;
  queue_.wake_all(now);
}

void ClusterOrchestrator::enqueue(PodId pod, Time now) {
  const Pod& row = state_.pod(pod);
  if (row.gang) {
    Members& members = gangs_[row.gang];
    members.push_back(pod);
    if (members.size() < row.gang_size) return;
    pod = members.front();
  }
  push(pod, now);
}

void ClusterOrchestrator::push(PodId pod, Time now) {
  const Pod& first = state_.pod(pod);
  const bool keeps_turn = config_.queue_order != policies::QueueOrder::Priority;
  const bool is_next = queue_.push({.key = policies::queue_key(config_.queue_order, state_, pod),
                                    .since = keeps_turn ? first.created : now,
                                    .sequence = sequence_++,
                                    .pod = pod,
                                    .uid = first.uid,
                                    .attempts = 0,
                                    .failed_at = {}});
  if (is_next) is_blocked_ = false;  // it goes before the head that waits
}

void ClusterOrchestrator::pod_gone(PodId pod) {
  queue_.forget(pod);
  const GangId gang = state_.pod(pod).gang;
  if (const auto found = gangs_.find(gang); gang && found != gangs_.end()) {
    std::erase(found->second, pod);
    if (found->second.empty()) gangs_.erase(found);
  }
  is_blocked_ = false;  // it may have been the head
}

void ClusterOrchestrator::room_freed(NodeId node, Time now) {
  is_blocked_ = false;
  queue_.wake(state_, node, now);
}

bool ClusterOrchestrator::is_current(const QueuedPod& entry) const {
  const Pod& pod = state_.pod(entry.pod);
  return pod.uid == entry.uid && pod.node.is_none();
}

void ClusterOrchestrator::schedule_next(Time now, std::vector<Decision>& decisions) {
  while (std::optional<QueuedPod> entry = queue_.pop(now)) {
    if (!is_current(*entry)) continue;
    const GangId gang = state_.pod(entry->pod).gang;
    const auto waiting = gang ? gangs_.find(gang) : gangs_.end();
    if (waiting == gangs_.end()) return schedule_pod(*entry, now, decisions);
    const Members& members = waiting->second;
    if (members.size() < state_.pod(entry->pod).gang_size) continue;
    return schedule_gang(*entry, members, now, decisions);
  }
}

void ClusterOrchestrator::schedule_pod(QueuedPod entry, Time now,
                                       std::vector<Decision>& decisions) {
  const Placement placement = policy_->place(view(now), entry.pod);
  if (!placement.is_bind()) {
    const bool is_patient = config_.retry != Retry::Never;
    if (is_patient && placement.reason == WaitReason::NoFeasibleNode) {
      preempt(entry, now, decisions);
    }
    wait(entry, placement.reason, state_.pod(entry.pod).cpu, now, decisions);
    return;
  }
  assume(entry.pod, placement, now);
  decisions.emplace_back(Bind{
      .pod = entry.pod, .uid = entry.uid, .node = placement.node, .devices = placement.devices});
}

void ClusterOrchestrator::schedule_gang(QueuedPod entry, const Members& members, Time now,
                                        std::vector<Decision>& decisions) {
  Scratch scratch{*this, now};
  const std::vector<Placement> placements = policy_->place_gang(view(now), members, scratch);
  if (placements.empty()) {
    scratch.undo();
    MilliCpu smallest = state_.pod(members.front()).cpu;
    for (const PodId pod : members) smallest = std::min(smallest, state_.pod(pod).cpu);
    wait(entry, WaitReason::GangIncomplete, smallest, now, decisions);
    return;
  }
  ORRERY_CHECK(placements.size() == members.size() && scratch.size() == members.size(),
               "a gang is placed as a whole");
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Pod& pod = state_.pod(members[i]);
    decisions.emplace_back(
        Bind{.pod = members[i], .uid = pod.uid, .node = pod.node, .devices = pod.devices});
  }
  gangs_.erase(state_.pod(entry.pod).gang);
}

void ClusterOrchestrator::assume(PodId pod, const Placement& placement, Time now) {
  const Pod& row = state_.pod(pod);
  if (!state_.fits(placement.node, row)) [[unlikely]] {
    const Unfit reason =
        state_.unfit(placement.node, row, state_.resolved(row.pod_template).ignored_blocks);
    ORRERY_CHECK(reason == Unfit::None,
                 fmt::format("the policy chose node {}, which cannot take the pod: {}",
                             state_.node_name(placement.node), to_string(reason)));
  }
  const NodeId held = has_nominations() ? nominated_node(pod) : NodeId{};
  const StateChange change{
      change::PodAssumed{.id = pod, .node = placement.node, .devices = placement.devices}};
  apply(change, now);
  if (queue_.parked() > 0) wake_helped(change, now);
  if (held && held != placement.node) room_freed(held, now);
}

void ClusterOrchestrator::preempt(const QueuedPod& entry, Time now,
                                  std::vector<Decision>& decisions) {
  const policies::Preemption chosen = policy_->preempt(view(now), entry.pod);
  if (!chosen.is_worthwhile()) {
    if (!chosen.keeps_nomination) nominate(entry.pod, NodeId{}, now);
    return;
  }
  take_nominations(chosen.node, state_.pod_template(entry.pod).priority, now);
  nominate(entry.pod, chosen.node, now);
  Preempt preempt{.pod = entry.pod, .uid = entry.uid, .node = chosen.node, .victims = {}};
  for (const PodId victim : chosen.victims) {
    preempt.victims.push_back({.pod = victim, .uid = state_.pod(victim).uid});
  }
  decisions.emplace_back(std::move(preempt));
}

NodeId ClusterOrchestrator::nominated_node(PodId pod) const {
  const auto known = state_.nominations().find(pod);
  return known == state_.nominations().end() ? NodeId{} : known->second;
}

void ClusterOrchestrator::nominate(PodId pod, NodeId node, Time now) {
  const NodeId before = nominated_node(pod);
  if (before == node) return;
  apply(change::PodNominated{.id = pod, .node = node}, now);
  if (before) room_freed(before, now);
}

/// Pods of lower priority that wait for room on the node look for another.
void ClusterOrchestrator::take_nominations(NodeId node, std::int32_t below_priority, Time now) {
  const std::map<PodId, NodeId> nominations = state_.nominations();
  for (const auto& [pod, where] : nominations) {
    if (where != node || state_.pod_template(pod).priority >= below_priority) continue;
    nominate(pod, NodeId{}, now);
    queue_.activate(pod, now);
  }
}

void ClusterOrchestrator::wait(QueuedPod entry, WaitReason reason, MilliCpu cpu, Time now,
                               std::vector<Decision>& decisions) {
  ++entry.attempts;
  entry.failed_at = now;
  const bool is_final = config_.retry == Retry::Never;
  // Whether it could ever fit costs a look at every node: ask once, when it first fails.
  if (!is_final && reason == WaitReason::NoFeasibleNode && entry.attempts == 1) {
    reason = policies::wait_reason(view(now), entry.pod);
  }
  decisions.emplace_back(
      Wait{.pod = entry.pod, .uid = entry.uid, .reason = reason, .is_final = is_final});
  if (is_final) {
    if (const GangId gang = state_.pod(entry.pod).gang) gangs_.erase(gang);
    return;
  }
  if (config_.is_blocking && reason != WaitReason::NeverFits) {
    queue_.push(entry);
    is_blocked_ = true;
  } else if (reason == WaitReason::PolicyChoice) {
    queue_.park_until_any_change(entry);
  } else {
    queue_.park(entry, cpu);
  }
}

}  // namespace orrery::orchestration
