#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace orrery {

/// A vector for tables of millions of rows. It grows by a 32nd, where std::vector would double and
/// leave most of its memory unused, and it grows by realloc(), which moves the pages of a large
/// block (glibc: mremap) where std::vector would copy every row to fresh memory. Rows begin at a
/// cache line. push_back() is amortised O(1); references are lost as with std::vector.
template <class Row>
class RowVector {
  static_assert(std::is_trivially_copyable_v<Row> && std::is_trivially_destructible_v<Row>);
  static_assert(alignof(Row) <= 64);

 public:
  RowVector() = default;
  RowVector(const RowVector& other) {
    reserve(other.size_);
    if (other.size_ > 0) std::memcpy(static_cast<void*>(rows_), other.rows_, bytes(other.size_));
    size_ = other.size_;
  }
  RowVector(RowVector&& other) noexcept
      : block_(std::move(other.block_)),
        offset_(std::exchange(other.offset_, 0)),
        rows_(std::exchange(other.rows_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  RowVector& operator=(RowVector other) noexcept {
    std::swap(block_, other.block_);
    std::swap(offset_, other.offset_);
    std::swap(rows_, other.rows_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~RowVector() = default;

  void push_back(const Row& row) {
    const Row copy = row;  // it may lie in here
    if (size_ == capacity_) reserve(size_ + size_ / 32 + kSpareMin);
    new (rows_ + size_++) Row(copy);
  }
  void reserve(std::size_t rows) {
    if (rows > capacity_) grow(rows);
  }
  void clear() { size_ = 0; }

  [[nodiscard]] Row& operator[](std::size_t at) { return rows_[at]; }
  [[nodiscard]] const Row& operator[](std::size_t at) const { return rows_[at]; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] const Row* data() const { return rows_; }
  [[nodiscard]] Row* data() { return rows_; }
  [[nodiscard]] Row* begin() { return rows_; }
  [[nodiscard]] Row* end() { return rows_ + size_; }
  [[nodiscard]] const Row* begin() const { return rows_; }
  [[nodiscard]] const Row* end() const { return rows_ + size_; }

  friend bool operator==(const RowVector& a, const RowVector& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  static constexpr std::size_t kLine = 64;
  static constexpr std::size_t kSpareMin = 64;

  struct Free {
    void operator()(void* block) const { std::free(block); }
  };

  static constexpr std::size_t bytes(std::size_t rows) { return rows * sizeof(Row); }

  void grow(std::size_t rows) {
    void* const old = block_.release();
    void* const block = std::realloc(old, bytes(rows) + kLine);
    block_.reset(block == nullptr ? old : block);
    if (block == nullptr) throw std::bad_alloc{};
    const std::size_t old_offset = offset_;
    offset_ = (kLine - reinterpret_cast<std::uintptr_t>(block) % kLine) % kLine;
    auto* const begin = static_cast<std::byte*>(block);
    if (size_ > 0 && offset_ != old_offset) {
      std::memmove(begin + offset_, begin + old_offset, bytes(size_));
    }
    rows_ = reinterpret_cast<Row*>(begin + offset_);
    capacity_ = rows;
  }

  std::unique_ptr<void, Free> block_;
  std::size_t offset_ = 0;  // of the first cache line in the block, where the rows begin
  Row* rows_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace orrery
