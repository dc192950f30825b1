#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace orrery::test {

/// A path for a file called `name` that no other test process uses, however many run at once; the
/// folder it lies in is removed when the process ends.
inline std::string scratch_path(std::string_view name) {
  struct Folder {
    Folder() {
      std::string pattern = (std::filesystem::temp_directory_path() / "orrery-XXXXXX").string();
      path = ::mkdtemp(pattern.data());
    }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
  };
  static const Folder folder;
  return (folder.path / name).string();
}

}  // namespace orrery::test
