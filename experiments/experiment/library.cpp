#include "orrery/experiments/experiment/library.hpp"

namespace orrery::experiments {

std::optional<LibraryEntry> find_in_library(std::string_view name) {
  for (const LibraryEntry& entry : library()) {
    if (entry.name == name) return entry;
  }
  return std::nullopt;
}

}  // namespace orrery::experiments
