#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "orrery/models/result.hpp"
#include "orrery/traces/byte_sink.hpp"
#include "orrery/traces/byte_source.hpp"
#include "orrery/traces/workload.hpp"

/// Orrery's own trace format: JSON lines, exact, streamed both ways. docs/trace-format.md suffices
/// to write a reader.
namespace orrery::traces {

inline constexpr std::int64_t kCanonicalVersion = 1;

/// Writes a trace pod by pod. Every template and cluster is declared just before its first use.
class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::unique_ptr<ByteSink> sink) : sink_(std::move(sink)) {}

  /// To be called first; `description` says where the trace came from.
  std::optional<Error> begin(const std::string& description);
  std::optional<Error> write(const WorkloadItem& item);
  /// Ends the trace; a file without its end is an error to the reader.
  std::optional<Error> finish();
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  std::uint64_t template_number(const WorkloadItem& item);
  std::optional<Error> flush();

  std::unique_ptr<ByteSink> sink_;
  std::string text_;  ///< not yet handed to the sink
  std::unordered_map<std::shared_ptr<const PodTemplate>, std::uint64_t> templates_;
  std::unordered_map<std::string, std::uint64_t> clusters_;
  std::uint64_t rows_ = 0;
};

/// Writes all of `source`; returns how many pods there were.
[[nodiscard]] Result<std::uint64_t> convert(WorkloadSource& source, std::unique_ptr<ByteSink> sink);

/// Reads a trace row by row. Rows that are malformed may be skipped; what makes the rest unreadable
/// (header, templates, a gang that is not whole, no end) may not.
[[nodiscard]] Result<std::unique_ptr<WorkloadSource>> read_canonical(
    std::unique_ptr<ByteSource> source, OnBadRow on_bad_row = OnBadRow::Fail);

}  // namespace orrery::traces
