#include "orrery/policies/placement/queue_order.hpp"

#include <limits>

namespace orrery::policies {

std::int64_t queue_key(QueueOrder order, const ClusterState& state, PodId pod) {
  switch (order) {
    case QueueOrder::Fifo:
      return 0;
    case QueueOrder::Priority:
      return -std::int64_t{state.pod_template(pod).priority};
    case QueueOrder::ShortestFirst: {
      const Duration estimate = state.pod(pod).estimated_duration;
      return estimate > Duration::zero() ? estimate.count()
                                         : std::numeric_limits<std::int64_t>::max();
    }
  }
  return 0;
}

}  // namespace orrery::policies
