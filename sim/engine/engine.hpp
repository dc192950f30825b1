#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>

#include "orrery/models/check.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/engine/event.hpp"
#include "orrery/sim/engine/event_queue.hpp"
#include "orrery/sim/engine/process_runner.hpp"

namespace orrery::sim {

class Process;
class Sleep;

/// Why a run returned.
enum class RunEnd : std::uint8_t {
  Drained,      ///< no event is left
  ReachedTime,  ///< the next event lies beyond the time asked for
  Stopped,      ///< somebody asked to stop
};

/// A clock and the events that move it: the discrete-event engine of one cluster.
///
/// Events fire in the order (time, priority class, sequence), so ties depend neither on memory nor
/// on threads. An engine belongs to one thread; only request_stop() may be called from others, and
/// from signal handlers. An exception out of a handler (a CheckFailure, say) passes through run();
/// now() then tells the virtual time at which it was thrown.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  Engine(Engine&&) = delete;
  Engine& operator=(Engine&&) = delete;
  /// Destroys the processes that have not ended, the last started one first.
  ~Engine() { processes_.destroy_all(); }

  /// The virtual time. Never goes back.
  [[nodiscard]] Time now() const { return now_; }

  /// Calls `handler` at `at`, which must not lie in the past. No allocation once the engine has
  /// held that many events before.
  EventHandle schedule_at(Time at, EventHandler& handler, EventPayload payload = {},
                          Priority priority = Priority::Normal) {
    ORRERY_CHECK(at >= now_, "an event was scheduled in the past");
    return queue_.push(at, priority, handler, payload);
  }

  /// Calls `handler` after `delay` ≥ 0; at kTimeMax at the latest.
  EventHandle schedule_after(Duration delay, EventHandler& handler, EventPayload payload = {},
                             Priority priority = Priority::Normal) {
    return schedule_at(saturating_add(now_, delay), handler, payload, priority);
  }

  /// Schedules what another place has sent: after the local events of its time and priority, by
  /// (source, sequence). For MeshEngine.
  EventHandle schedule_message(Time at, std::uint32_t source, std::uint64_t sequence,
                               EventHandler& handler, EventPayload payload, Priority priority) {
    ORRERY_CHECK(at >= now_, "a message arrived in the past");
    return queue_.push_message(at, priority, source, sequence, handler, payload);
  }

  /// Takes an event back; false when it has fired or was cancelled before. O(1), amortised.
  bool cancel(EventHandle handle) { return queue_.cancel(handle); }
  [[nodiscard]] bool is_pending(EventHandle handle) const { return queue_.is_pending(handle); }

  /// Starts a process (process.hpp): it takes its first step as an event of the current instant.
  void start(Process process);
  /// `co_await engine.sleep(5s)` suspends a process for that long. Sleeping for zero lets the
  /// events go first that are already due now.
  Sleep sleep(Duration duration);
  /// Resumes a coroutine after `delay`: what the awaitable types are made of.
  EventHandle schedule_resumption(Duration delay, std::coroutine_handle<> coroutine);

  /// Fires the next event, if there is one.
  bool step();
  /// Fires events until none is left.
  RunEnd run();
  /// Fires the events up to and including `until`, and leaves the clock there, unless stopped.
  RunEnd run_until(Time until);

  /// As run_until(), but leaves the clock at the last event.
  RunEnd fire_until(Time until);

  /// Makes run() return after the event that fires now. Stays in force until clear_stop().
  void request_stop() { stop_requested_.store(true, std::memory_order_relaxed); }
  void clear_stop() { stop_requested_.store(false, std::memory_order_relaxed); }
  /// Also stops when `flag` is set: one flag (of Ctrl-C, say) for many engines. Must outlive them.
  void watch_stop(const std::atomic<bool>& flag) { watched_stop_ = &flag; }
  [[nodiscard]] bool is_stop_requested() const {
    return stop_requested_.load(std::memory_order_relaxed) ||
           watched_stop_->load(std::memory_order_relaxed);
  }

  /// A hint for handlers whose data lie far apart in memory: see EventQueue::likely_ahead.
  [[nodiscard]] const EventPayload* likely_ahead(const EventHandler& handler,
                                                 std::size_t skipped) const {
    return queue_.likely_ahead(handler, skipped);
  }

  /// The time of the next event; kTimeMax when there is none.
  [[nodiscard]] Time next_time() { return queue_.next_time(); }
  /// Events that are pending.
  [[nodiscard]] std::size_t pending_count() const { return queue_.size(); }
  /// Events fired so far.
  [[nodiscard]] std::uint64_t event_count() const { return event_count_; }

 private:
  bool fire_next(Time until);

  Time now_ = kTimeZero;
  std::uint64_t event_count_ = 0;
  EventQueue queue_;
  ProcessRunner processes_;
  std::atomic<bool> stop_requested_{false};
  const std::atomic<bool>* watched_stop_ = &stop_requested_;
};

}  // namespace orrery::sim
