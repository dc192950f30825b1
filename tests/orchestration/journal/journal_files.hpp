#pragma once

#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "orrery/orchestration/journal/journal_reader.hpp"
#include "orrery/orchestration/journal/journal_writer.hpp"

namespace orrery::test {

/// The bytes of a journal that was closed as it should be.
inline std::string journal_of(const std::vector<orchestration::JournalRecord>& records,
                              const orchestration::JournalHeader& header = {
                                  .policy_json = R"("first-fit")"}) {
  std::ostringstream out;
  orchestration::JournalWriter writer(out, "out", header);
  for (const orchestration::JournalRecord& record : records) writer.write(record);
  if (const auto closed = writer.close(); !closed)
    throw std::runtime_error(to_string(closed.error()));
  return out.str();
}

/// All that can be read of a journal, and what stopped it.
struct Contents {
  orchestration::JournalHeader header;
  std::vector<orchestration::JournalRecord> records;
  std::optional<Error> error;
  bool is_cut_off = false;
};

inline Contents contents_of(const std::string& bytes) {
  std::istringstream in(bytes);
  auto reader = orchestration::JournalReader::from(in, "run.journal");
  if (!reader) return {.header = {}, .records = {}, .error = reader.error()};
  Contents contents{.header = (*reader)->header()};
  orchestration::JournalRecord record;
  while (true) {
    const Result<bool> has_record = (*reader)->next(record);
    if (!has_record) contents.error = has_record.error();
    if (!has_record) contents.is_cut_off = (*reader)->is_cut_off();
    if (!has_record || !*has_record) return contents;
    contents.records.push_back(record);
  }
}

}  // namespace orrery::test
