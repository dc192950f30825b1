#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/labels.hpp"
#include "orrery/models/pod.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/engine/event.hpp"

namespace orrery::sim {

/// A pod as a controller remembers it: ids are reused, the uid tells whether it is still the same.
struct PodRef {
  PodId id;
  std::uint64_t uid = 0;
};

/// A pod that a controller creates.
struct NewPod {
  std::shared_ptr<const PodTemplate> pod_template;
  MilliCpu cpu;
  Bytes memory;
};

/// What the controllers of a simulated cluster know and do: the API server's objects, and a clock
/// that wakes them. Nothing here tells what is really the case in the cluster.
class ApiServer {
 public:
  virtual ~ApiServer() = default;

  [[nodiscard]] virtual bool is_ready(NodeId node) const = 0;
  /// The taints of the node's spec.
  [[nodiscard]] virtual const std::vector<Taint>& taints(NodeId node) const = 0;
  /// Pods with spec.nodeName = `node`, those that terminate included.
  [[nodiscard]] virtual std::vector<PodRef> pods_on(NodeId node) const = 0;
  [[nodiscard]] virtual bool exists(PodRef pod) const = 0;
  [[nodiscard]] virtual bool is_terminating(PodRef pod) const = 0;
  /// Its phase is no longer Pending.
  [[nodiscard]] virtual bool has_started(PodRef pod) const = 0;
  [[nodiscard]] virtual const std::vector<Toleration>& tolerations(PodRef pod) const = 0;

  /// The Ready condition turns Unknown.
  virtual void set_unknown(NodeId node) = 0;
  /// Adds the taint or takes it away, by key and effect.
  virtual void set_taint(NodeId node, const Taint& taint, bool is_there) = 0;
  virtual void set_not_ready(PodRef pod) = 0;
  /// A pod of its own, which nothing but a controller replaces, and which runs until it is deleted.
  virtual PodRef create_pod(const NewPod& pod) = 0;
  /// The pod is to end, after its grace period if it is on a node; a pod that terminates already
  /// goes on with that. `is_wanted`: by the controller that owns it; else it is an eviction.
  virtual void delete_pod(PodRef pod, bool is_wanted) = 0;
  /// The pod's object goes at once, whatever its containers do.
  virtual void remove_pod(PodRef pod) = 0;

  /// Has the controllers handle `payload` at `at`.
  virtual EventHandle wake(Time at, EventPayload payload) = 0;
  virtual void cancel_wake(EventHandle handle) = 0;
};

}  // namespace orrery::sim
