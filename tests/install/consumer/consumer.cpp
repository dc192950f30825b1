#include <cstdio>
#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/models/cluster_state.hpp"
#include "orrery/policies/registry.hpp"

using namespace orrery::literals;

namespace {

/// A policy from outside Orrery: the feasible node with the most CPU left, ties to the lowest id.
class Roomiest final : public orrery::policies::PlacementPolicy {
 public:
  orrery::policies::Placement place(const orrery::policies::ClusterView& view,
                                    orrery::PodId pod) override {
    const auto& free = view.state.nodes().cpu_free;
    orrery::NodeId best;
    for (std::size_t index = 0; index < view.state.node_count(); ++index) {
      const orrery::NodeId node{index};
      if (!view.state.fits(node, view.state.pod(pod))) continue;
      if (best.is_none() || free[node] > free[best]) best = node;
    }
    if (best.is_none()) {
      return orrery::policies::Placement::wait(orrery::policies::WaitReason::NoFeasibleNode);
    }
    return orrery::policies::Placement::bind(best);
  }
};

void add_node(orrery::ClusterState& state, int id, const char* name, orrery::MilliCpu cpu) {
  orrery::Node node;
  node.name = name;
  node.cpu = cpu;
  state.apply(orrery::change::NodeAdded{.id = orrery::NodeId{id},
                                        .node = std::make_shared<const orrery::Node>(node)});
}

}  // namespace

int main() {
  auto registry = orrery::policies::with_builtin_policies();
  registry.add<Roomiest>("roomiest", {.summary = "most CPU left"});

  orrery::ClusterState state;
  add_node(state, 0, "snug", 2_cpu);
  add_node(state, 1, "roomy", 8_cpu);
  state.apply(orrery::change::TemplateAdded{
      .id = orrery::PodTemplateId{0}, .pod_template = std::make_shared<orrery::PodTemplate>()});
  orrery::Pod web;
  web.uid = 1;
  web.cpu = 1500_m;
  web.pod_template = orrery::PodTemplateId{0};
  state.apply(orrery::change::PodAdded{.id = orrery::PodId{0}, .pod = web});

  const auto policy = orrery::policies::make_placement("roomiest", {}, {.registry = registry});
  if (!policy) {
    std::printf("%s\n", orrery::to_string(policy.error()).c_str());
    return 1;
  }
  const auto placement =
      (*policy)->place({.state = state, .now = orrery::kTimeZero}, orrery::PodId{0});
  std::printf("web goes to %s\n",
              placement.is_bind() ? state.node_name(placement.node).c_str() : "no node");
  return 0;
}
