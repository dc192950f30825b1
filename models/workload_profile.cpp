#include "orrery/models/workload_profile.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

namespace orrery {
namespace {

/// What distinguishes requests, in the order in which equally frequent ones are sorted.
using Key = std::tuple<std::int64_t, int, int, std::string>;

Key key_of(const TypicalPod& request) {
  std::string models;
  for (const std::string& model : request.gpu_models) {
    if (!models.empty()) models += '|';
    models += model;
  }
  const bool asks_gpu = request.gpu.count > 0;
  return {request.cpu.count(), asks_gpu ? request.gpu.milli : 0, request.gpu.count,
          std::move(models)};
}

}  // namespace

WorkloadProfile typical_pods(const std::vector<TypicalPod>& requests, double share) {
  std::map<Key, TypicalPod> distinct;
  std::int64_t pods = 0;
  for (const TypicalPod& request : requests) {
    const auto [found, is_new] = distinct.emplace(key_of(request), request);
    if (!is_new) found->second.pods += request.pods;
    pods += request.pods;
  }
  std::vector<const std::pair<const Key, TypicalPod>*> order;
  for (const auto& entry : distinct) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return std::tie(a->second.pods, a->first) > std::tie(b->second.pods, b->first);
  });

  // The share is a decimal fraction: 0.95 of 100 pods are 95 although 0.95 has no exact double.
  const auto wanted = static_cast<std::int64_t>(
      std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(pods) - 1e-6));
  WorkloadProfile profile;
  for (const auto* entry : order) {
    if (profile.pods_total >= wanted) break;
    profile.pods_total += entry->second.pods;
    profile.typical.push_back(entry->second);
  }
  return profile;
}

}  // namespace orrery
