#include "orrery/traces/byte_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

namespace orrery::traces {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 17;

tl::unexpected<Error> broken(const std::string& name, std::string message, std::string hint = "") {
  return failure({.at = {.file = name, .line = 0, .field = "", .pointer = ""},
                  .message = std::move(message),
                  .found = "",
                  .expected = "",
                  .hint = std::move(hint)});
}

class FileSource final : public ByteSource {
 public:
  FileSource(std::FILE* file, std::string name) : file_(file), name_(std::move(name)) {}
  ~FileSource() override { std::fclose(file_); }

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    const std::size_t count = std::fread(buffer, 1, size, file_);
    if (count == 0 && std::ferror(file_) != 0) {
      return broken(name_, "cannot be read: " + std::generic_category().message(errno));
    }
    return count;
  }
  [[nodiscard]] const std::string& name() const override { return name_; }

 private:
  std::FILE* file_;
  std::string name_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::string content, std::string name)
      : content_(std::move(content)), name_(std::move(name)) {}

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    const std::size_t count = std::min(size, content_.size() - at_);
    std::memcpy(buffer, content_.data() + at_, count);
    at_ += count;
    return count;
  }
  [[nodiscard]] const std::string& name() const override { return name_; }

 private:
  std::string content_;
  std::string name_;
  std::size_t at_ = 0;
};

/// Compressed input in a buffer that begins with what was read to recognise the format.
struct Input {
  std::unique_ptr<ByteSource> source;
  std::vector<char> buffer = std::vector<char>(kBufferBytes);
  std::size_t at = 0;
  std::size_t end = 0;
  bool is_done = false;

  /// Reads more when all is used up.
  std::optional<Error> refill() {
    if (at < end || is_done) return std::nullopt;
    const Result<std::size_t> count = source->read(buffer.data(), buffer.size());
    if (!count) return count.error();
    at = 0;
    end = *count;
    is_done = *count == 0;
    return std::nullopt;
  }
  [[nodiscard]] bool is_empty() const { return at == end; }
  [[nodiscard]] bool starts_with(std::string_view magic) const {
    return end - at >= magic.size() && std::memcmp(&buffer[at], magic.data(), magic.size()) == 0;
  }
};

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(Input input) : input_(std::move(input)) {}

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    if (input_.is_empty()) return input_.source->read(buffer, size);
    const std::size_t count = std::min(size, input_.end - input_.at);
    std::memcpy(buffer, &input_.buffer[input_.at], count);
    input_.at += count;
    return count;
  }
  [[nodiscard]] const std::string& name() const override { return input_.source->name(); }

 private:
  Input input_;
};

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(Input input) : input_(std::move(input)) {
    constexpr int kGzipOnly = 16;
    is_ready_ = inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK;
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    if (!is_ready_) return broken(name(), "cannot be unpacked: no memory");
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, UINT32_MAX));
    const uInt room = stream_.avail_out;
    while (stream_.avail_out == room) {
      if (auto error = input_.refill()) return failure(*error);
      if (input_.is_empty() && is_between_) return std::size_t{0};
      if (input_.is_empty()) return broken(name(), "the gzip archive is cut off");
      if (auto error = step()) return failure(*error);
    }
    return room - stream_.avail_out;
  }
  [[nodiscard]] const std::string& name() const override { return input_.source->name(); }

 private:
  std::optional<Error> step() {
    stream_.next_in = reinterpret_cast<Bytef*>(&input_.buffer[input_.at]);
    stream_.avail_in = static_cast<uInt>(input_.end - input_.at);
    is_between_ = false;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    input_.at = input_.end - stream_.avail_in;
    if (status == Z_STREAM_END) {
      is_between_ = true;  // another member may follow
      inflateReset(&stream_);
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return broken(name(), fmt::format("the gzip archive is corrupt: {}",
                                        stream_.msg != nullptr ? stream_.msg : "bad data"))
          .value();
    }
    return std::nullopt;
  }

  Input input_;
  z_stream stream_{};
  bool is_ready_ = false;
  bool is_between_ = false;
};

class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(Input input) : input_(std::move(input)), context_(ZSTD_createDCtx()) {}
  ~ZstdSource() override { ZSTD_freeDCtx(context_); }

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    if (context_ == nullptr) return broken(name(), "cannot be unpacked: no memory");
    ZSTD_outBuffer out{buffer, size, 0};
    while (out.pos == 0) {
      if (auto error = input_.refill()) return failure(*error);
      // With the input used up, what the decoder still holds must be flushed first.
      const bool is_last = input_.is_empty();
      if (is_last && is_between_) return std::size_t{0};
      ZSTD_inBuffer in{input_.buffer.data(), input_.end, input_.at};
      const std::size_t status = ZSTD_decompressStream(context_, &out, &in);
      input_.at = in.pos;
      if (ZSTD_isError(status) != 0) {
        return broken(name(),
                      fmt::format("the zstd archive is corrupt: {}", ZSTD_getErrorName(status)));
      }
      is_between_ = status == 0;
      if (is_last && out.pos == 0 && !is_between_) {
        return broken(name(), "the zstd archive is cut off");
      }
    }
    return out.pos;
  }
  [[nodiscard]] const std::string& name() const override { return input_.source->name(); }

 private:
  Input input_;
  ZSTD_DCtx* context_;
  bool is_between_ = false;
};

Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> source) {
  Input input{.source = std::move(source)};
  if (auto error = input.refill()) return failure(*error);
  if (input.starts_with("\x1f\x8b")) return std::make_unique<GzipSource>(std::move(input));
  if (input.starts_with("\x28\xb5\x2f\xfd")) return std::make_unique<ZstdSource>(std::move(input));
  return std::make_unique<PlainSource>(std::move(input));
}

}  // namespace

Result<std::unique_ptr<ByteSource>> open_bytes(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return broken(path, "is a directory, not a file");
  }
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    return broken(path, "cannot be opened: " + std::generic_category().message(errno));
  }
  return unpacked(std::make_unique<FileSource>(file, path));
}

Result<std::unique_ptr<ByteSource>> bytes_of(std::string content, std::string name) {
  return unpacked(std::make_unique<MemorySource>(std::move(content), std::move(name)));
}

struct DigestingSource::State {
  XXH64_state_t* hash = XXH64_createState();
  State() { XXH64_reset(hash, 0); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { XXH64_freeState(hash); }
};

DigestingSource::DigestingSource(std::unique_ptr<ByteSource> inner)
    : inner_(std::move(inner)), state_(std::make_unique<State>()) {}

DigestingSource::~DigestingSource() = default;

Result<std::size_t> DigestingSource::read(char* buffer, std::size_t size) {
  Result<std::size_t> count = inner_->read(buffer, size);
  if (count) XXH64_update(state_->hash, buffer, *count);
  return count;
}

std::string DigestingSource::checksum() const {
  return fmt::format("xxh64:{:016x}", XXH64_digest(state_->hash));
}

}  // namespace orrery::traces
