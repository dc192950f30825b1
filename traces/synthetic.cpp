#include "orrery/traces/synthetic.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "orrery/models/check.hpp"
#include "orrery/models/gpu.hpp"
#include "orrery/models/quantity_text.hpp"
#include "orrery/traces/template_pool.hpp"

namespace orrery::traces {
namespace {

/// FNV-1a: the same on every machine, unlike std::hash.
std::uint64_t digest(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325ULL;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return value;
}

std::uint64_t entity_of(const PodClass& pod_class, std::uint64_t instance) {
  return mix_bits(digest(pod_class.name) ^ mix_bits(instance));
}

/// The nearest whole number between `min` and `max` (at most 2^62).
std::int64_t rounded(double value, std::int64_t min, std::int64_t max) {
  if (!(value < static_cast<double>(max))) return max;
  const double up = value + 0.5;
  return std::max(min, static_cast<std::int64_t>(up));
}

constexpr std::int64_t kAmountMax = std::int64_t{1} << 62;
constexpr std::int64_t kGangMax = 65'535;  // Pod::gang_size has 16 bits

/// One class with its streams and its next arrival.
class ClassStream {
 public:
  ClassStream(PodClass pod_class, ArrivalProcess arrivals, const ArrivalKey& key)
      : class_(std::move(pod_class)),
        arrivals_(std::move(arrivals)),
        size_(key.seed, Purpose::PodSize, key.entity),
        duration_(key.seed, Purpose::PodDuration, key.entity),
        gang_(key.seed, Purpose::GangSize, key.entity),
        key_(key),
        next_(arrivals_.next()) {}

  /// When the next one arrives is known already; what it asks for is not.
  void reseed(std::uint64_t seed) {
    key_.seed = seed;
    arrivals_.reseed(key_);
    size_ = Stream(seed, Purpose::PodSize, key_.entity);
    duration_ = Stream(seed, Purpose::PodDuration, key_.entity);
    gang_ = Stream(seed, Purpose::GangSize, key_.entity);
  }

  [[nodiscard]] Time next_arrival() const { return next_; }

  /// Fills in what this class's next arrival asks for, and moves on to the one after.
  void take(WorkloadItem& item, TemplatePool& pool) {
    item.arrival = next_;
    item.cpu = MilliCpu{rounded(class_.cpu.sample(size_), 0, kAmountMax)};
    item.memory = Bytes{rounded(class_.memory.sample(size_), 0, kAmountMax)};
    const GpuRequest gpu = draw_gpu();
    item.service = class_.duration ? duration_from_seconds(class_.duration->sample(duration_))
                                   : Duration::max();
    item.estimate = Duration::zero();
    if (class_.estimate_factor) {
      const double factor = class_.estimate_factor->sample(duration_);
      if (class_.duration) item.estimate = duration_from_seconds(seconds(item.service) * factor);
    }
    item.gang_size =
        static_cast<std::uint32_t>(rounded(class_.gang_size.sample(gang_), 1, kGangMax));
    const auto& wanted = pod_template(gpu, pool);
    if (item.pod_template != wanted) item.pod_template = wanted;
    if (item.cluster != class_.cluster) item.cluster = class_.cluster;
    next_ = arrivals_.next();
  }

 private:
  GpuRequest draw_gpu() {
    const auto most = static_cast<std::int64_t>(kGpusPerNodeMax);
    const std::int64_t count = rounded(class_.gpus.sample(size_), 0, most);
    const std::int64_t milli = rounded(class_.gpu_share.sample(size_), 1, kWholeGpu.count());
    return {.count = static_cast<std::uint8_t>(count),
            .milli = static_cast<std::int16_t>(count == 1 ? milli : kWholeGpu.count())};
  }

  const std::shared_ptr<const PodTemplate>& pod_template(GpuRequest gpu, TemplatePool& pool) {
    if (last_ < templates_.size() && templates_[last_]->gpu == gpu) return templates_[last_];
    const auto found = std::find_if(templates_.begin(), templates_.end(),
                                    [gpu](const auto& known) { return known->gpu == gpu; });
    last_ = static_cast<std::size_t>(found - templates_.begin());
    if (found != templates_.end()) return *found;
    PodTemplate fresh;
    fresh.owner = class_.owner;
    fresh.labels = class_.labels;
    fresh.priority = class_.priority;
    fresh.gpu = gpu;
    if (gpu.count > 0) fresh.gpu_models = class_.gpu_models;
    fresh.node_selector = class_.node_selector;
    templates_.push_back(pool.intern(std::move(fresh)));
    return templates_.back();
  }

  PodClass class_;
  ArrivalProcess arrivals_;
  Stream size_;
  Stream duration_;
  Stream gang_;
  ArrivalKey key_;
  Time next_;
  std::vector<std::shared_ptr<const PodTemplate>> templates_;  ///< at most 1015, mostly one
  std::size_t last_ = 0;
};

class SyntheticSource final : public WorkloadSource {
 public:
  SyntheticSource(const SyntheticWorkload& workload, std::uint64_t seed, std::uint64_t instance)
      : count_(workload.count.value_or(~std::uint64_t{0})),
        end_(workload.horizon ? kTimeZero + *workload.horizon : kTimeMax),
        text_(describe_workload(workload, seed)) {
    double weights = 0;
    for (const PodClass& pod_class : workload.classes) {
      if (!pod_class.arrivals) weights += pod_class.weight;
    }
    for (const PodClass& pod_class : workload.classes) {
      const std::uint64_t entity = entity_of(pod_class, instance);
      // The path of a shared model's phases is keyed by the instance only: all classes see one.
      const ArrivalKey key{seed, pod_class.arrivals ? entity : instance, entity};
      ArrivalProcess arrivals =
          pod_class.arrivals ? ArrivalProcess(*pod_class.arrivals, 1, key)
                             : ArrivalProcess(workload.arrivals, pod_class.weight / weights, key);
      classes_.emplace_back(pod_class, std::move(arrivals), key);
    }
  }

  Result<bool> next(WorkloadItem& item) override {
    if (gang_left_ > 0) {
      --gang_left_;
      item = gang_item_;
      return true;
    }
    if (taken_ == count_) return false;
    ClassStream* first = &classes_.front();
    for (ClassStream& candidate : classes_) {
      if (candidate.next_arrival() < first->next_arrival()) first = &candidate;
    }
    if (first->next_arrival() >= end_) return false;
    first->take(item, pool_);
    item.gang = ++taken_;
    item.source_row = 0;
    gang_left_ = item.gang_size - 1;
    if (gang_left_ > 0) gang_item_ = item;
    return true;
  }
  void reseed(std::uint64_t seed) override {
    for (ClassStream& pod_class : classes_) pod_class.reseed(seed);
  }
  [[nodiscard]] std::string describe() const override { return text_; }

 private:
  static std::string describe_workload(const SyntheticWorkload& workload, std::uint64_t seed) {
    std::string text = fmt::format("synthetic: {} classes, seed {}", workload.classes.size(), seed);
    if (workload.count) text += fmt::format(", {} arrivals", *workload.count);
    if (workload.horizon) text += fmt::format(", for {}", to_text(*workload.horizon));
    return text;
  }

  TemplatePool pool_;
  std::vector<ClassStream> classes_;
  std::uint64_t count_;
  Time end_;
  std::string text_;
  std::uint64_t taken_ = 0;
  std::uint32_t gang_left_ = 0;
  WorkloadItem gang_item_;
};

}  // namespace

std::unique_ptr<WorkloadSource> synthetic_workload(const SyntheticWorkload& workload,
                                                   std::uint64_t seed, std::uint64_t instance) {
  ORRERY_CHECK(!workload.classes.empty(), "a synthetic workload has classes");
  return std::make_unique<SyntheticSource>(workload, seed, instance);
}

}  // namespace orrery::traces
