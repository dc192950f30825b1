#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

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
                           EventPayload payload);
  void free_slot(std::uint32_t slot);
  [[nodiscard]] bool is_dead(const PendingRecord& record) const {
    return slots_[record.slot].order != record.order;
  }
  const PendingRecord* first_record();
  void sweep();

  PendingSet pending_;
  std::vector<Slot> slots_;
  std::uint32_t first_free_ = kNoSlot;
  std::size_t live_ = 0;
  std::size_t dead_ = 0;  ///< cancelled events whose records are still in pending_
  std::uint64_t sequence_ = 0;
};

}  // namespace orrery::sim
