#include "orrery/sim/engine/worker_pool.hpp"

namespace orrery::sim {

WorkerPool::WorkerPool(std::size_t thread_count) {
  for (std::size_t i = 1; i < thread_count; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  is_ending_.store(true, std::memory_order_relaxed);
  turns_.fetch_add(kTurnMask + 1, std::memory_order_release);
  turns_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  if (threads_.empty() || count < 2) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  body_ = &body;
  done_.store(0, std::memory_order_relaxed);
  const std::uint64_t loop = (turns_.load(std::memory_order_relaxed) >> 32) + 1;
  turns_.store(loop << 32 | count, std::memory_order_release);
  turns_.notify_all();
  take_turns();
  for (std::uint32_t done = done_.load(std::memory_order_acquire); done != count;
       done = done_.load(std::memory_order_acquire)) {
    done_.wait(done, std::memory_order_acquire);
  }
}

void WorkerPool::work() {
  while (!is_ending_.load(std::memory_order_relaxed)) {
    take_turns();
    const std::uint64_t turns = turns_.load(std::memory_order_acquire);
    const bool is_idle = (turns & kTurnMask) == 0;
    if (is_idle && !is_ending_.load(std::memory_order_relaxed)) turns_.wait(turns);
  }
}

void WorkerPool::take_turns() {
  std::uint64_t turns = turns_.load(std::memory_order_acquire);
  while ((turns & kTurnMask) > 0) {
    if (!turns_.compare_exchange_weak(turns, turns - 1, std::memory_order_acq_rel)) continue;
    (*body_)(static_cast<std::size_t>((turns & kTurnMask) - 1));
    done_.fetch_add(1, std::memory_order_release);
    done_.notify_one();
    turns = turns_.load(std::memory_order_acquire);
  }
}

}  // namespace orrery::sim
