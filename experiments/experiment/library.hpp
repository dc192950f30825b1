#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace orrery::experiments {

/// An experiment of experiments/library/, embedded in the program.
struct LibraryEntry {
  std::string_view name;  ///< "quickstart"
  std::string_view text;  ///< the document
};

[[nodiscard]] std::span<const LibraryEntry> library();
[[nodiscard]] std::optional<LibraryEntry> find_in_library(std::string_view name);

/// The JSON Schema of experiment documents (experiments/schema/experiment.schema.json).
[[nodiscard]] std::string_view document_schema();

}  // namespace orrery::experiments
