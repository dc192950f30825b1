#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/models/disruption_budget.hpp"
#include "orrery/models/gpu.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/models/node.hpp"
#include "orrery/models/pod.hpp"
#include "orrery/models/state_change.hpp"
#include "orrery/models/units.hpp"

namespace orrery {

/// Why a node may not take new pods at the moment; zero when it may.
enum class NodeBlock : std::uint8_t { None = 0, NotReady = 1, Cordoned = 2, Removed = 4 };

/// A named extended resource: whole units per node.
struct ExtendedColumn {
  IdVector<NodeId, std::int64_t> allocatable;
  IdVector<NodeId, std::int64_t> free;
};

/// What policies scan: one entry per node, free = allocatable − requested by bound and assumed
/// pods.
struct NodeColumns {
  IdVector<NodeId, MilliCpu> cpu_allocatable;
  IdVector<NodeId, MilliCpu> cpu_free;
  IdVector<NodeId, Bytes> memory_allocatable;
  IdVector<NodeId, Bytes> memory_free;
  IdVector<NodeId, Bytes> storage_allocatable;
  IdVector<NodeId, Bytes> storage_free;
  IdVector<NodeId, std::int32_t> pods_allocatable;
  IdVector<NodeId, std::int32_t> pods_free;
  IdVector<NodeId, std::int32_t> gpu_count;
  IdVector<NodeId, GpuModelId> gpu_model;     ///< none without GPUs
  IdVector<NodeId, MilliGpu> gpu_free;        ///< sum over the devices
  IdVector<NodeId, GpuDevices> gpu_devices;   ///< free milli, device by device
  IdVector<NodeId, std::uint8_t> blocked;     ///< bits of NodeBlock; 0: may take new pods
  IdVector<NodeId, std::uint8_t> is_tainted;  ///< 1: `taints` is not empty
  IdVector<NodeId, ZoneId> zone;              ///< none when the node names no zone
  IdVector<NodeId, RackId> rack;
  std::map<std::string, ExtendedColumn, std::less<>> extended;
  IdVector<NodeId, std::shared_ptr<const Node>> info;  ///< name, labels as registered
  IdVector<NodeId, std::shared_ptr<const std::vector<Taint>>> taints;

  [[nodiscard]] std::size_t size() const { return cpu_free.size(); }
};

/// A template with its names resolved against this cluster.
struct ResolvedTemplate {
  std::shared_ptr<const PodTemplate> spec;
  std::uint64_t gpu_models = ~std::uint64_t{0};  ///< admissible models, one bit per GpuModelId
  bool has_placement_rules = false;              ///< selector or required affinity
  bool is_plain = false;  ///< asks for CPU, memory and a place among the pods, nothing else
  std::uint8_t ignored_blocks = 0;  ///< bits of NodeBlock that its tolerations overcome, for
                                    ///< policies that let them
};

/// One reason why a node cannot take a pod; the first that holds, in the order of the filters.
enum class Unfit : std::uint8_t {
  None,
  NotReady,
  Cordoned,
  Removed,
  NodeSelector,
  Taint,
  Pods,
  Cpu,
  Memory,
  EphemeralStorage,
  ExtendedResource,
  GpuModel,
  Gpu,
};
[[nodiscard]] std::string_view to_string(Unfit reason);

/// What a cluster's API server would say, as one reader has heard it so far: nodes, pods and what
/// is reserved on each node, in columns. It changes only through apply(); the simulator feeds it
/// from its world after the watch delay, live informers feed it from the real API server, so that
/// nothing decides on what it could not know yet (docs/decisions/0001-watch-cache.md).
///
/// apply() is O(1) except for what concerns whole nodes and templates, and checks that no node is
/// over-committed on any resource or device.
class ClusterState {
 public:
  ClusterState() = default;
  ClusterState(ClusterState&&) noexcept = default;
  ClusterState& operator=(ClusterState&&) noexcept = default;
  ClusterState(const ClusterState&) = default;
  ClusterState& operator=(const ClusterState&) = default;

  void apply(const StateChange& change);
  void apply(const change::TemplateAdded& added);
  void apply(const change::NodeAdded& added);
  void apply(const change::NodeReadyChanged& changed);
  void apply(const change::NodeCordonChanged& changed);
  void apply(const change::NodeTaintsChanged& changed);
  void apply(const change::NodeRemoved& removed);
  void apply(const change::PodAdded& added);
  void apply(const change::PodAssumed& assumed);
  void apply(const change::PodForgotten& forgotten);
  void apply(const change::PodBound& bound);
  void apply(const change::PodStarted& started);
  void apply(const change::PodEnded& ended);
  void apply(const change::PodTerminating& terminating);
  void apply(const change::PodNominated& nominated);
  void apply(const change::BudgetChanged& changed);

  [[nodiscard]] const NodeColumns& nodes() const { return nodes_; }
  [[nodiscard]] std::size_t node_count() const { return nodes_.size(); }
  [[nodiscard]] const Pod& pod(PodId id) const { return pods_[id]; }
  /// Start to load the row of a pod, or what changes with a pod on a node, into the cache; the id
  /// need not exist here.
  void fetch_early(PodId id) const { __builtin_prefetch(pods_.data() + id.index()); }
  void fetch_early(NodeId id) const {
    __builtin_prefetch(nodes_.cpu_free.data() + id.index());
    __builtin_prefetch(nodes_.memory_free.data() + id.index());
    __builtin_prefetch(nodes_.pods_free.data() + id.index());
  }
  /// Rows of all pod ids ever used; those whose pod has ended hold uid 0.
  [[nodiscard]] const IdRows<PodId, Pod>& pods() const { return pods_; }
  [[nodiscard]] const PodTemplate& pod_template(PodId id) const {
    return *templates_[pods_[id].pod_template].spec;
  }
  [[nodiscard]] const ResolvedTemplate& resolved(PodTemplateId id) const { return templates_[id]; }
  [[nodiscard]] std::size_t template_count() const { return templates_.size(); }

  /// Where room is held for waiting pods, by pod.
  [[nodiscard]] const std::map<PodId, NodeId>& nominations() const { return nominations_; }

  /// The disruption budgets; those that are gone select nothing.
  [[nodiscard]] const IdVector<BudgetId, std::shared_ptr<const DisruptionBudget>>& budgets() const {
    return budgets_;
  }

  [[nodiscard]] const std::string& node_name(NodeId id) const { return nodes_.info[id]->name; }
  [[nodiscard]] const std::vector<std::string>& gpu_models() const { return gpu_models_; }
  [[nodiscard]] const std::vector<std::string>& zones() const { return zones_; }
  [[nodiscard]] const std::vector<std::string>& racks() const { return racks_; }

  /// The first reason why `pod` cannot go to `node` now, or Unfit::None. O(1) in nodes and pods.
  /// `ignored_blocks` are bits of NodeBlock that do not count.
  [[nodiscard]] Unfit unfit(NodeId node, const Pod& pod, std::uint8_t ignored_blocks = 0) const;
  [[nodiscard]] bool fits(NodeId node, const Pod& pod) const {
    if (!templates_[pod.pod_template].is_plain || nodes_.is_tainted[node] != 0) {
      return unfit(node, pod) == Unfit::None;
    }
    return has_plain_room(node, pod) && nodes_.blocked[node] == 0;
  }
  /// As unfit(), but against an empty node: a reason here will not go away when pods end.
  [[nodiscard]] Unfit never_fits(NodeId node, const Pod& pod) const;
  /// Would only names and rules (selector, affinity, taints, GPU model) admit the pod?
  [[nodiscard]] Unfit excluded(NodeId node, PodTemplateId id) const;

  /// The sum of what nodes that may take pods offer, for reports. O(nodes).
  [[nodiscard]] MilliCpu cpu_allocatable_total() const;
  [[nodiscard]] MilliGpu gpu_allocatable_total() const;

  /// Bytes held by the pod rows, for the memory figures in bench/.
  [[nodiscard]] std::size_t pod_bytes() const { return pods_.capacity_bytes(); }

 private:
  [[nodiscard]] bool has_plain_room(NodeId node, const Pod& pod) const {
    return nodes_.cpu_free[node] >= pod.cpu && nodes_.memory_free[node] >= pod.memory &&
           nodes_.pods_free[node] >= 1;
  }
  void take(PodId id, NodeId node, GpuDeviceMask devices);
  void give_back(PodId id);
  /// What most pods do not ask for: storage, GPUs, extended resources.
  void take_special(const PodTemplate& spec, NodeId node, GpuDeviceMask devices);
  void give_back_special(const PodTemplate& spec, NodeId node, GpuDeviceMask devices);
  [[noreturn]] void over_committed(NodeId node) const;
  void resolve(ResolvedTemplate& resolved) const;
  GpuModelId intern_gpu_model(const std::string& name);

  NodeColumns nodes_;
  IdRows<PodId, Pod> pods_;
  IdVector<PodTemplateId, ResolvedTemplate> templates_;
  std::map<PodId, NodeId> nominations_;
  IdVector<BudgetId, std::shared_ptr<const DisruptionBudget>> budgets_;
  std::vector<std::string> gpu_models_;
  std::vector<std::string> zones_;
  std::vector<std::string> racks_;
};

/// The devices that best fit takes on `node` for `request`: those with the least left that is still
/// enough, ties to the lowest device; empty when they do not suffice or none is asked for.
[[nodiscard]] GpuDeviceMask best_fit_devices(const GpuDevices& devices, GpuRequest request);

}  // namespace orrery
