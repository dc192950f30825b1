#pragma once

#include <string>

#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// An advisory lock (flock) on a results file, so that no two commands write to it at once. Readers
/// take none. It must outlive every SQLite connection to the file in this process: closing any
/// descriptor of a file drops the POSIX locks that SQLite holds on it.
class FileLock {
 public:
  /// Opens (and creates, when absent) and locks `path`. An error when another process holds it.
  [[nodiscard]] static Result<FileLock> acquire(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace orrery::experiments
