#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace orrery::test {

/// The path of a public data set's file, or nothing when it is not on this machine. Looked for in
/// $ORRERY_SHARED/traces, then in ../shared/traces beside the source tree.
[[nodiscard]] inline std::optional<std::string> shared_trace(const std::string& file) {
  std::filesystem::path root = std::filesystem::path(ORRERY_SOURCE_DIR) / ".." / "shared";
  if (const char* const named = std::getenv("ORRERY_SHARED")) root = named;
  // A worktree lies one level deeper than the tree itself.
  for (const auto& base : {root, std::filesystem::path(ORRERY_SOURCE_DIR) / "../../shared"}) {
    std::error_code ignored;
    const std::filesystem::path path = base / "traces" / file;
    if (std::filesystem::exists(path, ignored)) return path.lexically_normal().string();
  }
  return std::nullopt;
}

}  // namespace orrery::test

/// Defines `path`, or skips the test and says why.
#define ORRERY_SHARED_TRACE(path, file)                                               \
  const std::optional<std::string> path##_found = ::orrery::test::shared_trace(file); \
  if (!path##_found) GTEST_SKIP() << "the data set is not here: " << (file);          \
  const std::string& path = *path##_found
