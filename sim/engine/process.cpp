#include "orrery/sim/engine/process.hpp"

namespace orrery::sim {

void Engine::start(Process process) {
  const Process::Handle frame = std::exchange(process.frame_, nullptr);
  Process::promise_type& promise = frame.promise();
  promise.frame = frame;
  promise.runner = &processes_;
  processes_.adopt(promise);
  schedule_resumption(Duration::zero(), frame);
}

Sleep Engine::sleep(Duration duration) { return Sleep{*this, duration}; }

EventHandle Engine::schedule_resumption(Duration delay, std::coroutine_handle<> coroutine) {
  return schedule_after(delay, processes_, ProcessRunner::resumption(coroutine));
}

}  // namespace orrery::sim
