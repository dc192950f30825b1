#include "orrery/sim/kubernetes/zone_evictor.hpp"

#include <algorithm>

namespace orrery::sim {

void ZoneEvictor::add(NodeId node) {
  if (std::find(waiting_.begin(), waiting_.end(), node) == waiting_.end()) {
    waiting_.push_back(node);
  }
}

void ZoneEvictor::remove(NodeId node) { std::erase(waiting_, node); }

void ZoneEvictor::set_rate(double rate, Time now) {
  if (rate == rate_) return;
  const bool was_empty = !tokens_.try_take(now);
  rate_ = rate;
  tokens_ = TokenBucket(rate, 1);
  if (was_empty) tokens_.try_take(now);
}

std::optional<NodeId> ZoneEvictor::pop(Time now) {
  if (waiting_.empty() || !tokens_.try_take(now)) return std::nullopt;
  const NodeId node = waiting_.front();
  waiting_.pop_front();
  return node;
}

}  // namespace orrery::sim
