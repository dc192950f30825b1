#pragma once

#include <cstddef>
#include <exception>
#include <functional>

#include <ucontext.h>

namespace orrery::sim {

/// A function on a stack of its own that can stop in the middle, however deep in calls it is, and
/// go on later: turns code that calls back into code that can be called step by step.
///
///     Fiber fiber([&] { work([&] { fiber.suspend(); }); });
///     while (fiber.resume()) look();
///
/// All on the caller's thread, one side at a time; later calls may come from other threads. Made of
/// POSIX contexts (makecontext(3)): see docs/decisions/0004-stepping.md. A switch costs a system
/// call.
class Fiber {
 public:
  /// Nothing runs before the first resume().
  explicit Fiber(std::function<void()> body);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  /// The body must have ended, or never begun: what is on its stack is not cleaned up here.
  ~Fiber();

  /// Runs on until the body suspends (true) or ends (false). What leaves the body as an exception
  /// comes out here. Not after the end.
  bool resume();
  /// From the body, and not while it handles an exception: hands control back to resume().
  void suspend();

  [[nodiscard]] bool is_started() const { return is_started_; }
  [[nodiscard]] bool is_done() const { return is_done_; }

 private:
  static void enter(unsigned high, unsigned low);
  void run_body() noexcept;

  std::function<void()> body_;
  std::exception_ptr failure_;
  std::byte* memory_ = nullptr;  ///< a page that nobody may touch, and the stack above it
  std::size_t size_ = 0;
  ucontext_t inside_{};
  ucontext_t outside_{};
  const void* caller_bottom_ = nullptr;  ///< the stack of resume(), for the address sanitizer
  std::size_t caller_size_ = 0;
  bool is_started_ = false;
  bool is_done_ = false;
};

}  // namespace orrery::sim
