#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "orrery/traces/csv.hpp"
#include "orrery/traces/openb.hpp"

namespace orrery::traces {
namespace {

constexpr std::size_t kName = 0;
constexpr std::size_t kCpu = 1;
constexpr std::size_t kMemory = 2;
constexpr std::size_t kGpus = 3;
constexpr std::size_t kGpuMilli = 4;
constexpr std::size_t kGpuSpec = 5;
constexpr std::size_t kCreated = 6;
constexpr std::size_t kDeleted = 7;
constexpr std::size_t kScheduled = 8;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// "V100M16|V100M32"; empty parts count for nothing.
std::vector<std::string> models_of(std::string_view spec) {
  std::vector<std::string> models;
  while (!spec.empty()) {
    const std::size_t end = std::min(spec.find('|'), spec.size());
    if (end > 0) models.emplace_back(spec.substr(0, end));
    spec.remove_prefix(std::min(end + 1, spec.size()));
  }
  return models;
}

/// Templates by the text of the three columns that make one.
class Templates {
 public:
  std::shared_ptr<const PodTemplate> of(const CsvRow& row, GpuRequest gpu) {
    key_.assign(row.text(kGpus)).append(1, ',').append(row.text(kGpuMilli));
    key_.append(1, ',').append(row.text(kGpuSpec));
    auto& found = by_text_[key_];
    if (!found) {
      PodTemplate fresh;
      fresh.gpu = gpu;
      fresh.gpu_models = models_of(row.text(kGpuSpec));
      found = std::make_shared<const PodTemplate>(std::move(fresh));
    }
    return found;
  }

 private:
  std::unordered_map<std::string, std::shared_ptr<const PodTemplate>> by_text_;
  std::string key_;
};

GpuRequest read_gpu(CsvRow& row) {
  const std::int64_t count = row.integer(kGpus, 0, static_cast<std::int64_t>(kGpusPerNodeMax));
  const std::int64_t milli = row.integer(kGpuMilli, count == 0 ? 0 : 1, kWholeGpu.count());
  if (count > 1 && milli != kWholeGpu.count()) {
    row.fail(kGpuMilli, "1000, because only a single GPU can be shared");
  }
  return {.count = static_cast<std::uint8_t>(count),
          .milli = static_cast<std::int16_t>(count == 0 ? kWholeGpu.count() : milli)};
}

struct NamedPod {
  std::string name;
  OpenbPod pod;
};

class PodReader {
 public:
  explicit PodReader(const CsvTable& table)
      : has_times_(table.has(kCreated) && table.has(kDeleted) && table.has(kScheduled)) {}

  [[nodiscard]] bool has_times() const { return has_times_; }

  NamedPod read(CsvRow& row) {
    NamedPod named;
    named.name = row.text(kName);
    if (named.name.empty()) row.fail(kName, "a pod's name");
    OpenbPod& pod = named.pod;
    pod.cpu = MilliCpu{row.integer(kCpu, 0, kMost)};
    pod.memory = Bytes{row.integer(kMemory, 0, kMost >> 20) << 20};
    const GpuRequest gpu = read_gpu(row);
    if (has_times_) read_times(row, pod);
    if (!row.error()) pod.pod_template = templates_.of(row, gpu);
    return named;
  }

 private:
  void read_times(CsvRow& row, OpenbPod& pod) {
    const Duration created = row.seconds(kCreated);
    const Duration deleted = row.seconds(kDeleted);
    const bool is_never = row.is_empty(kScheduled);
    const Duration scheduled = is_never ? created : row.seconds(kScheduled);
    if (!row.error() && scheduled < created)
      row.fail(kScheduled, "a time not before creation_time");
    if (!row.error() && deleted < scheduled) row.fail(kDeleted, "a time not before scheduled_time");
    pod.created = kTimeZero + created;
    pod.service = deleted - scheduled;
    pod.never_scheduled = is_never;
  }

  bool has_times_;
  Templates templates_;
};

void sort_by_name(std::vector<NamedPod>& pods) {
  const auto by_name = [](const NamedPod& a, const NamedPod& b) { return a.name < b.name; };
  if (!std::is_sorted(pods.begin(), pods.end(), by_name)) {
    std::stable_sort(pods.begin(), pods.end(), by_name);
  }
}

std::vector<std::uint32_t> arrival_order(const std::vector<OpenbPod>& pods) {
  std::vector<std::uint32_t> order(pods.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&pods](std::uint32_t a, std::uint32_t b) {
    return pods[a].created < pods[b].created;
  });
  return order;
}

}  // namespace

Result<std::shared_ptr<const OpenbPodList>> read_openb_pods(std::unique_ptr<ByteSource> source,
                                                            OnBadRow on_bad_row) {
  auto table =
      CsvTable::open(std::move(source), {"name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"},
                     {"gpu_spec", "creation_time", "deletion_time", "scheduled_time"});
  if (!table) return failure(table.error());
  auto list = std::make_shared<OpenbPodList>();
  list->name = table->name();
  BadRows bad(on_bad_row);
  PodReader reader(*table);
  std::vector<NamedPod> named;
  for (;;) {
    NamedPod pod;
    const Result<bool> more =
        next_good_row(*table, bad, [&](CsvRow& row) { pod = reader.read(row); });
    if (!more) return failure(more.error());
    if (!*more) break;
    pod.pod.row = table->row();
    if (pod.pod.never_scheduled) ++list->never_scheduled;
    named.push_back(std::move(pod));
  }
  sort_by_name(named);
  list->pods.reserve(named.size());
  for (NamedPod& pod : named) list->pods.push_back(std::move(pod.pod));
  list->has_times = reader.has_times();
  if (list->has_times) list->by_arrival = arrival_order(list->pods);
  list->skipped_rows = bad.skipped();
  list->checksum = table->checksum();
  return list;
}

MilliGpu OpenbPodList::gpu_total() const {
  MilliGpu total;
  for (const OpenbPod& pod : pods) total += pod.gpu_total();
  return total;
}

std::vector<TypicalPod> OpenbPodList::requests() const {
  std::unordered_map<const PodTemplate*, std::unordered_map<std::int64_t, std::size_t>> known;
  std::vector<TypicalPod> distinct;
  for (const OpenbPod& pod : pods) {
    const auto [entry, is_new] =
        known[pod.pod_template.get()].emplace(pod.cpu.count(), distinct.size());
    if (is_new) {
      distinct.push_back({.cpu = pod.cpu,
                          .gpu = pod.pod_template->gpu,
                          .gpu_models = pod.pod_template->gpu_models,
                          .pods = 0});
    }
    ++distinct[entry->second].pods;
  }
  return distinct;
}

}  // namespace orrery::traces
