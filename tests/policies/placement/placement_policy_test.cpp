#include "orrery/policies/placement/placement_policy.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "orrery/policies/placement/queue_order.hpp"
#include "orrery/tests/policies/placement/place.hpp"

namespace orrery::policies {
namespace {

using test::ClusterBuilder;
using test::NamedCluster;
using namespace orrery::literals;

Node shape(MilliCpu cpu) {
  Node node;
  node.cpu = cpu;
  return node;
}

/// Assumes in the cluster itself and tells the policy.
class Scratch final : public GangScratch {
 public:
  Scratch(NamedCluster& cluster, PlacementPolicy& policy) : cluster_(cluster), policy_(policy) {}
  void assume(PodId pod, const Placement& placement) override {
    const StateChange change =
        change::PodAssumed{.id = pod, .node = placement.node, .devices = placement.devices};
    cluster_.state.apply(change);
    policy_.on_change({.state = cluster_.state, .now = kTimeZero}, change);
  }

 private:
  NamedCluster& cluster_;
  PlacementPolicy& policy_;
};

std::vector<Placement> place_gang(MilliCpu each) {
  NamedCluster cluster = ClusterBuilder{}
                             .node("a", shape(4_cpu))
                             .node("b", shape(4_cpu))
                             .pending("p0", {.cpu = each})
                             .pending("p1", {.cpu = each})
                             .pending("p2", {.cpu = each})
                             .build();
  const auto policy = test::policy_in(cluster, "first-fit");
  Scratch scratch{cluster, *policy};
  const std::vector<PodId> pods{cluster.pod("p0"), cluster.pod("p1"), cluster.pod("p2")};
  return policy->place_gang({.state = cluster.state, .now = kTimeZero}, pods, scratch);
}

TEST(PlaceGang, PlacesEachPodAfterTheOthers) {
  const std::vector<Placement> placements = place_gang(2_cpu);
  ASSERT_EQ(placements.size(), 3U);
  EXPECT_EQ(placements[0].node, NodeId{0});
  EXPECT_EQ(placements[1].node, NodeId{0});
  EXPECT_EQ(placements[2].node, NodeId{1});
}

TEST(PlaceGang, PlacesNoneWhenOneDoesNotFit) { EXPECT_TRUE(place_gang(3_cpu).empty()); }

TEST(WaitReasons, TellNoRoomNowFromNoRoomEver) {
  const auto cluster = ClusterBuilder{}
                           .node("full", shape(4_cpu))
                           .running("db", "full", {.cpu = 4_cpu})
                           .pending("later", {.cpu = 2_cpu})
                           .pending("never", {.cpu = 5_cpu})
                           .build();
  const ClusterView view{.state = cluster.state, .now = kTimeZero};
  EXPECT_EQ(wait_reason(view, cluster.pod("later")), WaitReason::NoFeasibleNode);
  EXPECT_EQ(wait_reason(view, cluster.pod("never")), WaitReason::NeverFits);
}

TEST(Explanations, NameTheFirstFilterThatRefusesANode) {
  const auto cluster = ClusterBuilder{}
                           .node("small", shape(1_cpu))
                           .node("away", shape(4_cpu))
                           .node("fine", shape(4_cpu))
                           .not_ready("away")
                           .pending("web", {.cpu = 2_cpu})
                           .build();
  const Explanation explanation =
      explain_filters({.state = cluster.state, .now = kTimeZero}, cluster.pod("web"));
  ASSERT_EQ(explanation.rows.size(), 3U);
  EXPECT_EQ(explanation.rows[0].filter, "insufficient cpu");
  EXPECT_EQ(explanation.rows[1].filter, "node not ready");
  EXPECT_EQ(explanation.rows[2].filter, "fits");
}

TEST(QueueOrders, PutTheRightPodFirst) {
  const auto cluster =
      ClusterBuilder{}
          .pending("plain", {})
          .pending("urgent", {.priority = 10})
          .pending("quick", {.priority = -10, .estimated_duration = std::chrono::seconds{1}})
          .pending("slow", {.estimated_duration = std::chrono::hours{1}})
          .build();
  const auto goes_before = [&](QueueOrder order, const char* a, const char* b) {
    return queue_key(order, cluster.state, cluster.pod(a)) <
           queue_key(order, cluster.state, cluster.pod(b));
  };
  EXPECT_FALSE(goes_before(QueueOrder::Fifo, "plain", "urgent"));
  EXPECT_FALSE(goes_before(QueueOrder::Fifo, "urgent", "plain"));
  EXPECT_TRUE(goes_before(QueueOrder::Priority, "urgent", "plain"));
  EXPECT_TRUE(goes_before(QueueOrder::Priority, "plain", "quick"));
  EXPECT_TRUE(goes_before(QueueOrder::ShortestFirst, "quick", "slow"));
  EXPECT_TRUE(goes_before(QueueOrder::ShortestFirst, "slow", "plain"));
}

}  // namespace
}  // namespace orrery::policies
