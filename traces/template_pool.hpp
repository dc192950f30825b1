#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "orrery/models/pod.hpp"

namespace orrery::traces {

/// Interns pod templates: equal templates give one pointer. Expected O(1) per call.
class TemplatePool {
 public:
  [[nodiscard]] std::shared_ptr<const PodTemplate> intern(PodTemplate pod_template);
  /// All templates in the order of their first appearance.
  [[nodiscard]] const std::vector<std::shared_ptr<const PodTemplate>>& all() const { return all_; }

 private:
  std::unordered_multimap<std::uint64_t, std::size_t> by_digest_;
  std::vector<std::shared_ptr<const PodTemplate>> all_;
};

}  // namespace orrery::traces
