#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>

#include "orrery/models/units.hpp"
#include "orrery/sim/engine/engine.hpp"

namespace orrery::sim {

class Signal;

/// A process that waits for a signal: what Signal::wait() returns. Withdrawn if the process is
/// destroyed first; never resumed if the signal is destroyed first, unless its time runs out.
class [[nodiscard]] SignalWait {
 public:
  SignalWait(Signal& signal, bool is_ready, std::optional<Duration> patience)
      : signal_(&signal), is_ready_(is_ready), patience_(patience) {}
  SignalWait(const SignalWait&) = delete;
  SignalWait& operator=(const SignalWait&) = delete;
  ~SignalWait();

  [[nodiscard]] bool await_ready() const noexcept { return is_ready_; }
  void await_suspend(std::coroutine_handle<> waiting);
  /// True if the signal came, false if the time ran out.
  bool await_resume();

 private:
  friend class Signal;

  Signal* signal_;  ///< null once the signal has come, or is gone
  bool is_ready_;
  bool has_come_ = false;
  std::optional<Duration> patience_;
  Engine* engine_ = nullptr;  ///< set while suspended
  std::coroutine_handle<> waiting_;
  EventHandle wake_up_;
  SignalWait* previous_ = nullptr;
  SignalWait* next_ = nullptr;
};

/// Wakes processes that wait for something to happen, in the order in which they came. A signal
/// that nobody waits for is lost; see Trigger for one that stays.
class Signal {
 public:
  explicit Signal(Engine& engine) : engine_(engine) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal();

  /// `co_await signal.wait()` suspends until the next notification.
  SignalWait wait() { return {*this, false, std::nullopt}; }
  /// As wait(), but at most for `patience`; the co_await gives false if the time ran out first.
  SignalWait wait_for(Duration patience) { return {*this, false, patience}; }

  /// Wakes the process that has waited longest, at the current time; false if nobody waits.
  bool notify_one();
  /// Wakes all that wait now, at the current time.
  void notify_all();
  [[nodiscard]] std::size_t waiting_count() const { return waiting_count_; }

 private:
  friend class SignalWait;
  void link(SignalWait& wait);
  void unlink(SignalWait& wait);

  Engine& engine_;
  SignalWait* first_ = nullptr;
  SignalWait* last_ = nullptr;
  std::size_t waiting_count_ = 0;
};

/// Something that happens once and then has happened: waiting for it afterwards takes no time.
class Trigger {
 public:
  explicit Trigger(Engine& engine) : signal_(engine) {}

  SignalWait wait() { return {signal_, has_fired_, std::nullopt}; }
  SignalWait wait_for(Duration patience) { return {signal_, has_fired_, patience}; }

  void fire() {
    has_fired_ = true;
    signal_.notify_all();
  }
  [[nodiscard]] bool has_fired() const { return has_fired_; }

 private:
  Signal signal_;
  bool has_fired_ = false;
};

}  // namespace orrery::sim
