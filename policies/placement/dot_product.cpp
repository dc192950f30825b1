#include "orrery/policies/placement/dot_product.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace orrery::policies {
namespace {

__extension__ using Wide = __int128;

constexpr int kBest = 100;
/// Up to this common multiple L, 100 · 2 · L² stays within 64 bits.
constexpr std::int64_t kNarrowMax = std::int64_t{1} << 27;

}  // namespace

DotProduct::DotProduct(const Parameters& parameters, const PolicyContext& /*context*/)
    : largest_(parameters) {
  rescale();
}

void DotProduct::rescale() {
  const std::int64_t cpu = std::max<std::int64_t>(largest_.cpu(), 1);
  const std::int64_t gpu = largest_.gpu();
  dimensions_ = gpu == 0 ? 1 : 2;
  common_ = gpu == 0 ? cpu : std::lcm(cpu, gpu);
  per_cpu_ = common_ / cpu;
  per_gpu_ = gpu == 0 ? 0 : common_ / gpu;
}

template <class Integer>
int DotProduct::score_in(const ClusterState& state, NodeId node, const Pod& pod) const {
  const GpuRequest& gpu = state.resolved(pod.pod_template).spec->gpu;
  const Integer one = Integer{dimensions_} * common_ * common_;
  const Integer product =
      Integer{per_cpu_} * per_cpu_ * state.nodes().cpu_free[node].count() * pod.cpu.count() +
      Integer{per_gpu_} * per_gpu_ * state.nodes().gpu_free[node].count() * gpu.total().count();
  return static_cast<int>(std::clamp<Integer>(kBest * (one - product) / one, 0, kBest));
}

int DotProduct::score(const ClusterState& state, NodeId node, const Pod& pod) const {
  return common_ <= kNarrowMax ? score_in<std::int64_t>(state, node, pod)
                               : score_in<Wide>(state, node, pod);
}

bool DotProduct::follow(const ClusterView& view, const StateChange& change) {
  const auto* added = std::get_if<change::NodeAdded>(&change);
  if (added == nullptr || !largest_.add(view.state, added->id)) return false;
  rescale();
  return true;
}

}  // namespace orrery::policies
