#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/models/result.hpp"

/// The outer layer of a journal: a magic number, the version, and checksummed, compressed blocks
/// (docs/journal-format.md). What the blocks hold is no concern of this file.
namespace orrery::orchestration {

/// The version of the format that is written, and the newest that is read.
inline constexpr std::uint32_t kJournalVersion = 2;
/// The most bytes that one block may hold before compression: bounds what a reader needs.
inline constexpr std::size_t kBlockBytesMax = std::size_t{1} << 24;

enum class BlockKind : std::uint8_t { Header = 'H', Records = 'R', End = 'E' };

/// Writes blocks one after another. After an error nothing more is written.
class BlockWriter {
 public:
  /// Writes magic number and version. `out` must outlive the writer; `name` is for errors.
  BlockWriter(std::ostream& out, std::string name);
  BlockWriter(const BlockWriter&) = delete;
  BlockWriter& operator=(const BlockWriter&) = delete;
  ~BlockWriter();

  /// Compresses `content`, writes it and flushes the stream.
  void write(BlockKind kind, std::string_view content);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// The first thing that went wrong.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  void fail(std::string message);

 private:
  struct Compressor;

  std::ostream& out_;
  std::string name_;
  std::unique_ptr<Compressor> compressor_;
  std::string packed_;
  std::uint64_t blocks_ = 0;
  std::optional<Error> error_;
};

struct Block {
  BlockKind kind = BlockKind::End;
  std::string content;
};

/// Reads what BlockWriter wrote. Any bytes give blocks or an error that names the file and the
/// block, in memory bounded by kBlockBytesMax.
class BlockReader {
 public:
  BlockReader(std::istream& in, std::string name);
  BlockReader(const BlockReader&) = delete;
  BlockReader& operator=(const BlockReader&) = delete;
  ~BlockReader();

  /// Checks magic number and version; comes first.
  [[nodiscard]] Result<void> open();
  /// The next block; false at the end of the file. `block` keeps its memory from call to call.
  [[nodiscard]] Result<bool> next(Block& block);

  /// Did the last error come from the file ending in the middle of something?
  [[nodiscard]] bool is_cut_off() const { return is_cut_off_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Blocks read so far; the last one has the number blocks() - 1.
  [[nodiscard]] std::uint64_t blocks() const { return blocks_; }
  /// An error in the block that was read last.
  [[nodiscard]] Error error_in_block(std::string message) const;

 private:
  struct Decompressor;

  Error error_at(std::uint64_t block, std::string message, std::string hint = "") const;
  [[nodiscard]] tl::unexpected<Error> cut_off();
  [[nodiscard]] tl::unexpected<Error> corrupt(std::string message) const;
  bool read_packed(std::size_t size);

  std::istream& in_;
  std::string name_;
  std::unique_ptr<Decompressor> decompressor_;
  std::string packed_;
  std::uint64_t blocks_ = 0;
  std::uint64_t offset_ = 0;        // of the next byte in the file
  std::uint64_t block_offset_ = 0;  // where the block begins that is being read
  bool is_cut_off_ = false;
};

}  // namespace orrery::orchestration
