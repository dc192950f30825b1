#include "orrery/orchestration/journal/journal_reader.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <istream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "orrery/orchestration/journal/record_codec.hpp"

namespace orrery::orchestration {

Result<std::unique_ptr<JournalReader>> JournalReader::open(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return failure({.at = {.file = path}, .message = "is a directory, not a file"});
  }
  errno = 0;
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*file) {
    return failure({.at = {.file = path},
                    .message = "cannot be opened: " + std::generic_category().message(errno)});
  }
  auto reader = from(*file, path);
  if (reader) (*reader)->file_ = std::move(file);
  return reader;
}

Result<std::unique_ptr<JournalReader>> JournalReader::from(std::istream& in, std::string name) {
  std::unique_ptr<JournalReader> reader{new JournalReader(in, std::move(name))};
  if (auto read = reader->read_header(); !read) return failure(std::move(read.error()));
  return reader;
}

JournalReader::JournalReader(std::istream& in, std::string name) : blocks_(in, std::move(name)) {}

JournalReader::~JournalReader() = default;

Result<void> JournalReader::read_header() {
  if (auto opened = blocks_.open(); !opened) return opened;
  const Result<bool> has_block = blocks_.next(block_);
  if (!has_block) return failure(has_block.error());
  if (!*has_block) {
    return failure({.at = {.file = name()}, .message = "the journal has no header"});
  }
  if (block_.kind != BlockKind::Header) {
    return failure(blocks_.error_in_block("the header should be here"));
  }
  auto header = header_from_json(block_.content, {.file = name()});
  if (!header) return failure(std::move(header.error()));
  header_ = std::move(*header);
  return {};
}

Result<bool> JournalReader::next_block() {
  Result<bool> has_block = blocks_.next(block_);
  if (!has_block) return has_block;
  if (!*has_block) {
    is_cut_off_ = true;
    return failure(
        {.at = {.file = name()},
         .message = fmt::format("the journal ends after block {} ({} records) without its end mark",
                                blocks_.blocks() - 1, records_),
         .hint = "what is there can be read; was the writer killed?"});
  }
  bytes_ = ByteReader{block_.content};
  switch (block_.kind) {
    case BlockKind::Header:
      return failure(blocks_.error_in_block("a second header"));
    case BlockKind::Records:
      previous_ = kTimeZero;
      return true;
    case BlockKind::End:
      return finish();
  }
  return failure(blocks_.error_in_block("a block of an unknown kind"));
}

Result<bool> JournalReader::finish() {
  const std::uint64_t total = bytes_.unsigned_integer();
  if (bytes_.error() != nullptr || !bytes_.is_at_end()) {
    return failure(blocks_.error_in_block("the end mark is malformed"));
  }
  if (total != records_) {
    return failure(blocks_.error_in_block(
        fmt::format("the end mark counts {} records, but there are {}", total, records_)));
  }
  Result<bool> has_more = blocks_.next(block_);
  if (!has_more) return has_more;
  if (*has_more) return failure(blocks_.error_in_block("it lies after the end mark"));
  is_finished_ = true;
  return false;
}

Result<bool> JournalReader::next(JournalRecord& record) {
  if (is_finished_) return false;
  while (bytes_.is_at_end()) {
    Result<bool> has_more = next_block();
    if (!has_more || !*has_more) return has_more;
  }
  const std::size_t position = bytes_.position();
  record = decode(bytes_, previous_);
  if (bytes_.error() != nullptr) {
    return failure(blocks_.error_in_block(fmt::format("record {} (at byte {} of the block): {}",
                                                      records_ + 1, position, bytes_.error())));
  }
  previous_ = record.at;
  ++records_;
  return true;
}

}  // namespace orrery::orchestration
