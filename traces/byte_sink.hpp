#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/models/result.hpp"

namespace orrery::traces {

/// Where bytes go to: a file or memory.
class ByteSink {
 public:
  ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  virtual ~ByteSink() = default;

  /// Nothing, or why the bytes could not be written.
  virtual std::optional<Error> write(std::string_view bytes) = 0;
  /// Completes the file; nothing is lost or half-written under its name until then.
  virtual std::optional<Error> close() = 0;
};

/// A file, compressed if its name ends in ".gz" or ".zst". The bytes go to PATH.part, which close()
/// renames to PATH; without close() it is removed.
[[nodiscard]] Result<std::unique_ptr<ByteSink>> create_file(const std::string& path);
/// Appends to `text`, which must outlive the sink.
[[nodiscard]] std::unique_ptr<ByteSink> append_to(std::string& text);

}  // namespace orrery::traces
