#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "orrery/orchestration/journal/journal_header.hpp"

/// Any bytes as a journal's header: an error, or a header that is the same after being written and
/// read once more.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery::orchestration;
  const auto header = header_from_json(std::string(data, data + size), {.file = "fuzzed"});
  if (!header) {
    if (header.error().at.file != "fuzzed") std::abort();
    return 0;
  }
  if (header->orrery_version.empty()) return 0;  // the writer's version takes its place
  const auto again = header_from_json(header_to_json(*header), {.file = "again"});
  if (!again || *again != *header) std::abort();
  return 0;
}
