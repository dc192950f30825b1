#include "orrery/orchestration/journal/journal_writer.hpp"

#include <cerrno>
#include <fstream>
#include <ostream>
#include <system_error>
#include <utility>

#include "orrery/models/check.hpp"
#include "orrery/orchestration/journal/byte_codec.hpp"
#include "orrery/orchestration/journal/record_codec.hpp"

namespace orrery::orchestration {
namespace {

/// A block is closed when it holds this much: large enough to compress well, small enough that
/// little is lost when the process is killed.
constexpr std::size_t kBlockBytes = std::size_t{1} << 18;

}  // namespace

Result<std::unique_ptr<JournalWriter>> JournalWriter::create(const std::string& path,
                                                             const JournalHeader& header) {
  errno = 0;
  auto file = std::make_unique<std::ofstream>(path, std::ios::binary | std::ios::trunc);
  if (!*file) {
    return failure({.at = {.file = path},
                    .message = "cannot be written: " + std::generic_category().message(errno)});
  }
  std::unique_ptr<JournalWriter> writer{new JournalWriter(std::move(file), path, header)};
  if (writer->blocks_.error()) return failure(*writer->blocks_.error());
  return writer;
}

JournalWriter::JournalWriter(std::unique_ptr<std::ostream> file, std::string name,
                             const JournalHeader& header)
    : JournalWriter(*file, std::move(name), header) {
  // NOLINTNEXTLINE(cppcoreguidelines-prefer-member-initializer): a delegating constructor has none
  file_ = std::move(file);
}

JournalWriter::JournalWriter(std::ostream& out, std::string name, const JournalHeader& header)
    : blocks_(out, std::move(name)) {
  blocks_.write(BlockKind::Header, header_to_json(header));
  buffer_.reserve(kBlockBytes + kBlockBytes / 4);
}

JournalWriter::~JournalWriter() { flush(); }

void JournalWriter::write(const JournalRecord& record) {
  ORRERY_CHECK(!is_closed_, "a closed journal takes no more records");
  if (blocks_.error()) return;
  encode(record, previous_, buffer_);
  previous_ = record.at;
  ++records_;
  if (buffer_.size() >= kBlockBytes) flush();
}

void JournalWriter::flush() {
  if (buffer_.empty()) return;
  blocks_.write(BlockKind::Records, buffer_);
  buffer_.clear();
  previous_ = kTimeZero;  // each block can be read by itself
}

Result<void> JournalWriter::close() {
  if (!is_closed_) {
    flush();
    std::string totals;
    ByteWriter{totals}.unsigned_integer(records_);
    blocks_.write(BlockKind::End, totals);
    is_closed_ = true;
  }
  if (blocks_.error()) return failure(*blocks_.error());
  return {};
}

}  // namespace orrery::orchestration
