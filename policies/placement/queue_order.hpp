#pragma once

#include <cstdint>

#include "orrery/models/cluster_state.hpp"

namespace orrery::policies {

/// In which order waiting pods are tried; equal keys keep the order of their queue timestamps.
enum class QueueOrder : std::uint8_t {
  Fifo,           ///< by queue timestamp
  Priority,       ///< higher priority first (kube-scheduler's PrioritySort)
  ShortestFirst,  ///< smaller estimated duration first, unknown ones last
};

/// Smaller goes first.
[[nodiscard]] std::int64_t queue_key(QueueOrder order, const ClusterState& state, PodId pod);

}  // namespace orrery::policies
