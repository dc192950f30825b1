#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/models/result.hpp"
#include "orrery/traces/byte_source.hpp"

namespace orrery::traces {

/// The longest line that a reader takes; a longer one is no trace but some other file.
inline constexpr std::size_t kLineBytesMax = std::size_t{16} << 20;

/// Splits a byte stream into lines without copying them. Lines end with LF or CRLF, the last one
/// also with the end; a byte order mark before the first is dropped.
class LineReader {
 public:
  explicit LineReader(std::unique_ptr<ByteSource> source);

  /// Moves to the next line; false at the end. An unreadable source and a line beyond
  /// kLineBytesMax are errors.
  Result<bool> next();
  /// The line without its end; valid until the next call of next() or append_next().
  [[nodiscard]] std::string_view line() const { return {buffer_.data() + begin_, length_}; }
  /// Appends the next line, with the line feed in between, to the present one: a quoted field
  /// went on. False, and no change, at the end.
  Result<bool> append_next();
  /// Number of the line, from 1; of its first part after append_next().
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const std::string& name() const { return source_->name(); }
  [[nodiscard]] std::string checksum() const { return source_->checksum(); }

 private:
  Result<bool> extend(std::size_t kept);
  void trim_carriage_return();

  std::unique_ptr<DigestingSource> source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;   ///< of the line
  std::size_t length_ = 0;  ///< of the line, without its end
  std::size_t next_ = 0;    ///< first byte after the line and its end
  std::size_t filled_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t joined_ = 0;  ///< lines appended to the present one
  bool is_done_ = false;      ///< the source has ended
};

}  // namespace orrery::traces
