#include "orrery/orchestration/journal/block_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <istream>
#include <ostream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

namespace orrery::orchestration {
namespace {

/// As in PNG: a byte that is not text, a name, and line ends that a transfer as text would change.
constexpr std::string_view kMagic{"\x8fORJ\r\n\x1a\n", 8};

constexpr int kCompressionLevel = 3;
constexpr std::size_t kReadBytes = std::size_t{1} << 16;

/// What lies before the packed bytes of a block: kind, sizes and checksum, little-endian.
struct Frame {
  static constexpr std::size_t kSize = 1 + 4 + 4 + 8;
  static constexpr std::size_t kCheckedSize = 1 + 4 + 4;

  std::uint8_t kind = 0;
  std::uint32_t packed_size = 0;
  std::uint32_t content_size = 0;
  std::uint64_t checksum = 0;
};

template <class T>
void put_little_endian(char* to, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    to[i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

template <class T>
T take_little_endian(const char* from) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(static_cast<T>(static_cast<std::uint8_t>(from[i])) << (8 * i));
  }
  return value;
}

using FrameBytes = std::array<char, Frame::kSize>;

FrameBytes bytes_of(const Frame& frame) {
  FrameBytes bytes{};
  bytes[0] = static_cast<char>(frame.kind);
  put_little_endian(&bytes[1], frame.packed_size);
  put_little_endian(&bytes[5], frame.content_size);
  put_little_endian(&bytes[9], frame.checksum);
  return bytes;
}

Frame frame_of(const FrameBytes& bytes) {
  return {.kind = static_cast<std::uint8_t>(bytes[0]),
          .packed_size = take_little_endian<std::uint32_t>(&bytes[1]),
          .content_size = take_little_endian<std::uint32_t>(&bytes[5]),
          .checksum = take_little_endian<std::uint64_t>(&bytes[9])};
}

/// Seeded by the block's number, so that a block in a wrong place is found out too.
std::uint64_t checksum_of(const FrameBytes& frame, std::string_view packed, std::uint64_t number) {
  XXH64_state_t state;
  XXH64_reset(&state, number);
  XXH64_update(&state, frame.data(), Frame::kCheckedSize);
  XXH64_update(&state, packed.data(), packed.size());
  return XXH64_digest(&state);
}

}  // namespace

struct BlockWriter::Compressor {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ~Compressor() { ZSTD_freeCCtx(context); }
};

BlockWriter::BlockWriter(std::ostream& out, std::string name)
    : out_(out), name_(std::move(name)), compressor_(std::make_unique<Compressor>()) {
  std::array<char, 4> version{};
  put_little_endian(version.data(), kJournalVersion);
  out_.write(kMagic.data(), kMagic.size());
  out_.write(version.data(), version.size());
}

BlockWriter::~BlockWriter() = default;

void BlockWriter::fail(std::string message) {
  if (!error_) error_ = Error{.at = {.file = name_}, .message = std::move(message)};
}

void BlockWriter::write(BlockKind kind, std::string_view content) {
  if (error_) return;
  if (content.size() > kBlockBytesMax) {
    return fail(fmt::format("a record of {} bytes is larger than the {} that a block may hold",
                            content.size(), kBlockBytesMax));
  }
  packed_.resize(ZSTD_compressBound(content.size()));
  const std::size_t size = ZSTD_compressCCtx(compressor_->context, packed_.data(), packed_.size(),
                                             content.data(), content.size(), kCompressionLevel);
  if (ZSTD_isError(size) != 0) return fail(ZSTD_getErrorName(size));
  packed_.resize(size);
  Frame frame{.kind = static_cast<std::uint8_t>(kind),
              .packed_size = static_cast<std::uint32_t>(size),
              .content_size = static_cast<std::uint32_t>(content.size())};
  frame.checksum = checksum_of(bytes_of(frame), packed_, blocks_++);
  const FrameBytes bytes = bytes_of(frame);
  errno = 0;
  out_.write(bytes.data(), bytes.size());
  out_.write(packed_.data(), static_cast<std::streamsize>(packed_.size()));
  if (!out_.flush()) {
    fail(errno == 0 ? "cannot be written"
                    : "cannot be written: " + std::generic_category().message(errno));
  }
}

struct BlockReader::Decompressor {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  Decompressor() = default;
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  ~Decompressor() { ZSTD_freeDCtx(context); }
};

BlockReader::BlockReader(std::istream& in, std::string name)
    : in_(in), name_(std::move(name)), decompressor_(std::make_unique<Decompressor>()) {}

BlockReader::~BlockReader() = default;

Error BlockReader::error_at(std::uint64_t block, std::string message, std::string hint) const {
  return {.at = {.file = name_},
          .message = fmt::format("block {} (at byte {}): {}", block, block_offset_, message),
          .hint = std::move(hint)};
}

Error BlockReader::error_in_block(std::string message) const {
  return error_at(blocks_ - 1, std::move(message));
}

tl::unexpected<Error> BlockReader::cut_off() {
  is_cut_off_ = true;
  return failure(error_at(blocks_, "the file is cut off",
                          "the blocks before it can be read; was the writer killed?"));
}

tl::unexpected<Error> BlockReader::corrupt(std::string message) const {
  return failure(error_at(blocks_, std::move(message), "the blocks before it can be read"));
}

Result<void> BlockReader::open() {
  std::array<char, 12> start{};
  in_.read(start.data(), start.size());
  const auto count = static_cast<std::size_t>(in_.gcount());
  offset_ = count;
  const std::string_view magic{start.data(), std::min(count, kMagic.size())};
  if (magic.empty() || magic != kMagic.substr(0, magic.size())) {
    return failure({.at = {.file = name_}, .message = "is not a decision journal"});
  }
  if (count < start.size()) {
    is_cut_off_ = true;
    return failure({.at = {.file = name_}, .message = "the file is cut off in its first bytes"});
  }
  const auto version = take_little_endian<std::uint32_t>(&start[kMagic.size()]);
  if (version == kJournalVersion) return {};
  const bool is_newer = version > kJournalVersion;
  return failure({.at = {.file = name_},
                  .message = "journal format",
                  .found = fmt::format("version {}", version),
                  .expected = fmt::format("version {}", kJournalVersion),
                  .hint = is_newer ? "a newer orrery wrote it: read it with that one" : ""});
}

bool BlockReader::read_packed(std::size_t size) {
  packed_.clear();
  while (packed_.size() < size) {
    // Bit by bit, so that a size that is a lie costs no more memory than there are bytes.
    const std::size_t had = packed_.size();
    packed_.resize(std::min(size, had + kReadBytes));
    in_.read(&packed_[had], static_cast<std::streamsize>(packed_.size() - had));
    offset_ += static_cast<std::uint64_t>(in_.gcount());
    if (static_cast<std::size_t>(in_.gcount()) < packed_.size() - had) return false;
  }
  return true;
}

Result<bool> BlockReader::next(Block& block) {
  block_offset_ = offset_;
  FrameBytes bytes{};
  in_.read(bytes.data(), bytes.size());
  offset_ += static_cast<std::uint64_t>(in_.gcount());
  if (in_.bad()) return corrupt("cannot be read");
  if (in_.gcount() == 0) return false;
  if (static_cast<std::size_t>(in_.gcount()) < bytes.size()) return cut_off();
  const Frame frame = frame_of(bytes);
  if (frame.packed_size > ZSTD_COMPRESSBOUND(kBlockBytesMax) ||
      frame.content_size > kBlockBytesMax) {
    return corrupt("is corrupt: it claims to be larger than a block may be");
  }
  if (!read_packed(frame.packed_size)) return cut_off();
  if (checksum_of(bytes, packed_, blocks_) != frame.checksum) {
    return corrupt("is corrupt: its checksum does not match");
  }
  block.content.resize(frame.content_size);
  const std::size_t size =
      ZSTD_decompressDCtx(decompressor_->context, block.content.data(), block.content.size(),
                          packed_.data(), packed_.size());
  if (ZSTD_isError(size) != 0 || size != frame.content_size) {
    return corrupt("is corrupt: it cannot be decompressed");
  }
  switch (static_cast<BlockKind>(frame.kind)) {
    case BlockKind::Header:
    case BlockKind::Records:
    case BlockKind::End:
      block.kind = static_cast<BlockKind>(frame.kind);
      ++blocks_;
      return true;
  }
  return corrupt(fmt::format("is of an unknown kind ({})", frame.kind));
}

}  // namespace orrery::orchestration
