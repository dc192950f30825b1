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

EventHandle EventQueue::push_ordered(Time time, std::uint64_t order, EventHandler& handler,
                                     EventPayload payload) {
  std::uint32_t slot = first_free_;
  if (slot == kNoSlot) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    first_free_ = slots_[slot].payload.subject;
  }
  slots_[slot] = Slot{.order = order, .handler = &handler, .payload = payload};
  const auto nanoseconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
  pending_.push(PendingRecord{.time = nanoseconds, .order = order, .slot = slot});
  ++live_;
  return EventHandle{order, slot};
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

bool EventQueue::pop(Time until, Due& due) {
  const auto limit = static_cast<std::uint64_t>(until.time_since_epoch().count());
  while (const PendingRecord* front = first_record()) {
    const PendingRecord record = *front;
    const bool dead = is_dead(record);
    if (!dead && record.time > limit) return false;
    pending_.pop(front);
    if (dead) {
      --dead_;
      continue;
    }
    const Slot& slot = slots_[record.slot];
    due = Due{.time = Time{Duration{static_cast<std::int64_t>(record.time)}},
              .handler = slot.handler,
              .payload = slot.payload};
    free_slot(record.slot);
    --live_;
    return true;
  }
  return false;
}

Time EventQueue::next_time() {
  while (const PendingRecord* front = first_record()) {
    if (!is_dead(*front)) return Time{Duration{static_cast<std::int64_t>(front->time)}};
    pending_.pop(front);
    --dead_;
  }
  return kTimeMax;
}

const PendingRecord* EventQueue::first_record() {
  if (!pending_.needs_refill()) return pending_.front();
  const PendingRecord* const front = pending_.front();
  for (const PendingRecord& record : pending_.run()) __builtin_prefetch(&slots_[record.slot]);
  return front;
}

void EventQueue::free_slot(std::uint32_t slot) {
  slots_[slot].order = 0;
  slots_[slot].payload.subject = first_free_;
  first_free_ = slot;
}

void EventQueue::sweep() {
  pending_.remove_if([this](const PendingRecord& record) { return is_dead(record); });
  dead_ = 0;
}

}  // namespace orrery::sim
