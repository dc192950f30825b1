#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "orrery/models/result.hpp"

namespace orrery::traces {

/// A stream of bytes: one file's, one archive's or a piece of memory's.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  /// Writes up to `size` (> 0) bytes to `buffer` and says how many; 0 only at the end. A broken or
  /// truncated archive is an error that names the file.
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;
  /// The path, or the name of a piece of memory; for error messages.
  [[nodiscard]] virtual const std::string& name() const = 0;
};

/// The bytes of a file. gzip (RFC 1952) and Zstandard (RFC 8878) archives are known by their first
/// bytes, whatever the file is called, and come out uncompressed; so do several joined archives.
[[nodiscard]] Result<std::unique_ptr<ByteSource>> open_bytes(const std::string& path);
/// As open_bytes(), of bytes in memory.
[[nodiscard]] Result<std::unique_ptr<ByteSource>> bytes_of(std::string content, std::string name);

/// Counts and digests what passes through, for provenance.
class DigestingSource final : public ByteSource {
 public:
  explicit DigestingSource(std::unique_ptr<ByteSource> inner);
  ~DigestingSource() override;

  Result<std::size_t> read(char* buffer, std::size_t size) override;
  [[nodiscard]] const std::string& name() const override { return inner_->name(); }
  /// XXH64 of the uncompressed bytes read so far, as "xxh64:0123456789abcdef".
  [[nodiscard]] std::string checksum() const;

 private:
  struct State;
  std::unique_ptr<ByteSource> inner_;
  std::unique_ptr<State> state_;
};

}  // namespace orrery::traces
