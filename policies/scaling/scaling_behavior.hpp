#pragma once

#include <cstdint>
#include <vector>

#include "orrery/models/units.hpp"
#include "orrery/policies/scaling/autoscaler_spec.hpp"
#include "orrery/policies/scaling/scaling_policy.hpp"

/// What stands between the number that the metrics ask for and the one that is set: recent
/// recommendations, limits of the rate, the range. Semantics of kubernetes v1.36.3,
/// pkg/controller/podautoscaler/horizontal.go.
namespace orrery::policies {

/// What was recommended before anything held it back, as far back as it can still matter.
class Recommendations {
 public:
  /// The first time, what the block has counts as recommended.
  void start(Time now, std::int32_t replicas);
  /// The highest of those not older than `window`, `replicas` among them; notes `replicas`.
  std::int32_t highest(Time now, std::int32_t replicas, Duration window);
  /// `current`, moved as little as the recommendations younger than the windows allow: up to the
  /// lowest within `up`, down to the highest within `down`; notes `replicas`.
  std::int32_t between(Time now, std::int32_t replicas, std::int32_t current, Duration up,
                       Duration down);

 private:
  struct Entry {
    Time at;
    std::int32_t replicas;
  };
  /// Notes `replicas` and forgets what is older than `window`.
  void note(Time now, std::int32_t replicas, Duration window);

  std::vector<Entry> entries_;
};

/// The changes of one direction. A new one takes the place of the last that is older than the
/// longest period of its own direction's limits, of which the other direction's may be longer.
class ScaleEvents {
 public:
  void add(Time now, std::int32_t change, const ScalingRules& rules);
  /// The sum of the changes less than `period` ago.
  [[nodiscard]] std::int32_t within(Time now, Duration period) const;

 private:
  struct Entry {
    Time at;
    std::int32_t change;
    bool is_outdated = false;
  };
  std::vector<Entry> entries_;
};

/// All changes of one block.
struct ScaleHistory {
  ScaleEvents up;
  ScaleEvents down;
};

/// A number of replicas after a limit, and the limit, which may have changed nothing.
struct Limited {
  std::int32_t replicas = 0;
  ScalingReason reason = ScalingReason::DesiredWithinRange;
};

struct ReplicaRange {
  std::int32_t least = 1;
  std::int32_t most = 1;
};

/// Without behavior: at most twice the replicas, or 4, at a time.
[[nodiscard]] Limited limit_by_default(std::int32_t current, std::int32_t desired,
                                       ReplicaRange range);
/// By the rules of the direction in which it goes.
[[nodiscard]] Limited limit_by_rules(Time now, std::int32_t current, std::int32_t desired,
                                     ReplicaRange range, const ScalingBehavior& behavior,
                                     const ScaleHistory& history);

}  // namespace orrery::policies
