#include "orrery/sim/engine/event_queue.hpp"

#include "orrery/models/check.hpp"

namespace orrery::sim {

EventHandle EventQueue::push_message(Time time, Priority priority, std::uint32_t source,
                                     std::uint64_t sequence, EventHandler& handler,
                                     EventPayload payload) {
  constexpr int kSequenceBits = 40;
  ORRERY_CHECK(source < (1U << 15), "more places than a message's order can tell apart");
  ORRERY_CHECK(sequence >> kSequenceBits == 0, "more messages than their order can tell apart");
  constexpr std::uint64_t kMessage = std::uint64_t{1} << 55;
  const std::uint64_t tie = kMessage | std::uint64_t{source} << kSequenceBits | sequence;
  return push_ordered(time, local_order(priority, tie), handler, payload);
}

std::uint32_t EventQueue::add_slot() {
  slots_.push_back(Slot{});
  return static_cast<std::uint32_t>(slots_.size() - 1);
}

bool EventQueue::cancel(EventHandle handle) {
  if (!is_pending(handle)) return false;
  free_slot(handle.slot_);
  --live_;
  ++dead_;
  constexpr std::size_t kDeadMin = 1024;
  if (dead_ > kDeadMin && dead_ > live_) sweep();
  return true;
}

Time EventQueue::next_time() {
  while (const PendingRecord* front = first_record()) {
    if (!is_dead(*front)) return Time{Duration{static_cast<std::int64_t>(front->time)}};
    pending_.pop(front);
    --dead_;
  }
  return kTimeMax;
}

const PendingRecord* EventQueue::sorted_first_record() {
  const PendingRecord* const front = pending_.front();
  for (const PendingRecord& record : pending_.run()) __builtin_prefetch(&slots_[record.slot]);
  return front;
}

void EventQueue::sweep() {
  pending_.remove_if([this](const PendingRecord& record) { return is_dead(record); });
  dead_ = 0;
}

}  // namespace orrery::sim
