#include "orrery/cli/interrupt.hpp"

#include <csignal>

#include <unistd.h>

#include "orrery/cli/output.hpp"

namespace orrery::cli {
namespace {

/// The signal that wakes the listener when it is no longer wanted.
constexpr int kWake = SIGUSR1;

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, kWake);
  return set;
}

void listen(const std::stop_token& end, std::stop_source& stop) {
  const sigset_t set = signals();
  while (!end.stop_requested()) {
    const int signal = sigwaitinfo(&set, nullptr);
    if (signal < 0 || signal == kWake) continue;
    if (stop.stop_requested()) ::_exit(kInterrupted);
    note("orrery: stopping: finished runs are kept (once more to stop at once)");
    stop.request_stop();
  }
}

}  // namespace

InterruptGuard::InterruptGuard() {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  listener_ =
      std::jthread([stop = stop_](const std::stop_token& end) mutable { listen(end, stop); });
}

InterruptGuard::~InterruptGuard() {
  listener_.request_stop();
  pthread_kill(listener_.native_handle(), kWake);
  listener_.join();
  const sigset_t set = signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace orrery::cli
