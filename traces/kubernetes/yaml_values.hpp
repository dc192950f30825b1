#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/models/result.hpp"

namespace orrery::traces::kubernetes {

/// One document of a file, as a JSON value.
struct Document {
  nlohmann::json value;
  std::uint64_t number = 0;  ///< in the file, counted from 1
};

/// The documents of a YAML 1.1 stream as kubectl converts them to JSON: aliases and merge keys are
/// resolved, keys that are no text become text. Errors name the line: broken YAML, a key that is
/// there twice, aliases that grow beyond a million values.
[[nodiscard]] Result<std::vector<Document>> read_yaml(const std::string& text,
                                                      const std::string& file);

/// The line, counted from 1, of what a JSON pointer names in document `number`, or of the nearest
/// thing around it; 0 when there is no such document.
[[nodiscard]] std::uint64_t yaml_line(const std::string& text, std::uint64_t number,
                                      const std::string& pointer);

}  // namespace orrery::traces::kubernetes
