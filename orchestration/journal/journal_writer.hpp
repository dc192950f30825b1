#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"
#include "orrery/orchestration/journal/block_file.hpp"
#include "orrery/orchestration/journal/journal_header.hpp"
#include "orrery/orchestration/journal/journal_record.hpp"

namespace orrery::orchestration {

/// Writes a journal as it happens. Records are gathered in a block that is compressed and flushed
/// when it is full; what was flushed can be read even if the process is killed. Memory is bounded
/// by the block. What goes wrong (a full disk) ends the writing, never the run: ask close().
class JournalWriter {
 public:
  /// Writes the file anew, over one that is there.
  [[nodiscard]] static Result<std::unique_ptr<JournalWriter>> create(const std::string& path,
                                                                     const JournalHeader& header);
  /// `out` must outlive the writer; `name` is for errors.
  JournalWriter(std::ostream& out, std::string name, const JournalHeader& header);
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;
  /// Leaves a prefix that can be read: without close() the journal counts as cut off.
  ~JournalWriter();

  void write(const JournalRecord& record);
  /// Closes the block early: a live scheduler does this now and then.
  void flush();
  /// Flushes and sets the end mark. Errors: the first thing that went wrong since the beginning.
  [[nodiscard]] Result<void> close();

  [[nodiscard]] std::uint64_t records() const { return records_; }

 private:
  JournalWriter(std::unique_ptr<std::ostream> file, std::string name, const JournalHeader& header);

  std::unique_ptr<std::ostream> file_;  // when the writer opened it
  BlockWriter blocks_;
  std::string buffer_;
  Time previous_;  // of the last record in the block
  std::uint64_t records_ = 0;
  bool is_closed_ = false;
};

}  // namespace orrery::orchestration
