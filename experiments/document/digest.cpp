#include "orrery/experiments/document/digest.hpp"

#include <array>
#include <fstream>

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace orrery::experiments {
namespace {

std::string text_of(XXH128_hash_t hash) {
  return fmt::format("xxh3:{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace

std::string digest(std::string_view content) {
  return text_of(XXH3_128bits(content.data(), content.size()));
}

Result<std::string> digest_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return failure({.at = {.file = path}, .message = "cannot open this file"});
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  std::array<char, 1 << 16> buffer;
  while (file.read(buffer.data(), buffer.size()), file.gcount() > 0) {
    XXH3_128bits_update(&state, buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return failure({.at = {.file = path}, .message = "cannot read this file"});
  return text_of(XXH3_128bits_digest(&state));
}

}  // namespace orrery::experiments
