#pragma once

#include <atomic>
#include <cstddef>
#include <limits>
#include <new>

namespace orrery {

/// Memory of columns, in which whoever shows a column to the outside (Python's NumPy arrays) can
/// keep it alive when the column grows elsewhere or goes: the last of its owners frees it. What is
/// read from memory that its column has left is old, but it is still there.
class ColumnMemory {
 public:
  /// Every column starts at a multiple of this many bytes: a cache line, and a vector register.
  static constexpr std::size_t kAlignment = 64;

  /// `bytes` of memory with one owner.
  [[nodiscard]] static void* allocate(std::size_t bytes) {
    void* const block = ::operator new (bytes + kAlignment, std::align_val_t{kAlignment});
    ::new (block) Owners{1};
    return static_cast<std::byte*>(block) + kAlignment;
  }
  /// One more owner of what allocate() gave.
  static void retain(const void* memory) { owners(memory)->fetch_add(1); }
  /// One owner less; the last one frees it.
  static void release(const void* memory) {
    if (owners(memory)->fetch_sub(1) > 1) return;
    ::operator delete (owners(memory), std::align_val_t{kAlignment});
  }

 private:
  using Owners = std::atomic<std::size_t>;
  static_assert(sizeof(Owners) <= kAlignment);

  static Owners* owners(const void* memory) {
    auto* const bytes = const_cast<std::byte*>(static_cast<const std::byte*>(memory));
    return std::launder(reinterpret_cast<Owners*>(bytes - kAlignment));
  }
};

/// The allocator that puts a vector's elements into ColumnMemory.
template <class Value>
struct ColumnAllocator {
  using value_type = Value;

  ColumnAllocator() = default;
  template <class Other>
  explicit(false) ColumnAllocator(const ColumnAllocator<Other>& /*other*/) {}  // NOLINT

  [[nodiscard]] Value* allocate(std::size_t count) {
    static_assert(alignof(Value) <= ColumnMemory::kAlignment);
    constexpr std::size_t kMost = std::numeric_limits<std::ptrdiff_t>::max() / sizeof(Value) - 1;
    if (count > kMost) throw std::bad_array_new_length();
    return static_cast<Value*>(ColumnMemory::allocate(count * sizeof(Value)));
  }
  void deallocate(Value* memory, std::size_t /*count*/) { ColumnMemory::release(memory); }

  friend bool operator==(const ColumnAllocator&, const ColumnAllocator&) { return true; }
};

}  // namespace orrery
