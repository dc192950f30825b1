#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "orrery/models/gpu.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/models/node.hpp"
#include "orrery/models/pod.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/engine/event.hpp"

namespace orrery::sim {

/// What is really the case with a pod, as opposed to what the API server has heard.
enum class PodState : std::uint8_t {
  Gone,      ///< the id is free
  Waiting,   ///< on no node
  Binding,   ///< the scheduler has chosen, the API server has not committed yet
  Starting,  ///< bound; pulling, initialising, or waiting for the rest of its gang
  Running,
  Dead,  ///< its node has crashed, or its gang lost a member; the API server does not know yet
};

/// The truth about one pod, apart from what it asks for: that never changes and stands in its row
/// of the API state. One cache line: there is one for each live pod.
struct alignas(64) WorldPod {
  std::uint64_t uid = 0;
  Time arrival;  ///< of the work, also when the pod replaces one that was lost
  Time started;
  Duration service{};  ///< run time needed; Duration::max() never ends
  EventHandle event;   ///< the one thing that will happen to it by time alone
  GangId gang;
  NodeId node;
  PodState state = PodState::Gone;
  bool has_started_before = false;  ///< it, or one that it replaces
  std::uint8_t losses = 0;          ///< how many pods were lost before it with the same work
  // What the API server knows or is yet to hear, where it is simulated as Kubernetes does it.
  bool is_terminating : 1 = false;  ///< deleted, but the object is still there
  bool is_ending : 1 = false;       ///< its kubelet has heard of that
  bool is_reported : 1 = false;     ///< the API server has heard that it started
  bool is_listed : 1 = false;       ///< Ready for all that the API server knows: an endpoint
  bool is_owned : 1 = false;        ///< by a controller, which replaces it
  bool has_finished : 1 = false;    ///< its work is done, unknown to the API server
  std::uint32_t work = 0;           ///< number of the work item: keys its random draws
};
static_assert(sizeof(WorldPod) == 64);

/// The truth about one node.
struct WorldNode {
  bool is_up = true;
  bool looks_ready = true;  ///< what the API server believes
  bool is_linked = true;    ///< the network between it and the API server works
  bool is_in_touch = true;  ///< its kubelet is heard by the API server, and hears it
  Time crashed_at;
  EventHandle silence;  ///< when the API server will notice a crash
  /// Bound here, in no particular but a reproducible order. The usual number lies in the row
  /// itself.
  boost::container::small_vector<PodId, 14> pods;
};

/// What a node's kubelet goes by, where the cluster is simulated as Kubernetes does it. Apart from
/// the node, whose row every pod passes.
struct WorldKubelet {
  Time lost_at;  ///< when it was last in touch
  Duration lease_phase{};
  EventHandle returns;        ///< when it will be in touch again
  bool has_rebooted = false;  ///< since it was last in touch
};

/// Pods that run together or not at all.
struct WorldGang {
  std::vector<PodId> members;
  std::uint32_t started = 0;
  std::uint32_t size = 0;  ///< members when complete
  bool is_broken = false;  ///< lost a member
  EventHandle finish;
};

/// The rows of what is really there in one cluster, and which pods are on which node. No events,
/// no metrics, no decisions.
class World {
 public:
  NodeId add_node();
  /// A free row with `work`, waiting, under a uid of its own. Ids are reused, last freed first.
  PodId add_pod(const WorldPod& work);
  void remove_pod(PodId id);
  GangId add_gang();
  void remove_gang(GangId id);

  /// O(1), and O(pods on the node) to undo: a node has few, and they lie side by side.
  void put_on_node(PodId pod, NodeId node);
  void take_off_node(PodId pod);

  [[nodiscard]] WorldPod& pod(PodId id) { return pods_[id]; }
  [[nodiscard]] const WorldPod& pod(PodId id) const { return pods_[id]; }
  [[nodiscard]] WorldNode& node(NodeId id) { return nodes_[id]; }
  [[nodiscard]] const WorldNode& node(NodeId id) const { return nodes_[id]; }
  [[nodiscard]] WorldKubelet& kubelet(NodeId id) { return kubelets_[id]; }
  [[nodiscard]] WorldGang& gang(GangId id) { return gangs_[id]; }
  [[nodiscard]] std::size_t node_count() const { return nodes_.size(); }
  [[nodiscard]] std::size_t live_pods() const { return live_pods_; }
  /// Start to load a row into the cache.
  void fetch_early(PodId id) const { __builtin_prefetch(pods_.data() + id.index()); }
  void fetch_early(NodeId id) const {
    const auto* row = reinterpret_cast<const std::byte*>(nodes_.data() + id.index());
    __builtin_prefetch(row);
    __builtin_prefetch(row + sizeof(WorldNode) / 2);
  }

  /// Digest of all rows.
  [[nodiscard]] std::uint64_t fingerprint() const;

 private:
  IdRows<PodId, WorldPod> pods_;
  std::vector<PodId> free_pods_;
  IdVector<NodeId, WorldNode> nodes_;
  IdVector<NodeId, WorldKubelet> kubelets_;
  IdVector<GangId, WorldGang> gangs_;
  std::vector<GangId> free_gangs_;
  std::uint64_t last_uid_ = 0;
  std::size_t live_pods_ = 0;
};

}  // namespace orrery::sim
