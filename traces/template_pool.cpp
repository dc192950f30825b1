#include "orrery/traces/template_pool.hpp"

#include <functional>
#include <string>

#include "orrery/models/stream.hpp"

namespace orrery::traces {
namespace {

/// Digest of what usually differs; the rest is left to the comparison.
std::uint64_t digest(const PodTemplate& spec) {
  const std::hash<std::string> hash;
  std::uint64_t value = mix_bits(hash(spec.owner));
  value = mix_bits(value ^ (static_cast<std::uint64_t>(spec.gpu.count) << 16U) ^
                   static_cast<std::uint64_t>(spec.gpu.milli));
  value = mix_bits(value ^ static_cast<std::uint64_t>(spec.priority));
  for (const std::string& model : spec.gpu_models) value = mix_bits(value ^ hash(model));
  for (const auto& [key, text] : spec.labels) value = mix_bits(value ^ hash(key) ^ hash(text));
  return value;
}

}  // namespace

std::shared_ptr<const PodTemplate> TemplatePool::intern(PodTemplate pod_template) {
  const std::uint64_t key = digest(pod_template);
  const auto [first, last] = by_digest_.equal_range(key);
  for (auto it = first; it != last; ++it) {
    if (*all_[it->second] == pod_template) return all_[it->second];
  }
  by_digest_.emplace(key, all_.size());
  all_.push_back(std::make_shared<const PodTemplate>(std::move(pod_template)));
  return all_.back();
}

}  // namespace orrery::traces
