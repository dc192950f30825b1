#include "orrery/traces/line_reader.hpp"

#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace orrery::traces {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 16;

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteSource> source)
    : source_(std::make_unique<DigestingSource>(std::move(source))), buffer_(2 * kChunkBytes) {}

Result<bool> LineReader::next() {
  number_ += 1 + joined_;
  joined_ = 0;
  begin_ = next_;
  length_ = 0;
  Result<bool> found = extend(0);
  if (!found || !*found) return found;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (number_ == 1 && line().starts_with(kByteOrderMark)) {
    begin_ += kByteOrderMark.size();
    length_ -= kByteOrderMark.size();
  }
  trim_carriage_return();
  return true;
}

Result<bool> LineReader::append_next() {
  const std::size_t before = length_;
  length_ = next_ - begin_;
  Result<bool> found = extend(length_);
  if (!found) return found;
  if (!*found) {
    length_ = before;
    return false;
  }
  ++joined_;
  trim_carriage_return();
  return true;
}

/// Extends the line to the next line feed after the `kept` bytes of it, reading as needed; false
/// when nothing follows them.
Result<bool> LineReader::extend(std::size_t kept) {
  std::size_t scanned = kept;
  for (;;) {
    const char* const from = buffer_.data() + begin_ + scanned;
    const std::size_t left = filled_ - begin_ - scanned;
    if (const void* const feed = left > 0 ? std::memchr(from, '\n', left) : nullptr) {
      length_ = static_cast<std::size_t>(static_cast<const char*>(feed) - buffer_.data()) - begin_;
      next_ = begin_ + length_ + 1;
      return true;
    }
    if (is_done_) {
      if (filled_ - begin_ == kept) return false;
      length_ = filled_ - begin_;
      next_ = filled_;
      return true;
    }
    scanned += left;
    if (scanned > kLineBytesMax) {
      return failure({.at = {.file = name(), .line = number_, .field = "", .pointer = ""},
                      .message = fmt::format("a line is longer than {} MiB", kLineBytesMax >> 20),
                      .found = "",
                      .expected = "a text file of rows",
                      .hint = ""});
    }
    std::memmove(buffer_.data(), buffer_.data() + begin_, filled_ - begin_);
    filled_ -= begin_;
    next_ -= begin_;
    begin_ = 0;
    if (buffer_.size() - filled_ < kChunkBytes) buffer_.resize(buffer_.size() * 2);
    const Result<std::size_t> count =
        source_->read(buffer_.data() + filled_, buffer_.size() - filled_);
    if (!count) return failure(count.error());
    is_done_ = *count == 0;
    filled_ += *count;
  }
}

void LineReader::trim_carriage_return() {
  if (length_ > 0 && buffer_[begin_ + length_ - 1] == '\r') --length_;
}

}  // namespace orrery::traces
