#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/labels.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/kubernetes/api_server.hpp"

namespace orrery::sim {

/// How long a pod with these tolerations stays on a node with these taints: zero when it does not
/// tolerate every NoExecute among them, none for ever.
[[nodiscard]] std::optional<Duration> tolerated_for(const std::vector<Taint>& taints,
                                                    const std::vector<Toleration>& tolerations);
[[nodiscard]] bool has_no_execute(const std::vector<Taint>& taints);

/// The taint eviction controller: deletes the pods of a node with NoExecute taints when they have
/// tolerated that for as long as they do. Deletes, not evicts: budgets do not count
/// (k8s.io/kubernetes v1.36.3, pkg/controller/tainteviction/taint_eviction.go). O(pods of the node)
/// per change of its taints.
class TaintEviction {
 public:
  /// A deletion that falls due wakes `api` with `due` and the pod as subject and data.
  TaintEviction(ApiServer& api, std::uint32_t due) : api_(api), due_(due) {}

  void node_changed(NodeId node, Time now);
  void pod_bound(PodRef pod, NodeId node, Time now);
  void pod_gone(PodId pod);
  /// The timer of `pod` has fired. Is it still the one to delete?
  [[nodiscard]] bool take(PodRef pod);

 private:
  struct Timer {
    std::uint64_t uid = 0;
    EventHandle event;
  };
  void consider(PodRef pod, const std::vector<Taint>& taints, Time now);

  ApiServer& api_;
  std::uint32_t due_;
  std::map<PodId, Timer> timers_;
};

}  // namespace orrery::sim
