#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/orchestration/journal/block_file.hpp"
#include "orrery/orchestration/journal/byte_codec.hpp"
#include "orrery/orchestration/journal/journal_header.hpp"
#include "orrery/orchestration/journal/journal_record.hpp"

namespace orrery::orchestration {

/// Reads a journal record by record, in the memory of one block. Any bytes give records or an error
/// that names the file and the block; records are handed out only from blocks whose checksum holds.
class JournalReader {
 public:
  /// Opens the file and reads its header.
  [[nodiscard]] static Result<std::unique_ptr<JournalReader>> open(const std::string& path);
  /// As open(), of a stream that must outlive the reader; `name` is for errors.
  [[nodiscard]] static Result<std::unique_ptr<JournalReader>> from(std::istream& in,
                                                                   std::string name);
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;
  ~JournalReader();

  [[nodiscard]] const JournalHeader& header() const { return header_; }
  /// The next record; false after the last one of a journal that was closed. One that was not is an
  /// error when its records are used up.
  [[nodiscard]] Result<bool> next(JournalRecord& record);

  /// Was the last error that the journal ends before it is complete, as after a killed writer? The
  /// records up to there are good.
  [[nodiscard]] bool is_cut_off() const { return is_cut_off_ || blocks_.is_cut_off(); }
  /// Records read so far.
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] const std::string& name() const { return blocks_.name(); }

 private:
  explicit JournalReader(std::istream& in, std::string name);

  [[nodiscard]] Result<void> read_header();
  [[nodiscard]] Result<bool> next_block();
  [[nodiscard]] Result<bool> finish();

  std::unique_ptr<std::istream> file_;  // when the reader opened it
  BlockReader blocks_;
  JournalHeader header_;
  Block block_;
  ByteReader bytes_{{}};
  Time previous_;
  std::uint64_t records_ = 0;
  bool is_cut_off_ = false;
  bool is_finished_ = false;
};

}  // namespace orrery::orchestration
