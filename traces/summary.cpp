#include "orrery/traces/summary.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/quantity_text.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;

constexpr int kExactBits = 8;  ///< values below 2^8 have a bucket each

std::uint32_t bucket_of(std::uint64_t value) {
  if (value < (1U << kExactBits)) return static_cast<std::uint32_t>(value);
  const int shift = static_cast<int>(std::bit_width(value)) - kExactBits;
  return static_cast<std::uint32_t>(shift) * 128 + static_cast<std::uint32_t>(value >> shift);
}

/// The middle of a bucket.
std::int64_t value_of(std::uint32_t bucket) {
  if (bucket < (1U << kExactBits)) return bucket;
  const std::uint32_t shift = (bucket - 128) / 128;
  const std::uint64_t low = std::uint64_t{bucket - shift * 128} << shift;
  return static_cast<std::int64_t>(low + (std::uint64_t{1} << shift) / 2);
}

class Summarizer {
 public:
  void add(const WorkloadItem& item) {
    const GpuRequest& gpu = item.pod_template->gpu;
    if (summary_.pods++ == 0) summary_.first_arrival = item.arrival;
    summary_.cpu.add(item.cpu.count());
    summary_.memory.add(item.memory.count());
    summary_.cpu_milli += item.cpu.count();
    summary_.gpu_milli += gpu.total().count();
    if (gpu.count > 0) {
      ++summary_.gpu_pods;
      summary_.gpu.add(gpu.total().count());
      if (gpu.is_shared()) ++summary_.shared_gpu_pods;
    }
    add_service(item);
    add_arrival(item);
    if (last_ != item.pod_template.get()) {
      last_ = item.pod_template.get();
      if (templates_.insert(last_).second) keep_.push_back(item.pod_template);
    }
    ++summary_.pods_by_owner[item.pod_template->owner];
  }

  TraceSummary take(const WorkloadSource& source) {
    summary_.description = source.describe();
    summary_.checksum = source.checksum();
    summary_.skipped_rows = source.skipped_rows();
    summary_.templates = templates_.size();
    return std::move(summary_);
  }

 private:
  void add_service(const WorkloadItem& item) {
    if (item.service == Duration::max()) {
      ++summary_.endless_pods;
      return;
    }
    const double span = seconds(item.service);
    summary_.service.add(item.service.count());
    summary_.cpu_seconds += span * static_cast<double>(item.cpu.count()) / 1000;
    const auto gpu = static_cast<double>(item.pod_template->gpu.total().count());
    summary_.gpu_seconds += span * gpu / 1000;
  }

  void add_arrival(const WorkloadItem& item) {
    if (gang_left_ > 0) {
      --gang_left_;
      return;
    }
    if (summary_.gang_size.count() > 0) {
      summary_.interarrival.add((item.arrival - summary_.last_arrival).count());
    }
    gang_left_ = item.gang_size - 1;
    if (item.gang_size > 1) ++summary_.gangs;
    summary_.gang_size.add(item.gang_size);
    summary_.last_arrival = item.arrival;
  }

  TraceSummary summary_;
  std::unordered_set<const PodTemplate*> templates_;
  std::vector<std::shared_ptr<const PodTemplate>> keep_;  ///< so that no address is used twice
  const PodTemplate* last_ = nullptr;
  std::uint32_t gang_left_ = 0;
};

struct Row {
  const char* name;
  const Digest& digest;
  std::string (*text)(std::int64_t);
  bool is_span = false;
};

std::vector<Row> rows_of(const TraceSummary& summary) {
  const auto span = [](std::int64_t ns) { return orrery::to_text(Duration{ns}); };
  const auto plain = [](std::int64_t count) { return fmt::format("{}", count); };
  return {{"cpu", summary.cpu, [](std::int64_t milli) { return orrery::to_text(MilliCpu{milli}); }},
          {"memory", summary.memory,
           [](std::int64_t bytes) {
             constexpr double kGiB = 1024.0 * 1024 * 1024;
             return fmt::format("{:.4g}GiB", static_cast<double>(bytes) / kGiB);
           }},
          {"gpu", summary.gpu, [](std::int64_t milli) { return orrery::to_text(MilliGpu{milli}); }},
          {"service", summary.service, span, true},
          {"interarrival", summary.interarrival, span, true},
          {"gang size", summary.gang_size, plain}};
}

/// Whole seconds are enough to read once a span is longer than ten.
std::int64_t readable(const Row& row, double value) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  auto whole = static_cast<std::int64_t>(std::llround(value));
  if (row.is_span && whole > 10 * kSecond) whole = whole / kSecond * kSecond;
  return whole;
}

json digest_json(const Digest& digest) {
  return {{"count", digest.count()},      {"min", digest.min()},
          {"mean", digest.mean()},        {"p50", digest.quantile(0.5)},
          {"p95", digest.quantile(0.95)}, {"p99", digest.quantile(0.99)},
          {"max", digest.max()}};
}

}  // namespace

void Digest::add(std::int64_t value) {
  value = std::max<std::int64_t>(value, 0);
  ++buckets_[bucket_of(static_cast<std::uint64_t>(value))];
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
  ++count_;
}

double Digest::mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

std::int64_t Digest::quantile(double q) const {
  const double wanted = q * static_cast<double>(count_);
  std::uint64_t seen = 0;
  for (const auto& [bucket, count] : buckets_) {
    seen += count;
    if (static_cast<double>(seen) >= wanted) return std::clamp(value_of(bucket), min(), max_);
  }
  return max_;
}

Result<TraceSummary> summarize(WorkloadSource& source) {
  Summarizer summarizer;
  for (WorkloadItem item;;) {
    const Result<bool> more = source.next(item);
    if (!more) return failure(more.error());
    if (!*more) return summarizer.take(source);
    summarizer.add(item);
  }
}

std::string to_text(const TraceSummary& summary) {
  std::string text = summary.description + '\n';
  const auto line = [&text](const char* name, const std::string& value) {
    fmt::format_to(std::back_inserter(text), "  {:<14}{}\n", name, value);
  };
  line("pods", fmt::format("{} ({} with GPUs, {} of them share one; {} never end)", summary.pods,
                           summary.gpu_pods, summary.shared_gpu_pods, summary.endless_pods));
  line("gangs", fmt::format("{}", summary.gangs));
  line("templates", fmt::format("{}", summary.templates));
  line("arrivals", fmt::format("{} to {}", orrery::to_text(summary.first_arrival),
                               orrery::to_text(summary.last_arrival)));
  line("asked for",
       fmt::format("{:.1f} cores, {:.3f} GPUs", static_cast<double>(summary.cpu_milli) / 1000,
                   static_cast<double>(summary.gpu_milli) / 1000));
  line("work", fmt::format("{:.4g} core-hours, {:.4g} GPU-hours", summary.cpu_seconds / 3600,
                           summary.gpu_seconds / 3600));
  if (summary.skipped_rows > 0) line("skipped rows", fmt::format("{}", summary.skipped_rows));
  if (!summary.checksum.empty()) line("checksum", summary.checksum);
  fmt::format_to(std::back_inserter(text), "\n  {:<14}{:>12}{:>14}{:>14}{:>14}{:>16}\n", "", "min",
                 "mean", "p50", "p95", "max");
  for (const Row& row : rows_of(summary)) {
    if (row.digest.count() == 0) continue;
    const auto cell = [&row](double value) { return row.text(readable(row, value)); };
    const auto at = [&row](double q) { return static_cast<double>(row.digest.quantile(q)); };
    fmt::format_to(std::back_inserter(text), "  {:<14}{:>12}{:>14}{:>14}{:>14}{:>16}\n", row.name,
                   cell(static_cast<double>(row.digest.min())), cell(row.digest.mean()),
                   cell(at(0.5)), cell(at(0.95)), cell(static_cast<double>(row.digest.max())));
  }
  return text;
}

json to_json(const TraceSummary& summary) {
  return {{"description", summary.description},
          {"checksum", summary.checksum},
          {"pods", summary.pods},
          {"gangs", summary.gangs},
          {"gpu_pods", summary.gpu_pods},
          {"shared_gpu_pods", summary.shared_gpu_pods},
          {"endless_pods", summary.endless_pods},
          {"templates", summary.templates},
          {"skipped_rows", summary.skipped_rows},
          {"first_arrival_ns", summary.first_arrival.time_since_epoch().count()},
          {"last_arrival_ns", summary.last_arrival.time_since_epoch().count()},
          {"cpu_milli", summary.cpu_milli},
          {"gpu_milli", summary.gpu_milli},
          {"cpu_seconds", summary.cpu_seconds},
          {"gpu_seconds", summary.gpu_seconds},
          {"cpu", digest_json(summary.cpu)},
          {"memory", digest_json(summary.memory)},
          {"gpu", digest_json(summary.gpu)},
          {"service_ns", digest_json(summary.service)},
          {"interarrival_ns", digest_json(summary.interarrival)},
          {"gang_size", digest_json(summary.gang_size)},
          {"pods_by_owner", summary.pods_by_owner}};
}

}  // namespace orrery::traces
