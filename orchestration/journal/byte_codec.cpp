#include "orrery/orchestration/journal/byte_codec.hpp"

namespace orrery::orchestration {

void ByteWriter::unsigned_integer(std::uint64_t value) {
  while (value >= 0x80) {
    buffer_.push_back(static_cast<char>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  buffer_.push_back(static_cast<char>(value));
}

void ByteWriter::signed_integer(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  unsigned_integer((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void ByteWriter::text(std::string_view value) {
  unsigned_integer(value.size());
  buffer_.append(value);
}

std::uint64_t ByteReader::unsigned_integer() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; error_ == nullptr; shift += 7) {
    if (is_at_end()) {
      fail("the record is cut off");
      break;
    }
    const auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
    if (shift == 63 && byte > 1) {
      fail("an integer of more than 64 bits");
      break;
    }
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      if (byte == 0 && shift > 0) fail("an integer in more bytes than it needs");
      break;
    }
  }
  return error_ == nullptr ? value : 0;
}

std::int64_t ByteReader::signed_integer() {
  const std::uint64_t bits = unsigned_integer();
  return static_cast<std::int64_t>((bits >> 1) ^ ((bits & 1) != 0 ? ~std::uint64_t{0} : 0));
}

std::string_view ByteReader::text() {
  const std::size_t size = length();
  const std::string_view value = bytes_.substr(at_, size);
  at_ += size;
  return value;
}

std::size_t ByteReader::length() {
  const std::uint64_t length = unsigned_integer();
  if (length > bytes_.size() - at_) {
    fail("a length that reaches beyond the block");
    return 0;
  }
  return static_cast<std::size_t>(length);
}

}  // namespace orrery::orchestration
