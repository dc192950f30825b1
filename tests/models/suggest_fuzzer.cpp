#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "orrery/models/result.hpp"

/// "Did you mean" on any bytes: it ends, offers at most three names, and only such as exist.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> kChoices = {"fgd",    "best-fit", "first-fit",
                                                    "random", "a",        ""};
  const std::string text(data, data + size);
  const std::vector<std::string> near = orrery::nearest(text, kChoices);
  if (near.size() > 3) std::abort();
  for (const std::string& name : near) {
    if (std::find(kChoices.begin(), kChoices.end(), name) == kChoices.end()) std::abort();
  }
  const orrery::Error error{
      .at = {.file = text, .line = size}, .found = text, .hint = orrery::suggest(text, kChoices)};
  if (orrery::to_string(error).empty()) std::abort();
  return 0;
}
