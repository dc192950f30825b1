#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "orrery/models/units.hpp"
#include "orrery/sim/engine/engine.hpp"
#include "orrery/sim/engine/process_runner.hpp"

namespace orrery::sim {

/// A model written as a coroutine, where that reads better than a state machine:
///
///     Process customer(Engine& engine, Trigger& opening) {
///       co_await opening.wait();
///       co_await engine.sleep(5s);
///       co_await shopping(engine);  // another process, as a subroutine
///     }
///     engine.start(customer(engine, opening));
///
/// Nothing runs before it is started or awaited. A started process belongs to its engine, which
/// destroys what has not ended when it is destroyed itself: local variables are cleaned up, waits
/// are withdrawn. An exception that leaves a started process comes out of the engine's run(); one
/// that leaves an awaited process comes out of the co_await. One allocation per coroutine call, the
/// frame. Arguments by reference must outlive the process; lambdas with captures are a trap (the
/// captures die with the lambda), pass arguments instead.
class [[nodiscard]] Process {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  Process(Process&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Process& operator=(Process&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Process() {
    if (frame_) frame_.destroy();
  }

  /// Runs as a subroutine of the process that awaits it.
  auto operator co_await() &&;

 private:
  friend class Engine;
  explicit Process(Handle frame) : frame_(frame) {}

  Handle frame_;
};

struct Process::promise_type : StartedProcess {
  struct End {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(Handle self) noexcept { self.promise().end(); }
    void await_resume() const noexcept {}
  };

  Process get_return_object() { return Process{Handle::from_promise(*this)}; }
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] End final_suspend() const noexcept { return {}; }
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { exception = std::current_exception(); }

  /// The process has suspended for good: on with the one that awaits it, or away with its frame.
  void end() {
    if (awaiting) {
      runner->resume_next(awaiting);
      return;
    }
    if (exception) runner->fail(exception);
    runner->finish(*this);
  }

  ProcessRunner* runner = nullptr;   ///< set when started or awaited
  std::coroutine_handle<> awaiting;  ///< the process that awaits this one; none if started
  std::exception_ptr exception;
};

inline auto Process::operator co_await() && {
  struct Call {
    Handle callee;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(Handle caller) const {
      callee.promise().runner = caller.promise().runner;
      callee.promise().awaiting = caller;
      caller.promise().runner->resume_next(callee);
    }
    void await_resume() const {
      if (callee.promise().exception) std::rethrow_exception(callee.promise().exception);
    }
  };
  return Call{frame_};
}

/// Suspends a process for some time: what Engine::sleep() returns. Withdrawn if the process is
/// destroyed first.
class [[nodiscard]] Sleep {
 public:
  Sleep(Engine& engine, Duration duration) : engine_(engine), duration_(duration) {}
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;
  ~Sleep() { engine_.cancel(wake_up_); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> sleeper) {
    wake_up_ = engine_.schedule_resumption(duration_, sleeper);
  }
  void await_resume() noexcept { wake_up_ = EventHandle{}; }

 private:
  Engine& engine_;
  Duration duration_;
  EventHandle wake_up_;
};

}  // namespace orrery::sim
