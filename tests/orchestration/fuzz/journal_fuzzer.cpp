#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "orrery/orchestration/journal/journal_reader.hpp"

/// Any bytes as a journal: reading ends, in records or in an error that names the file. What the
/// checksums keep out of here, journal_record_fuzzer and journal_header_fuzzer see.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  std::istringstream in(std::string(data, data + size));
  const auto reader = orchestration::JournalReader::from(in, "fuzzed");
  if (!reader) {
    if (reader.error().at.file != "fuzzed") std::abort();
    return 0;
  }
  orchestration::JournalRecord record;
  while (true) {
    const Result<bool> has_record = (*reader)->next(record);
    if (!has_record && has_record.error().at.file != "fuzzed") std::abort();
    if (!has_record || !*has_record) return 0;
  }
}
