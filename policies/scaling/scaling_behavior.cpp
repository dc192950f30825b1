#include "orrery/policies/scaling/scaling_behavior.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/policies/scaling/go_arithmetic.hpp"

namespace orrery::policies {
namespace {

using Limits = std::numeric_limits<std::int32_t>;

constexpr double kScaleUpFactor = 2.0;
constexpr double kScaleUpLeast = 4.0;

/// The replicas with which the period of `limit` began.
std::int32_t at_start(const RateLimit& limit, Time now, std::int32_t current,
                      const ScaleHistory& history) {
  const std::int32_t before_up = go::subtract(current, history.up.within(now, limit.period));
  return go::add(before_up, history.down.within(now, limit.period));
}

std::int32_t highest_allowed(const RateLimit& limit, std::int32_t start) {
  if (limit.unit == RateLimit::Unit::Pods) return go::add(start, limit.value);
  const double factor = 1 + static_cast<double>(limit.value) / 100;
  return go::to_int32(std::ceil(static_cast<double>(start) * factor));
}

std::int32_t lowest_allowed(const RateLimit& limit, std::int32_t start) {
  if (limit.unit == RateLimit::Unit::Pods) return go::subtract(start, limit.value);
  const double factor = 1 - static_cast<double>(limit.value) / 100;
  return go::to_int32(static_cast<double>(start) * factor);
}

std::int32_t scale_up_limit(Time now, std::int32_t current, const ScalingRules& rules,
                            const ScaleHistory& history) {
  if (rules.select == ScalingPolicySelect::Disabled) return current;
  const bool takes_least = rules.select == ScalingPolicySelect::Min;
  std::int32_t allowed = takes_least ? Limits::max() : Limits::min();
  for (const RateLimit& limit : rules.limits) {
    const std::int32_t one = highest_allowed(limit, at_start(limit, now, current, history));
    allowed = takes_least ? std::min(allowed, one) : std::max(allowed, one);
  }
  return std::max(allowed, current);
}

std::int32_t scale_down_limit(Time now, std::int32_t current, const ScalingRules& rules,
                              const ScaleHistory& history) {
  if (rules.select == ScalingPolicySelect::Disabled) return current;
  const bool takes_least = rules.select == ScalingPolicySelect::Min;
  std::int32_t allowed = takes_least ? Limits::min() : Limits::max();
  for (const RateLimit& limit : rules.limits) {
    const std::int32_t one = lowest_allowed(limit, at_start(limit, now, current, history));
    allowed = takes_least ? std::max(allowed, one) : std::min(allowed, one);
  }
  return std::min(allowed, current);
}

}  // namespace

void Recommendations::start(Time now, std::int32_t replicas) {
  if (entries_.empty()) entries_.push_back({now, replicas});
}

std::int32_t Recommendations::highest(Time now, std::int32_t replicas, Duration window) {
  std::int32_t highest = replicas;
  for (const Entry& entry : entries_) {
    if (entry.at >= now - window) highest = std::max(highest, entry.replicas);
  }
  note(now, replicas, window);
  return highest;
}

std::int32_t Recommendations::between(Time now, std::int32_t replicas, std::int32_t current,
                                      Duration up, Duration down) {
  std::int32_t lowest = replicas;
  std::int32_t highest = replicas;
  for (const Entry& entry : entries_) {
    if (entry.at > now - up) lowest = std::min(lowest, entry.replicas);
    if (entry.at > now - down) highest = std::max(highest, entry.replicas);
  }
  note(now, replicas, std::max(up, down));
  return std::min(std::max(current, lowest), highest);
}

void Recommendations::note(Time now, std::int32_t replicas, Duration window) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.at < now - window; });
  entries_.push_back({now, replicas});
}

void ScaleEvents::add(Time now, std::int32_t change, const ScalingRules& rules) {
  Duration longest{};
  for (const RateLimit& limit : rules.limits) longest = std::max(longest, limit.period);
  Entry* outdated = nullptr;
  for (Entry& entry : entries_) {
    entry.is_outdated = entry.is_outdated || entry.at < now - longest;
    if (entry.is_outdated) outdated = &entry;
  }
  if (outdated == nullptr) {
    entries_.push_back({now, change});
  } else {
    *outdated = {now, change};
  }
}

std::int32_t ScaleEvents::within(Time now, Duration period) const {
  std::int32_t sum = 0;
  for (const Entry& entry : entries_) {
    if (entry.at > now - period) sum = go::add(sum, entry.change);
  }
  return sum;
}

Limited limit_by_default(std::int32_t current, std::int32_t desired, ReplicaRange range) {
  const std::int32_t rate =
      go::to_int32(std::max(kScaleUpFactor * static_cast<double>(current), kScaleUpLeast));
  if (desired < range.least) return {range.least, ScalingReason::TooFewReplicas};
  if (range.most > rate && desired > rate) return {rate, ScalingReason::ScaleUpLimit};
  if (desired > range.most) return {range.most, ScalingReason::TooManyReplicas};
  return {desired, ScalingReason::DesiredWithinRange};
}

Limited limit_by_rules(Time now, std::int32_t current, std::int32_t desired, ReplicaRange range,
                       const ScalingBehavior& behavior, const ScaleHistory& history) {
  if (desired > current) {
    const std::int32_t rate = scale_up_limit(now, current, behavior.up, history);
    if (desired > std::min(rate, range.most)) {
      return rate < range.most ? Limited{rate, ScalingReason::ScaleUpLimit}
                               : Limited{range.most, ScalingReason::TooManyReplicas};
    }
  } else if (desired < current) {
    const std::int32_t rate = scale_down_limit(now, current, behavior.down, history);
    if (desired < std::max(rate, range.least)) {
      return rate > range.least ? Limited{rate, ScalingReason::ScaleDownLimit}
                                : Limited{range.least, ScalingReason::TooFewReplicas};
    }
  }
  return {desired, ScalingReason::DesiredWithinRange};
}

}  // namespace orrery::policies
