#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::traces {

/// Count, exact extremes and mean, and quantiles within 1 % of a stream of whole numbers that are
/// not negative: 128 buckets to each power of two, as in HdrHistogram. O(1) a value.
class Digest {
 public:
  void add(std::int64_t value);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::int64_t min() const { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::int64_t max() const { return max_; }
  [[nodiscard]] double mean() const;
  /// The value below which a share `q` (0 to 1) lies; exact up to 255.
  [[nodiscard]] std::int64_t quantile(double q) const;

 private:
  std::map<std::uint32_t, std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

/// What is in a workload, for `orrery trace describe`.
struct TraceSummary {
  std::string description;
  std::string checksum;
  std::uint64_t pods = 0;
  std::uint64_t gangs = 0;  ///< of two pods and more
  std::uint64_t gpu_pods = 0;
  std::uint64_t shared_gpu_pods = 0;
  std::uint64_t endless_pods = 0;
  std::uint64_t templates = 0;
  std::uint64_t skipped_rows = 0;
  Time first_arrival;
  Time last_arrival;
  double cpu_seconds = 0;      ///< core-seconds of the pods that end
  double gpu_seconds = 0;      ///< device-seconds of the pods that end
  std::int64_t gpu_milli = 0;  ///< asked for in all
  std::int64_t cpu_milli = 0;
  Digest cpu;           ///< milli-CPU
  Digest memory;        ///< bytes
  Digest gpu;           ///< milli, of pods with GPUs
  Digest service;       ///< ns, of pods that end
  Digest interarrival;  ///< ns, between arrivals (a gang is one)
  Digest gang_size;     ///< pods, of every arrival
  std::map<std::string, std::uint64_t> pods_by_owner;
};

/// Reads `source` to its end.
[[nodiscard]] Result<TraceSummary> summarize(WorkloadSource& source);
/// Lines for people.
[[nodiscard]] std::string to_text(const TraceSummary& summary);
[[nodiscard]] nlohmann::json to_json(const TraceSummary& summary);

}  // namespace orrery::traces
