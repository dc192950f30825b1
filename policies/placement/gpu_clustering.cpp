#include "orrery/policies/placement/gpu_clustering.hpp"

#include <algorithm>
#include <variant>

namespace orrery::policies {
namespace {

constexpr int kBandAlone = 75;
constexpr int kBandAmongOthers = 50;
constexpr int kBandEmpty = 25;
constexpr int kFill = 25;

std::size_t kind_of(GpuRequest gpu) { return gpu.is_shared() ? 0 : gpu.count; }

}  // namespace

GpuClustering::GpuClustering(const Parameters& parameters, const PolicyContext& /*context*/)
    : largest_(parameters) {}

int GpuClustering::score(const ClusterState& state, NodeId node, const Pod& pod) const {
  const GpuRequest& gpu = state.resolved(pod.pod_template).spec->gpu;
  if (gpu.count == 0) return 0;
  const std::int64_t largest = std::max<std::int64_t>(largest_.gpu(), 1);
  const std::int64_t in_use = largest - state.nodes().gpu_free[node].count();
  const int fill = static_cast<int>(std::max<std::int64_t>(in_use, 0) * kFill / largest);

  const Census& census = census_[node];
  if (census.kinds == 0) return kBandEmpty + fill;
  if (census.pods[kind_of(gpu)] == 0) return fill;
  return fill + (census.kinds == 1 ? kBandAlone : kBandAmongOthers);
}

void GpuClustering::count(const ClusterState& state, PodId pod, NodeId node) {
  const GpuRequest& gpu = state.pod_template(pod).gpu;
  if (gpu.count == 0 || node.is_none()) return;
  if (!counted_.contains(pod)) counted_.resize(std::size_t{pod.index()} + 1);
  if (counted_[pod].node) return;  // bound after it was assumed
  if (!census_.contains(node)) census_.resize(std::size_t{node.index()} + 1);
  counted_[pod] = {.node = node, .kind = static_cast<std::uint8_t>(kind_of(gpu))};
  Census& census = census_[node];
  if (census.pods[counted_[pod].kind]++ == 0) ++census.kinds;
}

void GpuClustering::discount(PodId pod) {
  if (!counted_.contains(pod) || counted_[pod].node.is_none()) return;
  Census& census = census_[counted_[pod].node];
  if (--census.pods[counted_[pod].kind] == 0) --census.kinds;
  counted_[pod] = {};
}

bool GpuClustering::follow(const ClusterView& view, const StateChange& change) {
  if (const auto* node = std::get_if<change::NodeAdded>(&change)) {
    if (!census_.contains(node->id)) census_.resize(std::size_t{node->id.index()} + 1);
    return largest_.add(view.state, node->id);
  }
  if (const auto* added = std::get_if<change::PodAdded>(&change)) {
    count(view.state, added->id, added->pod.node);
  } else if (const auto* assumed = std::get_if<change::PodAssumed>(&change)) {
    count(view.state, assumed->id, assumed->node);
  } else if (const auto* bound = std::get_if<change::PodBound>(&change)) {
    count(view.state, bound->id, bound->node);
  } else if (const auto* forgotten = std::get_if<change::PodForgotten>(&change)) {
    discount(forgotten->id);
  } else if (const auto* ended = std::get_if<change::PodEnded>(&change)) {
    discount(ended->id);
  }
  return false;
}

}  // namespace orrery::policies
