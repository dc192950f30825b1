#include "orrery/policies/placement/binding.hpp"
#include "orrery/policies/plugin.hpp"

namespace {

using namespace orrery;
using namespace orrery::policies;

/// The node with the fewest pods on which the pod fits, ties to the lowest id. O(nodes) per pod.
class QuietestNode final : public PlacementPolicy {
 public:
  explicit QuietestNode(const Parameters& parameters, const PolicyContext&)
      : pods_max_(parameters.integer("pods_max")) {}

  Placement place(const ClusterView& view, PodId id) override {
    const NodeColumns& nodes = view.state.nodes();
    const Pod& pod = view.state.pod(id);
    const auto pods_on = [&](NodeId node) {
      return nodes.pods_allocatable[node] - nodes.pods_free[node];
    };
    NodeId best;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const NodeId node{i};
      if (pods_on(node) >= pods_max_ || !view.state.fits(node, pod)) continue;
      if (!best || pods_on(node) < pods_on(best)) best = node;
    }
    if (!best) return Placement::wait(WaitReason::NoFeasibleNode);
    return bind_best_fit(view.state, pod, best);
  }

 private:
  std::int64_t pods_max_;
};

/// The same idea as a scorer: 100 on an empty node, 0 on a full one.
class FewPods final : public Scorer {
 public:
  float score(const AskedOf& asked, NodeId node) const override {
    const NodeColumns& nodes = asked.view.state.nodes();
    return 100.0F * static_cast<float>(nodes.pods_free[node]) /
           static_cast<float>(nodes.pods_allocatable[node]);
  }
};

}  // namespace

ORRERY_POLICIES(registry) {
  registry.add<QuietestNode>("quietest-node",
                             {.summary = "the node with the fewest pods",
                              .parameters = {{.name = "pods_max",
                                              .type = ParameterType::Integer,
                                              .default_json = "110",
                                              .doc = "Pods that a node may hold at most.",
                                              .minimum = 1}}});
  registry.add<FewPods>("few-pods", {.summary = "nodes with few pods"});
}
