#include "orrery/traces/philly.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "orrery/models/check.hpp"
#include "orrery/models/gpu.hpp"
#include "orrery/traces/csv.hpp"
#include "orrery/traces/template_pool.hpp"

namespace orrery::traces {
namespace {

constexpr std::size_t kSubmitted = 0;
constexpr std::size_t kDuration = 1;
constexpr std::size_t kGpus = 2;
constexpr std::size_t kCluster = 3;

/// More than any machine hall has; a larger number is a mistake.
constexpr std::int64_t kGpusPerJobMax = 1'000'000;

class PhillySource final : public WorkloadSource {
 public:
  PhillySource(std::shared_ptr<const PhillyJobs> jobs, PhillyOptions options)
      : jobs_(std::move(jobs)), options_(std::move(options)) {
    for (const std::string& name : jobs_->virtual_clusters) {
      const auto& wanted = options_.virtual_clusters;
      is_wanted_.push_back(wanted.empty() ||
                           std::find(wanted.begin(), wanted.end(), name) != wanted.end());
    }
    templates_.resize(jobs_->virtual_clusters.size() * (options_.gpus_per_pod + 1));
  }

  Result<bool> next(WorkloadItem& item) override {
    if (left_ == 0 && !next_job()) return false;
    const PhillyJob& job = jobs_->jobs[at_ - 1];
    const std::uint32_t gpus = std::min(left_, options_.gpus_per_pod);
    left_ -= gpus;
    item.arrival = kTimeZero + std::chrono::seconds{job.submitted - jobs_->jobs[0].submitted};
    item.cpu = options_.cpu_per_gpu * gpus;
    item.memory = options_.memory_per_gpu * gpus;
    item.pod_template = pod_template(job.virtual_cluster, gpus);
    item.service = job.service;
    item.estimate = Duration::zero();
    item.gang_size = (job.gpus + options_.gpus_per_pod - 1) / options_.gpus_per_pod;
    item.gang = gang_;
    item.source_row = job.row;
    item.cluster.clear();
    return true;
  }
  [[nodiscard]] std::uint64_t skipped_rows() const override { return jobs_->skipped_rows; }
  [[nodiscard]] std::string checksum() const override { return jobs_->checksum; }
  [[nodiscard]] std::string describe() const override {
    return fmt::format("{}: {} jobs of {} virtual clusters, up to {} GPUs a pod", jobs_->name,
                       jobs_->jobs.size(), jobs_->virtual_clusters.size(), options_.gpus_per_pod);
  }

 private:
  bool next_job() {
    while (at_ < jobs_->jobs.size()) {
      const PhillyJob& job = jobs_->jobs[at_++];
      if (!is_wanted_[job.virtual_cluster]) continue;
      left_ = job.gpus;
      ++gang_;
      return true;
    }
    return false;
  }

  const std::shared_ptr<const PodTemplate>& pod_template(std::uint32_t cluster,
                                                         std::uint32_t gpus) {
    auto& found = templates_[std::size_t{cluster} * (options_.gpus_per_pod + 1) + gpus];
    if (!found) {
      PodTemplate fresh;
      fresh.owner = jobs_->virtual_clusters[cluster];
      fresh.gpu.count = static_cast<std::uint8_t>(gpus);
      found = std::make_shared<const PodTemplate>(std::move(fresh));
    }
    return found;
  }

  std::shared_ptr<const PhillyJobs> jobs_;
  PhillyOptions options_;
  std::vector<bool> is_wanted_;
  std::vector<std::shared_ptr<const PodTemplate>> templates_;
  std::size_t at_ = 0;
  std::uint64_t gang_ = 0;
  std::uint32_t left_ = 0;  ///< GPUs of the present job not yet given to a pod
};

}  // namespace

Result<std::shared_ptr<const PhillyJobs>> read_philly(std::unique_ptr<ByteSource> source,
                                                      OnBadRow on_bad_row) {
  auto table = CsvTable::open(std::move(source), {"timestamp", "duration", "num_gpus", "cluster"});
  if (!table) return failure(table.error());
  auto list = std::make_shared<PhillyJobs>();
  list->name = table->name();
  BadRows bad(on_bad_row);
  std::unordered_map<std::string, std::uint32_t> clusters;
  for (;;) {
    PhillyJob job;
    const Result<bool> more = next_good_row(*table, bad, [&](CsvRow& row) {
      job.submitted = row.date_time(kSubmitted);
      job.service = row.seconds(kDuration);
      job.gpus = static_cast<std::uint32_t>(row.integer(kGpus, 1, kGpusPerJobMax));
      if (row.is_empty(kCluster)) row.fail(kCluster, "a virtual cluster");
    });
    if (!more) return failure(more.error());
    if (!*more) break;
    job.row = table->row();
    const auto [entry, is_new] = clusters.emplace(
        table->text(kCluster), static_cast<std::uint32_t>(list->virtual_clusters.size()));
    if (is_new) list->virtual_clusters.push_back(entry->first);
    job.virtual_cluster = entry->second;
    list->jobs.push_back(job);
  }
  std::stable_sort(
      list->jobs.begin(), list->jobs.end(),
      [](const PhillyJob& a, const PhillyJob& b) { return a.submitted < b.submitted; });
  list->skipped_rows = bad.skipped();
  list->checksum = table->checksum();
  return list;
}

std::unique_ptr<WorkloadSource> philly_workload(std::shared_ptr<const PhillyJobs> jobs,
                                                PhillyOptions options) {
  ORRERY_CHECK(options.gpus_per_pod >= 1 && options.gpus_per_pod <= kGpusPerNodeMax,
               "a pod has 1 to 16 GPUs");
  return std::make_unique<PhillySource>(std::move(jobs), std::move(options));
}

}  // namespace orrery::traces
