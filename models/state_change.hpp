#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/node.hpp"
#include "orrery/models/pod.hpp"

namespace orrery {

/// What a watch on the API server reports, and the scheduler's own reservations: the only ways in
/// which a ClusterState changes.
namespace change {

/// Comes before the first pod that uses it.
struct TemplateAdded {
  PodTemplateId id;
  std::shared_ptr<const PodTemplate> pod_template;
};
/// Ids are dense and given by the writer; a removed node's id is not reused.
struct NodeAdded {
  NodeId id;
  std::shared_ptr<const Node> node;
};
/// The node's Ready condition.
struct NodeReadyChanged {
  NodeId id;
  bool is_ready = true;
};
/// spec.unschedulable: cordoned or not.
struct NodeCordonChanged {
  NodeId id;
  bool is_cordoned = false;
};
struct NodeTaintsChanged {
  NodeId id;
  std::shared_ptr<const std::vector<Taint>> taints;
};
struct NodeRemoved {
  NodeId id;
};
/// A Pending pod, or one that was bound before the watch began.
struct PodAdded {
  PodId id;
  Pod pod;
};
/// The scheduler reserves room before the API server has confirmed the binding.
struct PodAssumed {
  PodId id;
  NodeId node;
  GpuDeviceMask devices;
};
/// The reservation is given back: the binding failed or was given up.
struct PodForgotten {
  PodId id;
  NodeId node;
};
/// The API server committed the binding. When somebody else bound an assumed pod elsewhere,
/// PodForgotten comes first, so that each change touches one node at most.
struct PodBound {
  PodId id;
  NodeId node;
  GpuDeviceMask devices;
};
struct PodStarted {
  PodId id;
};
/// The pod's object is gone (Succeeded, or Failed: evicted, lost with its node). Its row can still
/// be read during the notification; afterwards the id may be reused.
struct PodEnded {
  PodId id;
  PodPhase phase = PodPhase::Succeeded;
};

}  // namespace change

using StateChange =
    std::variant<change::TemplateAdded, change::NodeAdded, change::NodeReadyChanged,
                 change::NodeCordonChanged, change::NodeTaintsChanged, change::NodeRemoved,
                 change::PodAdded, change::PodAssumed, change::PodForgotten, change::PodBound,
                 change::PodStarted, change::PodEnded>;

}  // namespace orrery
