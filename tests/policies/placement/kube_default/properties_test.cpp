#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orrery/tests/policies/placement/kube_default/situation.hpp"

namespace orrery::policies {
namespace {

using test::kHost;
using test::kZone;
using test::machine;
using test::near;

Labels some_labels() {
  return *rc::gen::element(Labels{}, Labels{{"app", "a"}}, Labels{{"app", "b"}},
                           Labels{{"app", "a"}, {"tier", "x"}});
}

PodAffinity some_affinity() {
  PodAffinity affinity;
  const auto term = [] {
    PodAffinityTerm one = near(some_labels(), *rc::gen::element<std::string>(kZone, kHost));
    if (*rc::gen::arbitrary<bool>()) one.namespaces = {"blue"};
    return one;
  };
  const int kind = *rc::gen::inRange(0, 5);
  if (kind == 0) affinity.required = {term()};
  if (kind == 1) affinity.preferred = {{.weight = *rc::gen::inRange(1, 101), .term = term()}};
  return affinity;
}

PodTemplate some_template() {
  PodTemplate spec;
  spec.name_space = *rc::gen::element<std::string>("default", "blue");
  spec.labels = some_labels();
  spec.priority = *rc::gen::inRange(0, 3);
  spec.pod_affinity = some_affinity();
  spec.pod_anti_affinity = some_affinity();
  if (*rc::gen::inRange(0, 3) == 0) {
    spec.topology_spread = {
        {.max_skew = *rc::gen::inRange(1, 3),
         .topology_key = *rc::gen::element<std::string>(kZone, kHost),
         .when_unsatisfiable =
             *rc::gen::element(WhenUnsatisfiable::DoNotSchedule, WhenUnsatisfiable::ScheduleAnyway),
         .selector = LabelSelector::all_of(some_labels())}};
  }
  return spec;
}

/// A life of a cluster, told to one policy as it happens.
class Life {
 public:
  explicit Life(KubeDefault& policy) : policy_(policy) {
    for (std::size_t i = 0; i < 5; ++i) {
      Node node = machine("n" + std::to_string(i), i < 3 ? "a" : "b");
      node.name = "n" + std::to_string(i);
      tell(change::NodeAdded{.id = NodeId{i}, .node = std::make_shared<const Node>(node)});
    }
  }

  /// A new pod, waiting.
  PodId arrive() {
    const PodTemplateId spec{state.template_count()};
    tell(change::TemplateAdded{
        .id = spec, .pod_template = std::make_shared<const PodTemplate>(some_template())});
    const PodId id{state.pods().size()};
    Pod pod;
    pod.uid = id.index() + 1;
    pod.cpu = MilliCpu{*rc::gen::inRange(0, 3000)};
    pod.pod_template = spec;
    tell(change::PodAdded{.id = id, .pod = pod});
    return id;
  }
  void assume(PodId pod, NodeId node) {
    tell(change::PodAssumed{.id = pod, .node = node});
    placed.insert(pod);
  }
  /// Something happens to one of those that are placed.
  void disturb() {
    if (placed.empty() || *rc::gen::inRange(0, 3) > 0) return;
    const PodId pod = *rc::gen::elementOf(placed);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        if (state.pod(pod).is_assumed) {
          tell(change::PodBound{.id = pod, .node = state.pod(pod).node});
        }
        break;
      case 1:
        if (!state.pod(pod).is_terminating) tell(change::PodTerminating{.id = pod});
        break;
      case 2:
        tell(change::PodEnded{.id = pod});
        placed.erase(pod);
        break;
      default:
        if (state.pod(pod).is_assumed) {
          tell(change::PodForgotten{.id = pod, .node = state.pod(pod).node});
          tell(change::PodEnded{.id = pod});
          placed.erase(pod);
        }
    }
  }

  ClusterState state;
  std::set<PodId> placed;

 private:
  void tell(const StateChange& change) {
    state.apply(change);
    policy_.on_change({.state = state, .now = kTimeZero}, change);
  }
  KubeDefault& policy_;
};

// Invariant: counts that are kept change by change decide as counts made anew from what is there.
// Strategy: random lives of pods with affinity in both directions, namespaces and spreads.
RC_GTEST_PROP(KubeDefault, DecidesAsIfItHadCountedEverythingAnew, ()) {
  KubeDefault policy{{}, 7, ClusterId{0}};
  Life life{policy};
  for (int i = *rc::gen::inRange(1, 25); i > 0; --i) {
    life.disturb();
    const PodId pod = life.arrive();
    const ClusterView view{.state = life.state, .now = kTimeZero};
    KubeDefault fresh{{}, 7, ClusterId{0}};
    introduce(fresh, view);
    RC_ASSERT(policy.best_nodes(view, pod) == fresh.best_nodes(view, pod));
    const Explanation one = policy.explain(view, pod);
    const Explanation two = fresh.explain(view, pod);
    for (std::size_t n = 0; n < one.rows.size(); ++n) {
      RC_ASSERT(one.rows[n].filter == two.rows[n].filter);
      RC_ASSERT(one.rows[n].scores == two.rows[n].scores);
    }
    const Preemption preemption = policy.preempt(view, pod);
    RC_ASSERT(preemption.node == fresh.preempt(view, pod).node);
    const Placement placement = policy.place(view, pod);
    if (placement.is_bind()) life.assume(pod, placement.node);
  }
}

// Invariant: when the victims have gone, the pod fits on the node. Strategy: as above.
RC_GTEST_PROP(KubeDefault, PreemptsNoMoreAndNoLessThanIsNeeded, ()) {
  KubeDefault policy{{}, 7, ClusterId{0}};
  Life life{policy};
  for (int i = *rc::gen::inRange(1, 40); i > 0; --i) {
    const PodId pod = life.arrive();
    const ClusterView view{.state = life.state, .now = kTimeZero};
    const Placement placement = policy.place(view, pod);
    if (placement.is_bind()) {
      life.assume(pod, placement.node);
      continue;
    }
    const Preemption preemption = policy.preempt(view, pod);
    if (!preemption.is_worthwhile()) continue;
    RC_ASSERT(!preemption.victims.empty());
    ClusterState after = life.state;
    for (const PodId victim : preemption.victims) after.apply(change::PodEnded{.id = victim});
    KubeDefault fresh{{}, 7, ClusterId{0}};
    introduce(fresh, {.state = after, .now = kTimeZero});
    const Explanation why = fresh.explain({.state = after, .now = kTimeZero}, pod);
    RC_ASSERT(why.rows[preemption.node.index()].filter == "fits");
    return;
  }
}

}  // namespace
}  // namespace orrery::policies
