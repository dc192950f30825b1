#include "orrery/models/fragmentation.hpp"

#include <algorithm>

#include "orrery/models/check.hpp"

namespace orrery {
namespace {

constexpr std::size_t kUntouchedCounts = kGpusPerNodeMax + 1;

bool admits(const TypicalPod& pod, const std::string& model) {
  return pod.gpu_models.empty() ||
         std::find(pod.gpu_models.begin(), pod.gpu_models.end(), model) != pod.gpu_models.end();
}

template <class Value>
void sort_distinct(std::vector<Value>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

void add_to(FragmentParts& parts, FragmentCause cause, std::int64_t amount) {
  parts[static_cast<std::size_t>(cause)] += amount;
}

}  // namespace

FragmentationModel::FragmentationModel(const WorkloadProfile& profile,
                                       const std::vector<std::string>& gpu_models)
    : weight_total_(profile.pods_total) {
  std::vector<std::int16_t> shares;
  for (const TypicalPod& pod : profile.typical) {
    if (pod.gpu.count == 0) continue;
    ORRERY_CHECK(pod.gpu.milli > 0 && pod.gpu.milli <= kWholeGpu.count(), "a share of a device");
    ORRERY_CHECK(pod.gpu.count == 1 || pod.gpu.milli == kWholeGpu.count(),
                 "pods of several devices ask for whole ones");
    cpu_steps_.push_back(pod.cpu.count());
    shares.push_back(pod.gpu.milli);
  }
  sort_distinct(cpu_steps_);
  sort_distinct(shares);
  left_steps_ = shares.size() + 1;
  for (std::size_t left = 0; left < step_of_left_.size(); ++left) {
    const auto above =
        std::upper_bound(shares.begin(), shares.end(), static_cast<std::int16_t>(left));
    step_of_left_[left] = static_cast<std::uint16_t>(above - shares.begin());
  }

  const std::size_t rows = gpu_models.size() * (cpu_steps_.size() + 1);
  by_left_.assign(rows * left_steps_, 0);
  by_untouched_.assign(rows * kUntouchedCounts, 0);
  for (const TypicalPod& pod : profile.typical) {
    if (pod.gpu.count == 0) continue;
    for (std::size_t model = 0; model < gpu_models.size(); ++model) {
      if (!admits(pod, gpu_models[model])) continue;
      for (std::size_t step = cpu_step(pod.cpu); step <= cpu_steps_.size(); ++step) {
        const std::size_t row = model * (cpu_steps_.size() + 1) + step;
        if (pod.gpu.count == 1) {
          const std::size_t enough = step_of_left_[static_cast<std::size_t>(pod.gpu.milli)];
          for (std::size_t left = enough; left < left_steps_; ++left) {
            by_left_[row * left_steps_ + left] += pod.pods;
          }
        } else {
          for (std::size_t count = pod.gpu.count; count < kUntouchedCounts; ++count) {
            by_untouched_[row * kUntouchedCounts + count] += pod.pods;
          }
        }
      }
    }
  }
}

/// How many of the distinct CPU requests `cpu` satisfies; a binary search without branches.
std::size_t FragmentationModel::cpu_step(MilliCpu cpu) const {
  const std::int64_t* base = cpu_steps_.data();
  std::size_t count = cpu_steps_.size();
  if (count == 0) return 0;
  while (count > 1) {
    const std::size_t half = count / 2;
    base += base[half - 1] <= cpu.count() ? half : 0;
    count -= half;
  }
  return static_cast<std::size_t>(base - cpu_steps_.data()) + (*base <= cpu.count() ? 1U : 0U);
}

FragmentationModel::Usable FragmentationModel::usable(MilliCpu cpu_free, GpuModelId model) const {
  const std::size_t row = model.index() * (cpu_steps_.size() + 1) + cpu_step(cpu_free);
  return {.by_left_step = by_left_.data() + row * left_steps_,
          .by_untouched = by_untouched_.data() + row * kUntouchedCounts,
          .step_of_left = step_of_left_.data()};
}

std::int64_t FragmentationModel::weighted_fragment(MilliCpu cpu_free, const GpuDevices& devices,
                                                   int gpu_count, GpuModelId model) const {
  if (gpu_count == 0) return 0;
  const Usable rows = usable(cpu_free, model);
  std::int64_t idle = 0;
  std::int64_t can_use = 0;
  int untouched = 0;
  for (std::size_t device = 0; device < static_cast<std::size_t>(gpu_count); ++device) {
    const std::int16_t left = devices.free[device];
    idle += left;
    can_use += rows.of_device(left);
    untouched += left == kWholeGpu.count() ? 1 : 0;
  }
  return weight_total_ * idle - can_use - rows.of_untouched(untouched);
}

FragmentParts fragment_parts(const WorkloadProfile& profile, MilliCpu cpu_free,
                             const GpuDevices& devices, const std::string& gpu_model) {
  std::int64_t idle = 0;
  for (const std::int16_t left : devices.free) idle += left;
  FragmentParts parts{};
  for (const TypicalPod& pod : profile.typical) {
    const bool has_cpu = cpu_free >= pod.cpu;
    if (pod.gpu.count == 0) {
      add_to(parts, has_cpu ? FragmentCause::NoGpuAsked : FragmentCause::NoGpuAskedCpuLacking,
             pod.pods * idle);
      continue;
    }
    if (!admits(pod, gpu_model)) {
      add_to(parts, FragmentCause::ModelNotAdmissible, pod.pods * idle);
      continue;
    }
    const bool has_gpu = devices.count_with(pod.gpu.milli) >= pod.gpu.count;
    if (!has_gpu || !has_cpu) {
      add_to(parts,
             has_gpu   ? FragmentCause::CpuLacking
             : has_cpu ? FragmentCause::GpuLacking
                       : FragmentCause::BothLacking,
             pod.pods * idle);
      continue;
    }
    std::int64_t enough = 0;
    for (const std::int16_t left : devices.free) enough += left >= pod.gpu.milli ? left : 0;
    add_to(parts, FragmentCause::Usable, pod.pods * enough);
    add_to(parts, FragmentCause::GpuLacking, pod.pods * (idle - enough));
  }
  return parts;
}

}  // namespace orrery
