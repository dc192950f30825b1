#include "orrery/sim/kubernetes/rolling_update.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace orrery::sim {
namespace {

using Sets = std::vector<ReplicaSetSize>;

std::int32_t replicas_of(const Sets& sets) {
  return std::accumulate(sets.begin(), sets.end(), std::int32_t{0},
                         [](std::int32_t sum, const auto& set) { return sum + set.replicas; });
}

std::int32_t available_of(const Sets& sets) {
  return std::accumulate(sets.begin(), sets.end(), std::int32_t{0},
                         [](std::int32_t sum, const auto& set) { return sum + set.available; });
}

void resize(const Deployment& deployment, ReplicaSetSize& set, std::int32_t replicas) {
  set.replicas = replicas;
  set.desired = deployment.replicas;
  set.most = deployment.replicas + rollout_limits(deployment).surge;
}

/// By how much a set grows (or shrinks, below zero) to keep its share of the Deployment.
std::int32_t share_of(const ReplicaSetSize& set, std::int32_t most, const Deployment& deployment) {
  if (deployment.replicas == 0) return -set.replicas;
  if (set.most == 0) return 0;
  const double size = static_cast<double>(set.replicas) * most / set.most;
  return static_cast<std::int32_t>(std::lround(size)) - set.replicas;
}

/// The Deployment's replicas have changed in the middle of a rollout: every set keeps its share,
/// the largest takes what rounding leaves.
void scale_proportionally(const Deployment& deployment, Sets& sets) {
  const std::int32_t most =
      deployment.replicas > 0 ? deployment.replicas + rollout_limits(deployment).surge : 0;
  const std::int32_t to_add = most - replicas_of(sets);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].replicas > 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (sets[a].replicas != sets[b].replicas) return sets[a].replicas > sets[b].replicas;
    return to_add > 0 ? a > b : a < b;  // newer ones grow first, older ones shrink first
  });
  std::int32_t added = 0;
  std::vector<std::int32_t> sizes;
  for (const std::size_t i : order) {
    const std::int32_t left = to_add - added;
    const std::int32_t share = share_of(sets[i], most, deployment);
    const std::int32_t change = to_add > 0 ? std::min(share, left) : std::max(share, left);
    sizes.push_back(sets[i].replicas + (left == 0 ? 0 : change));
    added += left == 0 ? 0 : change;
  }
  if (!sizes.empty()) sizes.front() = std::max(sizes.front() + to_add - added, 0);
  for (std::size_t i = 0; i < order.size(); ++i) resize(deployment, sets[order[i]], sizes[i]);
}

void scale(const Deployment& deployment, Sets& sets) {
  const auto is_active = [](const ReplicaSetSize& set) { return set.replicas > 0; };
  const auto active = std::count_if(sets.begin(), sets.end(), is_active);
  if (active <= 1) {
    const auto only = std::find_if(sets.begin(), sets.end(), is_active);
    return resize(deployment, only == sets.end() ? sets.back() : *only, deployment.replicas);
  }
  const ReplicaSetSize& newest = sets.back();
  const bool is_saturated = newest.desired == deployment.replicas &&
                            newest.replicas == deployment.replicas &&
                            newest.available == deployment.replicas;
  if (!is_saturated) return scale_proportionally(deployment, sets);
  for (std::size_t i = 0; i + 1 < sets.size(); ++i) {
    if (is_active(sets[i])) resize(deployment, sets[i], 0);
  }
}

/// Grows the new set as far as the surge lets it; false: it has the size it should have.
bool scale_up_new(const Deployment& deployment, Sets& sets, std::int32_t most) {
  ReplicaSetSize& newest = sets.back();
  if (newest.replicas == deployment.replicas) return false;
  const std::int32_t before = newest.replicas;
  const std::int32_t room = std::max(most - replicas_of(sets), 0);
  const std::int32_t size = std::min(newest.replicas + room, deployment.replicas);
  if (size != before) resize(deployment, newest, size);
  return size != before;
}

/// Shrinks the old sets: first by their pods that are not available, which makes nothing worse,
/// then by what the availability leaves.
void scale_down_old(const Deployment& deployment, Sets& sets, std::int32_t available_min) {
  const ReplicaSetSize& newest = sets.back();
  const std::int32_t most =
      replicas_of(sets) - available_min - (newest.replicas - newest.available);
  if (most <= 0 || replicas_of(sets) == newest.replicas) return;
  std::int32_t left = most;
  for (std::size_t i = 0; i + 1 < sets.size(); ++i) {
    const std::int32_t unhealthy = std::max(sets[i].replicas - sets[i].available, 0);
    const std::int32_t cut = std::min(left, unhealthy);
    if (cut == 0) continue;
    resize(deployment, sets[i], sets[i].replicas - cut);
    left -= cut;
  }
  left = available_of(sets) - available_min;
  for (std::size_t i = 0; i + 1 < sets.size() && left > 0; ++i) {
    const std::int32_t cut = std::min(left, sets[i].replicas);
    if (cut == 0) continue;
    resize(deployment, sets[i], sets[i].replicas - cut);
    left -= cut;
  }
}

void recreate(const Deployment& deployment, Sets& sets, bool old_pods_left) {
  bool is_shrinking = false;
  for (std::size_t i = 0; i + 1 < sets.size(); ++i) {
    if (sets[i].replicas == 0) continue;
    resize(deployment, sets[i], 0);
    is_shrinking = true;
  }
  if (is_shrinking || old_pods_left) return;
  if (sets.back().replicas != deployment.replicas) {
    resize(deployment, sets.back(), deployment.replicas);
  }
}

}  // namespace

RolloutLimits rollout_limits(const Deployment& deployment) {
  if (deployment.recreates) return {};
  RolloutLimits limits{.surge = deployment.surge_max.rounded_up(deployment.replicas),
                       .unavailable = deployment.unavailable_max.rounded_down(deployment.replicas)};
  if (limits.surge == 0 && limits.unavailable == 0) limits.unavailable = 1;
  limits.unavailable = std::min(limits.unavailable, deployment.replicas);
  return limits;
}

void sync_deployment(const Deployment& deployment, std::vector<ReplicaSetSize>& sets,
                     bool old_pods_left) {
  const bool is_scaled = std::any_of(sets.begin(), sets.end(), [&](const ReplicaSetSize& set) {
    return set.replicas > 0 && set.desired != deployment.replicas;
  });
  if (deployment.is_paused || is_scaled) return scale(deployment, sets);
  if (deployment.recreates) return recreate(deployment, sets, old_pods_left);
  const RolloutLimits limits = rollout_limits(deployment);
  if (sets.back().replicas > deployment.replicas) {
    return resize(deployment, sets.back(), deployment.replicas);
  }
  if (scale_up_new(deployment, sets, deployment.replicas + limits.surge)) return;
  scale_down_old(deployment, sets, deployment.replicas - limits.unavailable);
}

}  // namespace orrery::sim
