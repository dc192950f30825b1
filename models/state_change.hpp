#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "orrery/models/disruption_budget.hpp"
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
/// The pod's object is deleted and waits for its containers to end.
struct PodTerminating {
  PodId id;
};
/// The scheduler holds room on a node for a waiting pod while the victims end (status.
/// nominatedNodeName); none: no more.
struct PodNominated {
  PodId id;
  NodeId node;
};
/// A disruption budget is new, or its status or rule has changed. Ids are dense and given by the
/// writer; one that is gone selects nothing from then on.
struct BudgetChanged {
  BudgetId id;
  std::shared_ptr<const DisruptionBudget> budget;
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
                 change::PodStarted, change::PodEnded, change::PodTerminating, change::PodNominated,
                 change::BudgetChanged>;

/// std::visit for one change. The library's own goes through a table of functions as soon as there
/// are more than eleven alternatives; this switch is inlined, and every pod passes it many times.
template <typename Visitor>
decltype(auto) visit_change(Visitor&& visitor, const StateChange& change) {
  static_assert(std::variant_size_v<StateChange> == 15);
  switch (change.index()) {
    case 0:
      return visitor(*std::get_if<0>(&change));
    case 1:
      return visitor(*std::get_if<1>(&change));
    case 2:
      return visitor(*std::get_if<2>(&change));
    case 3:
      return visitor(*std::get_if<3>(&change));
    case 4:
      return visitor(*std::get_if<4>(&change));
    case 5:
      return visitor(*std::get_if<5>(&change));
    case 6:
      return visitor(*std::get_if<6>(&change));
    case 7:
      return visitor(*std::get_if<7>(&change));
    case 8:
      return visitor(*std::get_if<8>(&change));
    case 9:
      return visitor(*std::get_if<9>(&change));
    case 10:
      return visitor(*std::get_if<10>(&change));
    case 11:
      return visitor(*std::get_if<11>(&change));
    case 12:
      return visitor(*std::get_if<12>(&change));
    case 13:
      return visitor(*std::get_if<13>(&change));
    default:
      return visitor(*std::get_if<14>(&change));
  }
}

}  // namespace orrery
