#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/models/placement_rules.hpp"

namespace orrery::policies::kube {

/// CPU and memory as scorers count them: containers without a request count as if they asked for
/// 100m and 200 MiB (pkg/scheduler/util/pod_resources.go, v1.36.3).
struct NonZeroRequest {
  std::int64_t cpu = 0;     ///< milli
  std::int64_t memory = 0;  ///< bytes

  [[nodiscard]] static NonZeroRequest of(const Pod& pod, const PodTemplate& spec);
};

/// What the scheduler keeps of each node besides the columns of the state: its pods, the requests
/// as scorers count them, ports in use, images, and the order in which nodes are looked at.
class NodeIndex {
 public:
  void add_node(NodeId node, const Node& info);
  void remove_node(NodeId node, const Node& info);
  /// False, and nothing happens, when the pod is there already, or the node is not any more.
  bool add_pod(NodeId node, PodId pod, const Pod& row, const PodTemplate& spec);
  /// False, and nothing happens, when the pod is not there.
  bool remove_pod(NodeId node, PodId pod, const Pod& row, const PodTemplate& spec);

  [[nodiscard]] const std::vector<PodId>& pods(NodeId node) const { return rows_[node].pods; }
  /// Calls `visit(node, pod)` for every pod on a node.
  template <class Visit>
  void each_pod(Visit visit) const {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      for (const PodId pod : rows_[NodeId{i}].pods) visit(NodeId{i}, pod);
    }
  }
  [[nodiscard]] const NonZeroRequest& non_zero(NodeId node) const { return non_zero_[node]; }
  [[nodiscard]] const std::vector<HostPort>& ports(NodeId node) const { return rows_[node].ports; }

  /// Zones in turn, one node of each (pkg/scheduler/backend/cache/node_tree.go).
  [[nodiscard]] std::span<const NodeId> order();
  [[nodiscard]] std::size_t node_count() const { return node_count_; }

  /// Of the images that nodes hold: the size times the share of the nodes that hold it, for those
  /// of `names` that are held at all (plugins/imagelocality).
  struct HeldImage {
    std::uint32_t id = 0;
    std::int64_t scaled_size = 0;
  };
  [[nodiscard]] std::vector<HeldImage> held(const std::vector<std::string>& names) const;
  [[nodiscard]] bool holds(NodeId node, std::uint32_t image) const;

 private:
  struct Row {
    std::vector<PodId> pods;
    std::vector<HostPort> ports;        // of its pods
    std::vector<std::uint32_t> images;  // ascending
    bool is_removed = false;
  };
  struct Image {
    std::uint32_t id = 0;
    std::int64_t size = 0;  // as the first node that has it now said
    std::int64_t nodes = 0;
  };
  struct Zone {
    std::string name;
    std::vector<NodeId> nodes;
  };
  void hold_images(NodeId node, const Node& info);

  IdVector<NodeId, Row> rows_;
  IdVector<NodeId, NonZeroRequest> non_zero_;
  std::vector<Zone> zones_;  // in the order of their first nodes
  std::vector<NodeId> order_;
  bool is_order_old_ = false;
  std::size_t node_count_ = 0;
  std::map<std::string, Image, std::less<>> images_;
  std::uint32_t images_seen_ = 0;
};

}  // namespace orrery::policies::kube
