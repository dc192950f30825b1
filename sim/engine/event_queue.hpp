#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "orrery/models/row_vector.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/engine/event.hpp"
#include "orrery/sim/engine/pending_record.hpp"
#include "orrery/sim/engine/pending_set.hpp"

namespace orrery::sim {

/// The pending events of one engine, ordered by (time, priority class, sequence).
///
/// A small record per event moves through the ordering structure; handler and payload stay in a
/// slot that is reused as soon as the event fires or is cancelled. Cancelling frees the slot and
/// leaves the record behind: it no longer matches its slot, is skipped when it comes up, and swept
/// out once such records outnumber the live ones, so cancelled events hold no memory for long.
class EventQueue {
 public:
  /// A pending event taken out of the queue.
  struct Due {
    Time time{};
    EventHandler* handler = nullptr;
    EventPayload payload;
  };

  /// Adds an event at `time` ≥ 0, after all earlier added ones of that time and priority.
  EventHandle push(Time time, Priority priority, EventHandler& handler, EventPayload payload) {
    return push_ordered(time, local_order(priority, ++sequence_), handler, payload);
  }

  /// Adds a message: it comes after the local events of its time and priority, ordered by (source,
  /// sequence), whenever it was added. `source` < 2^15, `sequence` < 2^40, each pair once.
  EventHandle push_message(Time time, Priority priority, std::uint32_t source,
                           std::uint64_t sequence, EventHandler& handler, EventPayload payload);

  /// Takes an event back; false when it has fired or was cancelled before. O(1), amortised.
  bool cancel(EventHandle handle);

  /// True while `handle` names an event that has neither fired nor been cancelled.
  [[nodiscard]] bool is_pending(EventHandle handle) const {
    return handle.slot_ < slots_.size() && slots_[handle.slot_].order == handle.order_ &&
           handle.order_ != 0;
  }

  /// Takes out the first event if its time is at most `until`.
  bool pop(Time until, Due& due);

  /// The payload of the event that will probably fire after `skipped` others, if that is at hand,
  /// pending and for `handler`; else null. Only a hint, to fetch memory early: it may be cancelled
  /// or overtaken yet.
  [[nodiscard]] const EventPayload* likely_ahead(const EventHandler& handler,
                                                 std::size_t skipped) const {
    const std::span<const PendingRecord> run = pending_.run();
    if (skipped >= run.size()) return nullptr;
    const PendingRecord& record = run[skipped];
    const Slot& slot = slots_[record.slot];
    // A slot that is free, or is another event's by now, tells nothing of this one.
    return slot.handler == &handler && !is_dead(record) ? &slot.payload : nullptr;
  }

  /// The time of the first event; kTimeMax when there is none (or when it is at kTimeMax).
  [[nodiscard]] Time next_time();

  /// Events that are pending, without the cancelled ones.
  [[nodiscard]] std::size_t size() const { return live_; }
  [[nodiscard]] bool empty() const { return live_ == 0; }
  /// Memory held, in use or kept for later.
  [[nodiscard]] std::size_t memory_bytes() const {
    return pending_.memory_bytes() + slots_.capacity() * sizeof(Slot);
  }

 private:
  static constexpr std::uint32_t kNoSlot = ~std::uint32_t{0};

  struct alignas(32) Slot {
    std::uint64_t order = 0;  ///< of the event that lies here; 0 when free
    EventHandler* handler = nullptr;
    EventPayload payload;  ///< of a free slot, `subject` is the next free one
  };

  static constexpr std::uint64_t local_order(Priority priority, std::uint64_t sequence) {
    return static_cast<std::uint64_t>(priority) << 56 | sequence;
  }

  EventHandle push_ordered(Time time, std::uint64_t order, EventHandler& handler,
                           const EventPayload& payload) {
    std::uint32_t index = first_free_;
    if (index == kNoSlot) [[unlikely]] {
      index = add_slot();
    } else {
      first_free_ = slots_[index].payload.subject;
    }
    Slot& slot = slots_[index];
    slot.order = order;
    slot.handler = &handler;
    slot.payload = payload;
    ++live_;
    const auto nanoseconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
    pending_.push(PendingRecord{.time = nanoseconds, .order = order, .slot = index});
    return EventHandle{order, index};
  }

  std::uint32_t add_slot();
  void free_slot(std::uint32_t index) {
    slots_[index].order = 0;
    slots_[index].payload.subject = first_free_;
    first_free_ = index;
  }
  [[nodiscard]] bool is_dead(const PendingRecord& record) const {
    return slots_[record.slot].order != record.order;
  }
  /// The first record, dead or not; null when there is none.
  const PendingRecord* first_record() {
    return pending_.needs_refill() ? sorted_first_record() : pending_.front();
  }
  const PendingRecord* sorted_first_record();
  void sweep();

  PendingSet pending_;
  RowVector<Slot> slots_;
  std::uint32_t first_free_ = kNoSlot;
  std::size_t live_ = 0;
  std::size_t dead_ = 0;  ///< cancelled events whose records are still in pending_
  std::uint64_t sequence_ = 0;
};

inline bool EventQueue::pop(Time until, Due& due) {
  const auto limit = static_cast<std::uint64_t>(until.time_since_epoch().count());
  while (const PendingRecord* front = first_record()) {
    const std::uint64_t time = front->time;
    const std::uint32_t index = front->slot;
    const Slot& slot = slots_[index];
    const bool dead = slot.order != front->order;
    if (!dead && time > limit) return false;
    pending_.pop(front);
    if (dead) [[unlikely]] {
      --dead_;
      continue;
    }
    due.time = Time{Duration{static_cast<std::int64_t>(time)}};
    due.handler = slot.handler;
    due.payload = slot.payload;
    free_slot(index);
    --live_;
    return true;
  }
  return false;
}

}  // namespace orrery::sim
