#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/state_change.hpp"
#include "orrery/models/units.hpp"

namespace orrery::policies {

/// What a policy may read. Cheap to copy; valid during the call.
struct ClusterView {
  const ClusterState& state;  ///< API state as heard so far, the scheduler's reservations included
  Time now;                   ///< virtual or wall-clock time
};

/// Why a pod stays where it is.
enum class WaitReason : std::uint8_t {
  NoFeasibleNode,  ///< no node has room now: try again when something changes
  NeverFits,       ///< no node could hold it even when empty: report it
  GangIncomplete,  ///< its gang does not fit as a whole
  PolicyChoice,    ///< the policy prefers to wait although a node would fit
};
[[nodiscard]] std::string_view to_string(WaitReason reason);

/// A node with the devices to use there, or why the pod must wait.
struct Placement {
  NodeId node;
  GpuDeviceMask devices;
  WaitReason reason = WaitReason::NoFeasibleNode;

  [[nodiscard]] static Placement bind(NodeId node, GpuDeviceMask devices = {}) {
    return {.node = node, .devices = devices, .reason = {}};
  }
  [[nodiscard]] static Placement wait(WaitReason reason) {
    return {.node = {}, .devices = {}, .reason = reason};
  }
  [[nodiscard]] bool is_bind() const { return static_cast<bool>(node); }
};

/// Pods that should end so that another fits on their node.
struct Preemption {
  NodeId node;  ///< none: nothing is to be gained
  std::vector<PodId> victims;
  /// Without a node: the pod still waits for room that is being made for it.
  bool keeps_nomination = false;

  [[nodiscard]] bool is_worthwhile() const { return static_cast<bool>(node); }
};

/// Lets a policy try placements one after another: each assumed pod takes its room at once, in the
/// view and in the policy's own indexes (through on_change), and everything is undone unless the
/// whole gang is placed.
class GangScratch {
 public:
  virtual ~GangScratch() = default;
  virtual void assume(PodId pod, const Placement& placement) = 0;
};

/// Why each node was or was not chosen: a table with one row per node.
struct Explanation {
  struct Row {
    NodeId node;
    std::string filter;          ///< "fits", or the first filter that refuses the node
    std::vector<double> scores;  ///< one per column; empty when refused
    double total = 0;            ///< what the policy maximises; meaningless when refused
  };
  std::vector<std::string> columns;  ///< names of the scores
  std::vector<Row> rows;             ///< by node id
  Placement placement;               ///< what place() answers in the same situation
};

/// Decides where pods go. Called by the orchestrator, one pod at a time, in the simulator and live
/// alike; it may depend on nothing but the view and what it was built with.
class PlacementPolicy {
 public:
  /// How the registry files what derives from this class.
  using Interface = PlacementPolicy;
  static constexpr std::string_view kKind = "placement";

  PlacementPolicy() = default;
  PlacementPolicy(const PlacementPolicy&) = delete;
  PlacementPolicy& operator=(const PlacementPolicy&) = delete;
  virtual ~PlacementPolicy() = default;

  /// Where should `pod` (Pending, on no node) go? A chosen node must fit: the orchestrator checks,
  /// and a placement that does not fit ends the run.
  virtual Placement place(const ClusterView& view, PodId pod) = 0;

  /// Which pods of lower priority should make room for `pod`, for which place() has just found no
  /// node? The default has none go.
  virtual Preemption preempt(const ClusterView& view, PodId pod);

  /// Which waiting pods may `change`, just applied, help otherwise than by room on the node that it
  /// concerns (which wakes those that fit there)? The default knows of none.
  [[nodiscard]] virtual std::vector<PodId> helped_by(const ClusterView& view,
                                                     const StateChange& change);

  /// All pods of a gang or none. Returns as many placements as pods, or an empty vector. The
  /// default places them one after another with place(), each assumed before the next.
  virtual std::vector<Placement> place_gang(const ClusterView& view, std::span<const PodId> pods,
                                            GangScratch& scratch);

  /// `change` has just been applied to the view: keep indexes incremental. Called once for each
  /// change from the first on, reservations (PodAssumed, PodForgotten) included.
  virtual void on_change(const ClusterView& view, const StateChange& change);

  /// Filters and scores of every node for `pod`, without changing any state that place() depends
  /// on. The default lists the filters, names no scores and asks place(): a policy whose place()
  /// changes what the next one answers overrides it.
  virtual Explanation explain(const ClusterView& view, PodId pod);
};

/// The node whose columns `change` has touched, or none.
[[nodiscard]] NodeId changed_node(const ClusterView& view, const StateChange& change);

/// Tells a policy that starts late everything that there is, as if it had been added just now.
void introduce(PlacementPolicy& policy, const ClusterView& view);

/// One row per node with the first filter that refuses `pod` there, no scores, no placement: what
/// every explanation starts from. O(nodes).
[[nodiscard]] Explanation explain_filters(const ClusterView& view, PodId pod);

/// Wait reason for a pod that fits nowhere now: NeverFits when no node could hold it even empty.
/// O(nodes); policies answer NoFeasibleNode themselves and leave this to the orchestrator.
[[nodiscard]] WaitReason wait_reason(const ClusterView& view, PodId pod);

}  // namespace orrery::policies
