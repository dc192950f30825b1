#pragma once

#include <string>
#include <string_view>

#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// "xxh3:" and the 128-bit XXH3 hash in hexadecimal, as `xxhsum -H2` prints it. Tells contents
/// apart; not meant against forgery.
[[nodiscard]] std::string digest(std::string_view content);
/// Of a file's bytes as stored (compressed files are not unpacked).
[[nodiscard]] Result<std::string> digest_file(const std::string& path);

}  // namespace orrery::experiments
