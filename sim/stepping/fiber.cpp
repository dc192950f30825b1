#include "orrery/sim/stepping/fiber.hpp"

#include <bit>
#include <cstdint>
#include <new>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "orrery/models/check.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define ORRERY_FIBER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ORRERY_FIBER_ASAN 1
#endif
#endif
#ifdef ORRERY_FIBER_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

namespace orrery::sim {
namespace {

/// Only what is touched of it takes memory.
constexpr std::size_t kStackBytes = std::size_t{1} << 20;

// The address sanitizer has to know which stack is in use, or it takes what exceptions leave behind
// for errors. `mine` keeps what it knows of the stack that is being left; null: for good.
void leave_for(void** mine, const void* bottom, std::size_t size) {
#ifdef ORRERY_FIBER_ASAN
  __sanitizer_start_switch_fiber(mine, bottom, size);
#else
  static_cast<void>(mine), static_cast<void>(bottom), static_cast<void>(size);
#endif
}

void arrive_from(void* mine, const void** bottom, std::size_t* size) {
#ifdef ORRERY_FIBER_ASAN
  __sanitizer_finish_switch_fiber(mine, bottom, size);
#else
  static_cast<void>(mine), static_cast<void>(bottom), static_cast<void>(size);
#endif
}

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  size_ = page + kStackBytes;
  void* const memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  memory_ = static_cast<std::byte*>(memory);
  mprotect(memory_, page, PROT_NONE);  // stacks grow down: an overflow ends here
  getcontext(&inside_);
  inside_.uc_stack.ss_sp = memory_ + page;
  inside_.uc_stack.ss_size = kStackBytes;
  inside_.uc_link = &outside_;
  // makecontext hands over ints only.
  const std::uint64_t self = std::bit_cast<std::uintptr_t>(this);
  makecontext(&inside_, reinterpret_cast<void (*)()>(&Fiber::enter), 2,
              static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
}

Fiber::~Fiber() { munmap(memory_, size_); }

bool Fiber::resume() {
  ORRERY_CHECK(!is_done_, "a fiber that has ended cannot go on");
  is_started_ = true;
  void* mine = nullptr;
  leave_for(&mine, inside_.uc_stack.ss_sp, inside_.uc_stack.ss_size);
  swapcontext(&outside_, &inside_);
  arrive_from(mine, nullptr, nullptr);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  return !is_done_;
}

void Fiber::suspend() {
  void* mine = nullptr;
  leave_for(&mine, caller_bottom_, caller_size_);
  swapcontext(&inside_, &outside_);
  arrive_from(mine, &caller_bottom_, &caller_size_);
}

void Fiber::enter(unsigned high, unsigned low) {
  const std::uint64_t self = static_cast<std::uint64_t>(high) << 32 | low;
  std::bit_cast<Fiber*>(static_cast<std::uintptr_t>(self))->run_body();
}

void Fiber::run_body() noexcept {
  arrive_from(nullptr, &caller_bottom_, &caller_size_);
  try {
    body_();
  } catch (...) {
    failure_ = std::current_exception();
  }
  is_done_ = true;
  leave_for(nullptr, caller_bottom_, caller_size_);
}

}  // namespace orrery::sim
