#include "orrery/traces/byte_sink.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

namespace orrery::traces {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 17;

Error unwritable(const std::string& path, const std::string& why) {
  return {.at = {.file = path, .line = 0, .field = "", .pointer = ""},
          .message = "cannot be written: " + why,
          .found = "",
          .expected = "",
          .hint = ""};
}

class MemorySink final : public ByteSink {
 public:
  explicit MemorySink(std::string& text) : text_(text) {}
  std::optional<Error> write(std::string_view bytes) override {
    text_ += bytes;
    return std::nullopt;
  }
  std::optional<Error> close() override { return std::nullopt; }

 private:
  std::string& text_;
};

class FileSink final : public ByteSink {
 public:
  FileSink(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}
  ~FileSink() override {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove(part_path(path_).c_str());
  }

  static std::string part_path(const std::string& path) { return path + ".part"; }

  std::optional<Error> write(std::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return std::nullopt;
    return unwritable(path_, std::generic_category().message(errno));
  }
  std::optional<Error> close() override {
    const bool is_closed = std::fclose(std::exchange(file_, nullptr)) == 0;
    if (is_closed && std::rename(part_path(path_).c_str(), path_.c_str()) == 0) return std::nullopt;
    Error error = unwritable(path_, std::generic_category().message(errno));
    std::remove(part_path(path_).c_str());
    return error;
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::FILE* file_;
  std::string path_;
};

class GzipSink final : public ByteSink {
 public:
  explicit GzipSink(std::unique_ptr<FileSink> file) : file_(std::move(file)) {
    constexpr int kGzipOnly = 16;
    constexpr int kMemoryLevel = 8;
    is_ready_ = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzipOnly,
                             kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipSink() override { deflateEnd(&stream_); }

  std::optional<Error> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const std::string_view part = bytes.substr(0, std::numeric_limits<uInt>::max() / 2);
      if (auto error = deflate_all(part, Z_NO_FLUSH)) return error;
      bytes.remove_prefix(part.size());
    }
    return std::nullopt;
  }
  std::optional<Error> close() override {
    if (auto error = deflate_all({}, Z_FINISH)) return error;
    return file_->close();
  }

 private:
  std::optional<Error> deflate_all(std::string_view bytes, int flush) {
    if (!is_ready_) return unwritable(file_->path(), "no memory");
    std::vector<char> copy(bytes.begin(), bytes.end());
    stream_.next_in = reinterpret_cast<Bytef*>(copy.data());
    stream_.avail_in = static_cast<uInt>(copy.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      deflate(&stream_, flush);
      const std::size_t count = buffer_.size() - stream_.avail_out;
      if (auto error = file_->write({buffer_.data(), count})) return error;
    } while (stream_.avail_out == 0);
    return std::nullopt;
  }

  std::unique_ptr<FileSink> file_;
  std::vector<char> buffer_ = std::vector<char>(kBufferBytes);
  z_stream stream_{};
  bool is_ready_ = false;
};

class ZstdSink final : public ByteSink {
 public:
  explicit ZstdSink(std::unique_ptr<FileSink> file)
      : file_(std::move(file)), context_(ZSTD_createCCtx()) {
    if (context_ != nullptr) ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
  }
  ~ZstdSink() override { ZSTD_freeCCtx(context_); }

  std::optional<Error> write(std::string_view bytes) override {
    return compress(bytes, ZSTD_e_continue);
  }
  std::optional<Error> close() override {
    if (auto error = compress({}, ZSTD_e_end)) return error;
    return file_->close();
  }

 private:
  std::optional<Error> compress(std::string_view bytes, ZSTD_EndDirective directive) {
    if (context_ == nullptr) return unwritable(file_->path(), "no memory");
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context_, &out, &in, directive);
      if (ZSTD_isError(left) != 0) return unwritable(file_->path(), ZSTD_getErrorName(left));
      if (auto error = file_->write({buffer_.data(), out.pos})) return error;
      const bool is_done = directive == ZSTD_e_end ? left == 0 : in.pos == in.size;
      if (is_done) return std::nullopt;
    }
  }

  std::unique_ptr<FileSink> file_;
  ZSTD_CCtx* context_;
  std::vector<char> buffer_ = std::vector<char>(kBufferBytes);
};

}  // namespace

Result<std::unique_ptr<ByteSink>> create_file(const std::string& path) {
  std::FILE* const file = std::fopen(FileSink::part_path(path).c_str(), "wb");
  if (file == nullptr) return failure(unwritable(path, std::generic_category().message(errno)));
  auto sink = std::make_unique<FileSink>(file, path);
  if (path.ends_with(".gz")) return std::make_unique<GzipSink>(std::move(sink));
  if (path.ends_with(".zst")) return std::make_unique<ZstdSink>(std::move(sink));
  return sink;
}

std::unique_ptr<ByteSink> append_to(std::string& text) {
  return std::make_unique<MemorySink>(text);
}

}  // namespace orrery::traces
