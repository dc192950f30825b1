#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace orrery::sim {

/// Threads that help the caller with one loop at a time. The caller waits for the work and not for
/// the threads: if they are late, because the machine is busy, it does all turns itself. With one
/// thread no thread is made.
class WorkerPool {
 public:
  /// `thread_count` threads, of which the caller is one.
  explicit WorkerPool(std::size_t thread_count);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  /// Calls `body(i)` once for each i < `count` < 2^32, on any of the threads, and returns when all
  /// are done. `body` must not throw.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  static constexpr std::uint64_t kTurnMask = 0xffffffff;

  void work();
  void take_turns();

  const std::function<void(std::size_t)>* body_ = nullptr;
  /// The number of the loop above, the turns of it that nobody has taken below: one word, so that a
  /// thread that comes late cannot take a turn of a loop that is over.
  std::atomic<std::uint64_t> turns_{0};
  std::atomic<std::uint32_t> done_{0};
  std::atomic<bool> is_ending_{false};
  std::vector<std::thread> threads_;
};

}  // namespace orrery::sim
