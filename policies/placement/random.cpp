#include "orrery/policies/placement/random.hpp"

#include <array>
#include <utility>

namespace orrery::policies {
namespace {

constexpr int kBlindDraws = 16;

/// `request.count` of the devices that have enough left, every such set equally likely.
GpuDeviceMask random_devices(const GpuDevices& devices, GpuRequest request, Stream& stream) {
  std::array<std::size_t, kGpusPerNodeMax> fitting{};
  std::size_t count = 0;
  for (std::size_t device = 0; device < kGpusPerNodeMax; ++device) {
    if (devices.free[device] >= request.milli) fitting[count++] = device;
  }
  GpuDeviceMask chosen;
  for (std::size_t taken = 0; taken < request.count; ++taken) {
    std::swap(fitting[taken], fitting[taken + stream.below(count - taken)]);
    chosen.add(fitting[taken]);
  }
  return chosen;
}

}  // namespace

Random::Random(const Parameters& /*parameters*/, const PolicyContext& context)
    : stream_(context.seed, Purpose::Placement, context.cluster.index()) {}

Placement Random::draw(const ClusterState& state, const Pod& pod, Stream& stream) {
  NodeId chosen;
  if (state.node_count() == 0) return Placement::wait(WaitReason::NoFeasibleNode);
  for (int attempt = 0; attempt < kBlindDraws && !chosen; ++attempt) {
    const NodeId node{static_cast<std::size_t>(stream.below(state.node_count()))};
    if (state.fits(node, pod)) chosen = node;
  }
  if (!chosen) {
    const Room asked = room_asked(state, pod);
    feasible_.clear();
    for (NodeId node = rooms_.first(asked); node;
         node = rooms_.first(asked, NodeId{node.index() + 1})) {
      if (state.fits(node, pod)) feasible_.push_back(node);
    }
    if (feasible_.empty()) return Placement::wait(WaitReason::NoFeasibleNode);
    chosen = feasible_[stream.below(feasible_.size())];
  }
  const GpuRequest& gpu = state.resolved(pod.pod_template).spec->gpu;
  return Placement::bind(chosen, random_devices(state.nodes().gpu_devices[chosen], gpu, stream));
}

Placement Random::place(const ClusterView& view, PodId pod) {
  return draw(view.state, view.state.pod(pod), stream_);
}

void Random::on_change(const ClusterView& view, const StateChange& change) {
  rooms_.refresh(view.state, changed_node(view, change));
}

Explanation Random::explain(const ClusterView& view, PodId pod) {
  Explanation explanation = explain_filters(view, pod);
  Stream same_draws = stream_;
  explanation.placement = draw(view.state, view.state.pod(pod), same_draws);
  return explanation;
}

}  // namespace orrery::policies
