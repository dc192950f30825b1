#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "orrery/models/cluster_state.hpp"
#include "orrery/models/fragmentation.hpp"
#include "orrery/models/pod.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/cluster/cluster_setup.hpp"
#include "orrery/sim/metrics/load_curve.hpp"
#include "orrery/sim/metrics/metrics_recorder.hpp"
#include "orrery/sim/metrics/node_heat.hpp"
#include "orrery/sim/world/world.hpp"

namespace orrery::sim {

/// Translates what happens in one cluster's world into levels, counts and samples. Reads the world,
/// changes nothing in it.
class ClusterMetrics {
 public:
  ClusterMetrics(const ClusterSetup& setup, const WindowPlan& plan, bool measures_load_curve);

  /// A node registers; ids follow the order of the calls.
  void node_joined(const Node& node, const NodeRates& rates, Time now);
  /// The node really goes down or comes up.
  void node_power(NodeId node, bool is_up, Time now);
  /// The API server believes that the node may take pods, or no longer.
  void node_ready(NodeId node, bool is_ready, Time now);

  void pod_arrived(const PodTemplate& spec, Time now);
  /// `request` is the pod's row of the API state, `spec` its template.
  void pod_bound(const WorldPod& pod, const Pod& request, const PodTemplate& spec, Time now);
  void pod_started(const WorldPod& pod, const Pod& request, const PodTemplate& spec, Time now);
  /// The pod stops consuming; `was_running`, else it was still starting.
  void pod_stopped(const WorldPod& pod, const Pod& request, const PodTemplate& spec, Time now);
  /// The API server gives the pod's room back.
  void pod_released(const WorldPod& pod, const Pod& request, const PodTemplate& spec, Time now);
  void pod_completed(const WorldPod& pod, Time now);
  void pod_lost(const WorldPod& pod, bool was_running, Time now);
  void pod_waits_again(Time now) { recorder_.shift(Level::PodsWaiting, 1, now); }
  void pod_stops_waiting(Time now) { recorder_.shift(Level::PodsWaiting, -1, now); }

  /// The scheduler's reservations on `node` have changed: measures its fragmentation anew.
  void node_reserved(const ClusterState& state, NodeId node, Time now);
  /// The arrival has been dealt with as far as it goes at once: one point of the load curve.
  void arrival_handled();

  [[nodiscard]] MetricsRecorder& recorder() { return recorder_; }
  [[nodiscard]] const std::optional<LoadCurve>& load_curve() const { return load_curve_; }
  /// How full each node is over time, where the plan asks for it.
  [[nodiscard]] std::optional<NodeHeat>& node_heat() { return node_heat_; }
  [[nodiscard]] std::int64_t fragment_weight() const {
    return fragmentation_ ? fragmentation_->weight_total() : 0;
  }

 private:
  struct NodeFigures {
    MilliCpu cpu;
    Bytes memory;
    MilliGpu gpu;
    GpuModelId gpu_model;
    NodeRates rates;
  };
  [[nodiscard]] std::int64_t power_of(const WorldPod& pod, const Pod& request,
                                      const PodTemplate& spec) const;

  MetricsRecorder recorder_;
  std::optional<LoadCurve> load_curve_;
  std::optional<NodeHeat> node_heat_;
  std::optional<FragmentationModel> fragmentation_;
  IdVector<NodeId, NodeFigures> nodes_;
  IdVector<NodeId, std::int64_t> fragment_;
  std::vector<std::string> gpu_models_;
  std::int64_t gpu_arrived_ = 0;
  bool has_power_ = false;
};

}  // namespace orrery::sim
