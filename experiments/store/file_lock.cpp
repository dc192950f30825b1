#include "orrery/experiments/store/file_lock.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace orrery::experiments {
namespace {

Error cannot_open(const std::string& path, int reason) {
  Error error{.at = {.file = path},
              .message = std::string("cannot open for writing: ") + std::strerror(reason)};
  if (reason == ENOENT)
    error.hint = "its directory does not exist: create it, or name another file";
  if (reason == EACCES || reason == EROFS) error.hint = "name a file that you may write to";
  return error;
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return failure(cannot_open(path, errno));
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return failure({.at = {.file = path},
                    .message = "another orrery run is writing to this file",
                    .hint = "wait until it has finished, or name another file"});
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace orrery::experiments
