#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "orrery/models/labels.hpp"
#include "orrery/models/pod.hpp"

namespace orrery {

/// A PodDisruptionBudget as its controller last reported it (policy/v1): which pods it protects and
/// how many more of them may be disrupted now.
struct DisruptionBudget {
  std::string name;
  std::string name_space = "default";
  LabelSelector selector;
  std::int32_t disruptions_allowed = 0;
  std::vector<std::uint64_t> disrupted;  ///< uids of evicted pods that are still there

  /// An empty selector protects nothing here (plugins/defaultpreemption, v1.36.3).
  [[nodiscard]] bool concerns(const PodTemplate& pod) const {
    return name_space == pod.name_space && !selector.is_everything() &&
           selector.matches(pod.labels);
  }
  [[nodiscard]] bool is_disrupting(std::uint64_t uid) const {
    return std::find(disrupted.begin(), disrupted.end(), uid) != disrupted.end();
  }
  friend bool operator==(const DisruptionBudget&, const DisruptionBudget&) = default;
};

}  // namespace orrery
