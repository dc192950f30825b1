#include "orrery/orchestration/cluster/scheduling_queue.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace orrery::orchestration {
namespace {

/// std heaps keep the greatest on top: "greater" is what goes first.
bool goes_after(const QueuedPod& a, const QueuedPod& b) {
  return std::tie(a.key, a.since, a.sequence) > std::tie(b.key, b.since, b.sequence);
}

}  // namespace

bool SchedulingQueue::LaterExpiry::operator()(const std::pair<Time, QueuedPod>& a,
                                              const std::pair<Time, QueuedPod>& b) const {
  return std::tie(a.first, a.second.sequence) > std::tie(b.first, b.second.sequence);
}

bool SchedulingQueue::push(const QueuedPod& entry) {
  active_.push_back(entry);
  if (active_.size() == 1) return true;
  std::push_heap(active_.begin(), active_.end(), goes_after);
  return active_.front().sequence == entry.sequence;
}

std::optional<QueuedPod> SchedulingQueue::pop(Time now) {
  while (!backing_off_.empty() && backing_off_.front().first <= now) {
    std::pop_heap(backing_off_.begin(), backing_off_.end(), LaterExpiry{});
    push(backing_off_.back().second);
    backing_off_.pop_back();
  }
  if (active_.empty()) return std::nullopt;
  if (active_.size() > 1) std::pop_heap(active_.begin(), active_.end(), goes_after);
  std::optional<QueuedPod> entry{active_.back()};
  active_.pop_back();
  return entry;
}

void SchedulingQueue::park(QueuedPod entry, MilliCpu cpu) {
  const ParkKey key{.cpu = cpu, .sequence = entry.sequence};
  const auto [known, is_new] = parked_key_.try_emplace(entry.pod, key);
  if (!is_new) parked_.erase(std::exchange(known->second, key));
  parked_.emplace(key, entry);
}

void SchedulingQueue::park_until_any_change(QueuedPod entry) { any_change_.push_back(entry); }

void SchedulingQueue::wake(const ClusterState& state, NodeId node, Time now) {
  if (!any_change_.empty()) wake_choosers(now);
  if (parked_.empty() || state.nodes().blocked[node] != 0) return;
  const MilliCpu free = state.nodes().cpu_free[node];
  for (auto it = parked_.begin(); it != parked_.end() && it->first.cpu <= free;) {
    const Pod& pod = state.pod(it->second.pod);
    // Of a gang only the first member is known here; trying it in vain is the lesser evil.
    if (pod.gang.is_none() && !state.fits(node, pod)) {
      ++it;
      continue;
    }
    const QueuedPod entry = it->second;
    parked_key_.erase(entry.pod);
    it = parked_.erase(it);
    requeue(entry, now);
  }
}

void SchedulingQueue::wake_choosers(Time now) {
  for (const QueuedPod& entry : std::exchange(any_change_, {})) requeue(entry, now);
}

bool SchedulingQueue::activate(PodId pod, Time now) {
  const auto known = parked_key_.find(pod);
  if (known == parked_key_.end()) return false;
  const auto entry = parked_.find(known->second);
  requeue(entry->second, now);
  parked_.erase(entry);
  parked_key_.erase(known);
  return true;
}

void SchedulingQueue::wake_all(Time now) {
  wake_choosers(now);
  parked_key_.clear();
  for (const auto& [key, entry] : std::exchange(parked_, {})) requeue(entry, now);
}

void SchedulingQueue::forget(PodId pod) {
  const auto known = parked_key_.find(pod);
  if (known != parked_key_.end()) {
    parked_.erase(known->second);
    parked_key_.erase(known);
  }
  std::erase_if(any_change_, [&](const QueuedPod& entry) { return entry.pod == pod; });
}

Duration SchedulingQueue::backoff(std::uint32_t attempts) const {
  Duration span = config_.backoff_initial;
  if (span == Duration::zero()) return span;
  for (std::uint32_t i = 1; i < attempts; ++i) {
    if (span > config_.backoff_max / 2) return config_.backoff_max;
    span *= 2;
  }
  return std::min(span, config_.backoff_max);
}

void SchedulingQueue::requeue(QueuedPod entry, Time now) {
  const Time ready_at = saturating_add(entry.failed_at, backoff(entry.attempts));
  if (ready_at <= now) {
    push(entry);
    return;
  }
  backing_off_.emplace_back(ready_at, entry);
  std::push_heap(backing_off_.begin(), backing_off_.end(), LaterExpiry{});
}

}  // namespace orrery::orchestration
