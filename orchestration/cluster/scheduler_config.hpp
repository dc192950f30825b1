#pragma once

#include <cstdint>

#include "orrery/models/units.hpp"
#include "orrery/policies/placement/queue_order.hpp"

namespace orrery::orchestration {

/// What becomes of a pod that no node can take.
enum class Retry : std::uint8_t {
  OnChange,  ///< parked until a change could make it fit, then back off as Kubernetes does
  Never,     ///< given up at once, as the GPU-sharing study does
};

/// How a cluster's scheduler treats its queue. Defaults as kube-scheduler's
/// (pkg/scheduler/backend/queue, v1.33: podInitialBackoffSeconds 1, podMaxBackoffSeconds 10).
struct SchedulerConfig {
  policies::QueueOrder queue_order = policies::QueueOrder::Fifo;
  Retry retry = Retry::OnChange;
  bool is_blocking = false;  ///< the head of the queue must be placed before anyone behind it
  Duration backoff_initial = std::chrono::seconds{1};  ///< doubles with each attempt; 0: none
  Duration backoff_max = std::chrono::seconds{10};

  friend bool operator==(const SchedulerConfig&, const SchedulerConfig&) = default;
};

}  // namespace orrery::orchestration
