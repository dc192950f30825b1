#pragma once

#include <stop_token>
#include <thread>

namespace orrery::cli {

/// Turns Ctrl-C (SIGINT) and SIGTERM into a stop request while it lives; a second one ends the
/// process at once with exit code 130. Make it before any other thread: signals are blocked in
/// threads made later and taken by one of its own.
class InterruptGuard {
 public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread listener_;
};

}  // namespace orrery::cli
