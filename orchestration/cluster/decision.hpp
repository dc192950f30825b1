#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "orrery/models/gpu.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/policies/placement/placement_policy.hpp"

namespace orrery::orchestration {

/// Bind `pod` to `node`. The room is already reserved in the scheduler's cache.
struct Bind {
  PodId pod;
  std::uint64_t uid = 0;  ///< the executor must refuse the bind if the id now means another pod
  NodeId node;
  GpuDeviceMask devices;

  friend bool operator==(const Bind&, const Bind&) = default;
};

/// `pod` (or, for a gang, the gang that it leads) was tried and stays where it is.
struct Wait {
  PodId pod;
  std::uint64_t uid = 0;
  policies::WaitReason reason = policies::WaitReason::NoFeasibleNode;
  bool is_final = false;  ///< it will not be tried again

  friend bool operator==(const Wait&, const Wait&) = default;
};

/// End `victims` so that `pod` fits on `node`, where room is now held for it (it is nominated). It
/// waits for that: its Wait follows.
struct Preempt {
  struct Victim {
    PodId pod;
    std::uint64_t uid = 0;
    friend bool operator==(const Victim&, const Victim&) = default;
  };
  PodId pod;
  std::uint64_t uid = 0;
  NodeId node;
  std::vector<Victim> victims;

  friend bool operator==(const Preempt&, const Preempt&) = default;
};

using Decision = std::variant<Bind, Wait, Preempt>;

}  // namespace orrery::orchestration
