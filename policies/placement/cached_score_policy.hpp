#pragma once

#include <string>
#include <vector>

#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/policies/placement/score_cache.hpp"

namespace orrery::policies {

/// Base of the policies that give each feasible node a whole score which depends on the pod's
/// request and on that node alone, and take the highest, ties to the lowest id. Scores are cached
/// by request class (see ScoreCache), so a derived class may be as plain as its formula.
class CachedScorePolicy : public PlacementPolicy {
 public:
  Placement place(const ClusterView& view, PodId pod) final;
  void on_change(const ClusterView& view, const StateChange& change) final;
  Explanation explain(const ClusterView& view, PodId pod) final;

 protected:
  /// The score of a node on which `pod` fits: 0 to ScoreCache::kScoreMax, highest is best.
  [[nodiscard]] virtual int score(const ClusterState& state, NodeId node, const Pod& pod) const = 0;
  /// The devices to take on the chosen node; best fit unless overridden. Called only for GPU pods.
  [[nodiscard]] virtual GpuDeviceMask devices(const ClusterState& state, NodeId node,
                                              const Pod& pod) const;
  /// Follows the change before any score is asked for; true when other nodes' scores have changed
  /// as well.
  virtual bool follow(const ClusterView& view, const StateChange& change);
  /// Called before scores are asked for a pod.
  virtual void prepare(const ClusterView& view);
  void forget_scores() { cache_.clear(); }

 private:
  ScoreCache cache_;
};

}  // namespace orrery::policies
