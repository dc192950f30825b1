#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "orrery/orchestration/journal/record_codec.hpp"

/// Any bytes as the content of a block: decoding ends, and what could be decoded gives the same
/// bytes when it is encoded again, because every value has one encoding only.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  const std::string bytes(data, data + size);
  orchestration::ByteReader reader{bytes};
  std::string again;
  Time previous = kTimeZero;
  while (!reader.is_at_end()) {
    const orchestration::JournalRecord record = orchestration::decode(reader, previous);
    if (reader.error() != nullptr) break;
    orchestration::encode(record, previous, again);
    previous = record.at;
    if (std::string_view{bytes}.substr(0, reader.position()) != again) std::abort();
  }
  return 0;
}
