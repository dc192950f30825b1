#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace orrery::orchestration {

/// Appends integers and texts to a buffer: unsigned ones as LEB128 (seven bits a byte, lowest
/// first, the top bit says that more follow), signed ones zigzagged before (0, -1, 1, -2, … become
/// 0, 1, 2, 3, …), texts with their length in bytes before them.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& buffer) : buffer_(buffer) {}

  void unsigned_integer(std::uint64_t value);
  void signed_integer(std::int64_t value);
  void text(std::string_view value);

 private:
  std::string& buffer_;
};

/// Reads what ByteWriter wrote, and nothing else: an integer in more bytes than it needs is an
/// error, so that equal values have equal bytes. After the first error every read gives zero or
/// nothing; whoever reads asks error() at the end of each record.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t unsigned_integer();
  [[nodiscard]] std::int64_t signed_integer();
  [[nodiscard]] std::string_view text();
  /// The number of elements that follow, each of at least one byte.
  [[nodiscard]] std::size_t length();

  [[nodiscard]] bool is_at_end() const { return at_ == bytes_.size(); }
  [[nodiscard]] std::size_t position() const { return at_; }

  /// Null while all is well.
  [[nodiscard]] const char* error() const { return error_; }
  void fail(const char* error) {
    if (error_ == nullptr) error_ = error;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  const char* error_ = nullptr;
};

}  // namespace orrery::orchestration
