#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/kubernetes/kubernetes_setup.hpp"
#include "orrery/sim/kubernetes/zone_evictor.hpp"

namespace orrery::sim {

/// The node lifecycle controller of one cluster: it looks at leases and conditions every few
/// seconds, says which nodes are Unknown, and taints them NoExecute at a rate that depends on how
/// much of their zone is gone. It knows of a node what its lease and its condition say, and nothing
/// else (k8s.io/kubernetes v1.36.3, pkg/controller/nodelifecycle/node_lifecycle_controller.go).
///
/// Leases that are renewed cost nothing here: the driver only says when they end and begin again.
/// A look is O(nodes that are not well) + O(zones).
class NodeLifecycle {
 public:
  /// What the controller writes to the API server.
  class Writer {
   public:
    virtual ~Writer() = default;
    /// The Ready condition turns Unknown; the node's pods are no longer Ready.
    virtual void mark_unknown(NodeId node) = 0;
    /// The taint node.kubernetes.io/unreachable:NoExecute comes or goes.
    virtual void set_unreachable(NodeId node, bool is_unreachable) = 0;
  };

  /// `first_look`: looks come from then on, every monitor period.
  NodeLifecycle(const NodeLifecycleConfig& config, Time first_look);

  /// A healthy node; ids follow the order of the calls. Zones are dense numbers.
  void add_node(std::size_t zone);

  /// The last lease that the node has renewed is that of `last`.
  void leases_end(NodeId node, Time last);
  /// It renews its lease again from now on, and has posted that it is Ready if it was Unknown.
  void leases_resume(NodeId node);

  /// Its leases have ended, for all that the controller knows.
  [[nodiscard]] bool is_lost(NodeId node) const { return !nodes_[node].renews; }

  /// When to look next: `now` or later; kTimeMax while no node's state can change by looking.
  [[nodiscard]] Time next_look(Time now) const;
  void look(Time now, Writer& writer);
  /// When a node's turn for its taint comes, in the steps of the controller's loop.
  [[nodiscard]] Time next_taint(Time now) const;
  void taint(Time now, Writer& writer);

 private:
  enum class ZoneState : std::uint8_t { Normal, Partial, Full };
  struct Zone {
    int nodes = 0;
    int not_ready = 0;
    ZoneState state = ZoneState::Normal;
    ZoneEvictor evictor;
  };
  struct NodeRow {
    std::size_t zone = 0;
    bool is_ready = true;         ///< the condition: True, else Unknown
    bool is_unreachable = false;  ///< has the NoExecute taint
    bool renews = true;
    Time probed{};  ///< when a look saw the last lease, or will see it
  };

  void update_health(NodeId node, Time now, Writer& writer);
  void update_taint(NodeId node, Writer& writer);
  void mark_reachable(NodeId node, Writer& writer);
  void handle_disruption(Time now, Writer& writer);
  [[nodiscard]] ZoneState state_of(const Zone& zone) const;
  [[nodiscard]] double rate_of(const Zone& zone) const;

  NodeLifecycleConfig config_;
  Time first_look_;
  IdVector<NodeId, NodeRow> nodes_;
  std::vector<Zone> zones_;
  std::set<NodeId> watched_;  ///< not as a healthy node is
  bool is_all_disrupted_ = false;
};

}  // namespace orrery::sim
