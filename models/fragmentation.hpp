#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "orrery/models/gpu.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/models/units.hpp"
#include "orrery/models/workload_profile.hpp"

namespace orrery {

/// Why idle GPU milli are a fragment for a typical pod, or that they are not (Weng et al., USENIX
/// ATC 2023, §3.2, and the artifact's seven cases).
enum class FragmentCause : std::uint8_t {
  Usable,       ///< the pod fits and may use these milli: not a fragment
  BothLacking,  ///< neither GPU nor CPU suffice
  GpuLacking,   ///< CPU suffices; or the pod fits, and these devices have too little left
  CpuLacking,   ///< GPU suffices
  NoGpuAsked,   ///< the pod asks for no GPU, CPU suffices
  NoGpuAskedCpuLacking,
  ModelNotAdmissible,
};
inline constexpr std::size_t kFragmentCauses = 7;

/// The idle milli of one node, each times the number of typical pods that see them so.
using FragmentParts = std::array<std::int64_t, kFragmentCauses>;

/// The expected fragmentation of nodes as measured against a workload's typical pods: the sum over
/// typical pods of (how many pods ask so) × (idle GPU milli of the node that such a pod cannot
/// use), in exact integers. Divided by weight_total() it is F of the paper in GPU milli.
///
/// The idle milli that a pod can use depend on the node only through its model, on which typical
/// CPU requests it still satisfies, and on each device through which typical shares it still
/// satisfies: tables over these steps make an evaluation O(log typical pods + devices).
class FragmentationModel {
 public:
  /// `gpu_models` are the cluster's, by GpuModelId (ClusterState::gpu_models()); typical pods of
  /// several devices ask for whole ones.
  FragmentationModel(const WorkloadProfile& profile, const std::vector<std::string>& gpu_models);

  /// F × weight_total() of a node with `gpu_count` devices; 0 for a node without.
  [[nodiscard]] std::int64_t weighted_fragment(MilliCpu cpu_free, const GpuDevices& devices,
                                               int gpu_count, GpuModelId model) const;
  /// The pods that F is an average over: the profile's pods_total.
  [[nodiscard]] std::int64_t weight_total() const { return weight_total_; }

  /// What of a node's idle milli typical pods can use: the table rows for one model and CPU level.
  struct Usable {
    const std::int64_t* by_left_step;  ///< one-device pods, by step of what the device has left
    const std::int64_t* by_untouched;  ///< pods of several devices, by untouched devices
    const std::uint16_t* step_of_left;

    /// Pods that can use a device with `left` milli by itself.
    [[nodiscard]] std::int64_t pods_for(std::int16_t left) const {
      return by_left_step[step_of_left[left]];
    }
    /// Usable milli × pods of one device for one-device pods.
    [[nodiscard]] std::int64_t of_device(std::int16_t left) const { return left * pods_for(left); }
    /// Usable milli × pods of all untouched devices for pods of several devices.
    [[nodiscard]] std::int64_t of_untouched(int untouched) const {
      return untouched * kWholeGpu.count() * by_untouched[untouched];
    }
  };
  [[nodiscard]] Usable usable(MilliCpu cpu_free, GpuModelId model) const;

 private:
  [[nodiscard]] std::size_t cpu_step(MilliCpu cpu) const;

  std::int64_t weight_total_ = 0;
  std::vector<std::int64_t> cpu_steps_;  ///< distinct CPU requests of typical GPU pods, ascending
  std::array<std::uint16_t, 1001> step_of_left_{};
  std::size_t left_steps_ = 0;
  std::vector<std::int64_t> by_left_;       ///< [model][CPU step][left step]
  std::vector<std::int64_t> by_untouched_;  ///< [model][CPU step][untouched devices]
};

/// The same by its definition, term by term and by cause: O(typical pods × devices). `gpu_model` is
/// the model's name. weighted_fragment() is the sum of all parts but Usable.
[[nodiscard]] FragmentParts fragment_parts(const WorkloadProfile& profile, MilliCpu cpu_free,
                                           const GpuDevices& devices, const std::string& gpu_model);

}  // namespace orrery
