#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "orrery/models/ids.hpp"
#include "orrery/sim/kubernetes/token_bucket.hpp"

namespace orrery::sim {

/// The nodes of one zone that wait for their NoExecute taint, first come first served at a limited
/// rate (k8s.io/kubernetes v1.36.3, pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go).
class ZoneEvictor {
 public:
  explicit ZoneEvictor(double rate) : rate_(rate), tokens_(rate, 1) {}

  /// A node that waits already keeps its place.
  void add(NodeId node);
  void remove(NodeId node);
  /// A new limiter begins full, unless the one before had nothing to give at `now`.
  void set_rate(double rate, Time now);
  /// The first in turn, if the rate lets it go now.
  [[nodiscard]] std::optional<NodeId> pop(Time now);
  /// When pop() will give a node; kTimeMax: never, as things are.
  [[nodiscard]] Time next(Time now) const {
    return waiting_.empty() ? kTimeMax : tokens_.next(now);
  }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

 private:
  double rate_;
  TokenBucket tokens_;
  std::deque<NodeId> waiting_;
};

}  // namespace orrery::sim
