#include "orrery/cli/interrupt.hpp"

#include <csignal>
#include <ctime>

#include <unistd.h>

#include "orrery/cli/output.hpp"

namespace orrery::cli {
namespace {

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

/// Waits for signals; looks every 50 ms whether it is still wanted.
void listen(const std::stop_token& end, std::stop_source stop) {
  const sigset_t set = signals();
  constexpr std::timespec kPatience{.tv_sec = 0, .tv_nsec = 50'000'000};
  while (!end.stop_requested()) {
    if (sigtimedwait(&set, nullptr, &kPatience) < 0) continue;
    if (stop.stop_requested()) ::_exit(kInterrupted);
    note("orrery: stopping: finished runs are kept (once more to stop at once)");
    stop.request_stop();
  }
}

}  // namespace

InterruptGuard::InterruptGuard() {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  listener_ = std::jthread([stop = stop_](const std::stop_token& end) { listen(end, stop); });
}

InterruptGuard::~InterruptGuard() {
  listener_.request_stop();
  listener_.join();
  const sigset_t set = signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace orrery::cli
