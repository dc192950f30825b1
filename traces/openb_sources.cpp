#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "orrery/models/check.hpp"
#include "orrery/models/quantity_text.hpp"
#include "orrery/models/stream.hpp"
#include "orrery/traces/openb.hpp"

namespace orrery::traces {
namespace {

/// Wide: a capacity times 1000 may exceed 64 bits only for clusters that do not exist, but a file
/// may say anything.
__extension__ using Wide = __int128;

void shuffle(std::span<std::uint32_t> order, std::uint64_t seed) {
  Stream stream(seed, Purpose::TraceShuffle, 0);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
}

/// The study's sequence of arrivals, as indices of the list.
class StudyOrder {
 public:
  StudyOrder(const OpenbPodList& list, const OpenbStudyOptions& options)
      : list_(list),
        limit_(Wide{options.load_milli} * options.gpu_capacity.count()),
        order_(list.pods.size()),
        asked_(list.gpu_total().count()) {
    std::iota(order_.begin(), order_.end(), 0U);
    shuffle(order_, options.seed);
    Stream stream(options.seed, Purpose::TraceResample, 0);
    if (exceeds(0)) {
      trim(stream);
    } else {
      fill(stream);
    }
  }

  [[nodiscard]] std::vector<std::uint32_t> take() { return std::move(order_); }

 private:
  [[nodiscard]] bool exceeds(std::int64_t more) const {
    return Wide{1000} * (Wide{asked_} + more) > limit_;
  }

  void trim(Stream& stream) {
    while (exceeds(0)) {
      const auto at = static_cast<std::ptrdiff_t>(stream.below(order_.size()));
      asked_ -= list_.pods[order_[static_cast<std::size_t>(at)]].gpu_total().count();
      order_.erase(order_.begin() + at);
    }
  }

  void fill(Stream& stream) {
    // Without a GPU pod the demand would never grow, and at the very limit nothing is added.
    if (asked_ == 0 || Wide{1000} * asked_ == limit_) return;
    for (;;) {
      const auto drawn = static_cast<std::uint32_t>(stream.below(list_.pods.size()));
      const OpenbPod& pod = list_.pods[drawn];
      const GpuRequest& gpu = pod.pod_template->gpu;
      if (exceeds(gpu.count > 0 ? gpu.milli : 0)) return;
      asked_ += pod.gpu_total().count();
      order_.push_back(drawn);
    }
  }

  const OpenbPodList& list_;
  Wide limit_;  ///< thousandths of milli-GPU
  std::vector<std::uint32_t> order_;
  std::int64_t asked_;
};

void fill_item(WorkloadItem& item, const OpenbPod& pod) {
  item.cpu = pod.cpu;
  item.memory = pod.memory;
  if (item.pod_template != pod.pod_template) item.pod_template = pod.pod_template;
  item.estimate = Duration::zero();
  item.gang_size = 1;
  item.source_row = pod.row;
  item.cluster.clear();
}

class StudySource final : public WorkloadSource {
 public:
  StudySource(std::shared_ptr<const OpenbPodList> list, const OpenbStudyOptions& options)
      : list_(std::move(list)), options_(options), order_(StudyOrder(*list_, options).take()) {}

  Result<bool> next(WorkloadItem& item) override {
    if (at_ == order_.size()) return false;
    fill_item(item, list_->pods[order_[at_]]);
    item.arrival = arrival_;
    item.service = Duration::max();
    item.gang = at_++;
    arrival_ = saturating_add(arrival_, options_.interval);
    return true;
  }
  /// The same pods, those to come in another order.
  void reseed(std::uint64_t seed) override { shuffle(std::span(order_).subspan(at_), seed); }
  [[nodiscard]] std::uint64_t skipped_rows() const override { return list_->skipped_rows; }
  [[nodiscard]] std::string checksum() const override { return list_->checksum; }
  [[nodiscard]] std::string describe() const override {
    return fmt::format("{} as in the GPU-sharing study: {} arrivals up to {} % of {} GPUs, seed {}",
                       list_->name, order_.size(), options_.load_milli / 10,
                       options_.gpu_capacity.count() / kWholeGpu.count(), options_.seed);
  }

 private:
  std::shared_ptr<const OpenbPodList> list_;
  OpenbStudyOptions options_;
  std::vector<std::uint32_t> order_;
  std::size_t at_ = 0;
  Time arrival_;
};

class RealSource final : public WorkloadSource {
 public:
  RealSource(std::shared_ptr<const OpenbPodList> list, NeverScheduled never_scheduled)
      : list_(std::move(list)), never_scheduled_(never_scheduled) {}

  Result<bool> next(WorkloadItem& item) override {
    while (at_ < list_->pods.size()) {
      const OpenbPod& pod = list_->pods[list_->by_arrival[at_++]];
      if (pod.never_scheduled && never_scheduled_ == NeverScheduled::Drop) continue;
      fill_item(item, pod);
      item.arrival = pod.created;
      item.service = pod.service;
      item.gang = at_ - 1;
      return true;
    }
    return false;
  }
  [[nodiscard]] std::uint64_t skipped_rows() const override { return list_->skipped_rows; }
  [[nodiscard]] std::string checksum() const override { return list_->checksum; }
  [[nodiscard]] std::string describe() const override {
    return fmt::format("{} at its real times: {} pods, {} never scheduled and {}", list_->name,
                       list_->pods.size(), list_->never_scheduled,
                       never_scheduled_ == NeverScheduled::Drop ? "left out" : "run as created");
  }

 private:
  std::shared_ptr<const OpenbPodList> list_;
  NeverScheduled never_scheduled_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<WorkloadSource> openb_study(std::shared_ptr<const OpenbPodList> list,
                                            const OpenbStudyOptions& options) {
  ORRERY_CHECK(options.gpu_capacity > MilliGpu{0} && options.load_milli >= 0 &&
                   options.interval >= Duration::zero(),
               "the study needs GPUs, a load and an interval that are not negative");
  return std::make_unique<StudySource>(std::move(list), options);
}

Result<std::unique_ptr<WorkloadSource>> openb_real(std::shared_ptr<const OpenbPodList> list,
                                                   NeverScheduled never_scheduled) {
  if (!list->has_times) {
    return failure({.at = {.file = list->name, .line = 0, .field = "", .pointer = ""},
                    .message = "the list has no times",
                    .found = "",
                    .expected = "columns creation_time, deletion_time and scheduled_time",
                    .hint = "the multigpu lists work as openb-study only"});
  }
  return std::make_unique<RealSource>(std::move(list), never_scheduled);
}

}  // namespace orrery::traces
