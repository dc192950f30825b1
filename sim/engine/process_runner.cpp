#include "orrery/sim/engine/process_runner.hpp"

#include <cstdint>
#include <utility>

namespace orrery::sim {

EventPayload ProcessRunner::resumption(std::coroutine_handle<> coroutine) {
  return {.data = reinterpret_cast<std::uintptr_t>(coroutine.address())};
}

void ProcessRunner::handle(Engine& /*engine*/, const Event& event) {
  // A payload carries whole numbers only, and this one was a coroutine's address.
  next_ = std::coroutine_handle<>::from_address(  // NOLINTNEXTLINE(performance-no-int-to-ptr)
      reinterpret_cast<void*>(static_cast<std::uintptr_t>(event.payload.data)));
  while (next_) {
    std::exchange(next_, nullptr).resume();
    if (finished_ != nullptr) destroy(*std::exchange(finished_, nullptr));
  }
  if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
}

void ProcessRunner::adopt(StartedProcess& process) {
  process.previous = newest_;
  if (newest_ != nullptr) newest_->next = &process;
  newest_ = &process;
}

void ProcessRunner::destroy_all() {
  while (newest_ != nullptr) destroy(*newest_);
}

void ProcessRunner::destroy(StartedProcess& process) {
  if (process.previous != nullptr) process.previous->next = process.next;
  (process.next != nullptr ? process.next->previous : newest_) = process.previous;
  process.frame.destroy();
}

}  // namespace orrery::sim
