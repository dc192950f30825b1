#include "orrery/sim/kubernetes/replica_set_pods.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <tuple>

#include "orrery/models/stream.hpp"

namespace orrery::sim {
namespace {

/// The logarithm to base two of an age, below zero for none. The API's times are whole seconds.
int rank_of(Time now, Time since) {
  const Duration age = now - std::chrono::floor<std::chrono::seconds>(since);
  if (age <= Duration::zero()) return -1;
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(age.count()))) - 1;
}

}  // namespace

std::vector<std::int32_t> slow_start_batches(std::int32_t count) {
  std::vector<std::int32_t> batches;
  for (std::int32_t size = 1; count > 0; size *= 2) {
    batches.push_back(std::min(size, count));
    count -= batches.back();
  }
  return batches;
}

void sort_for_deletion(std::vector<DeletionCandidate>& pods, Time now) {
  const auto key = [now](const DeletionCandidate& pod) {
    const bool counts = pod.is_ready;
    return std::tuple{static_cast<bool>(pod.node),
                      pod.is_running,
                      pod.is_ready,
                      -pod.siblings,
                      counts ? rank_of(now, pod.ready_since) : 0,
                      -pod.restarts,
                      rank_of(now, pod.created),
                      mix_bits(pod.pod.uid)};
  };
  std::sort(pods.begin(), pods.end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

}  // namespace orrery::sim
