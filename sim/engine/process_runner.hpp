#pragma once

#include <coroutine>
#include <exception>

#include "orrery/sim/engine/event.hpp"

namespace orrery::sim {

/// What an engine remembers of a started process; part of the coroutine's frame.
struct StartedProcess {
  std::coroutine_handle<> frame;
  StartedProcess* previous = nullptr;
  StartedProcess* next = nullptr;
};

/// Resumes the coroutines of one engine and owns the frames of the processes started on it.
///
/// Coroutines never resume each other: one that has to go on is named with resume_next(), and the
/// loop in handle() resumes it after the current one has suspended. So the stack does not grow with
/// the number of calls between coroutines, whatever the compiler does about tail calls.
class ProcessRunner final : public EventHandler {
 public:
  ProcessRunner() = default;
  ProcessRunner(const ProcessRunner&) = delete;
  ProcessRunner& operator=(const ProcessRunner&) = delete;
  ~ProcessRunner() override { destroy_all(); }

  /// The payload of an event that resumes `coroutine`.
  [[nodiscard]] static EventPayload resumption(std::coroutine_handle<> coroutine);
  /// Resumes the coroutine that the payload names. Throws what a process let escape.
  void handle(Engine& engine, const Event& event) override;

  /// Goes on with `coroutine` once the current one has suspended.
  void resume_next(std::coroutine_handle<> coroutine) { next_ = coroutine; }

  /// Takes over a frame, which lives until finish() or destroy_all().
  void adopt(StartedProcess& process);
  /// Destroys the frame of a process, which has just suspended for good.
  void finish(StartedProcess& process) { finished_ = &process; }
  /// A process has ended with an exception: handle() throws it.
  void fail(std::exception_ptr exception) { exception_ = std::move(exception); }
  /// Destroys the frames of all processes, the last started one first.
  void destroy_all();

 private:
  void destroy(StartedProcess& process);

  std::coroutine_handle<> next_;
  StartedProcess* newest_ = nullptr;
  StartedProcess* finished_ = nullptr;
  std::exception_ptr exception_;
};

}  // namespace orrery::sim
