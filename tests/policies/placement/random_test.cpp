#include "orrery/policies/placement/random.hpp"

#include <map>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "orrery/tests/policies/placement/place.hpp"

namespace orrery::policies {
namespace {

using test::ClusterBuilder;
using namespace orrery::literals;

Node gpu_node(std::int32_t gpus) {
  Node node;
  node.cpu = 8_cpu;
  node.gpus = gpus;
  node.gpu_model = "T4";
  return node;
}

/// `others` nodes on which the pod does not fit between three on which it does, with one, two and
/// three feasible devices each.
void expect_uniform(int others) {
  ClusterBuilder builder;
  builder.node("one", gpu_node(1))
      .node("two", gpu_node(3))
      .running("s", "two", {.gpu = {.count = 1, .milli = 600}});
  for (int i = 0; i < others; ++i) builder.node("full" + std::to_string(i), gpu_node(0));
  builder.node("three", gpu_node(3));
  const auto cluster = builder.pending("p", {.gpu = {.count = 1, .milli = 500}}).build();
  const auto policy = test::policy_in(cluster, "random", nullptr, 5);
  const ClusterView view{.state = cluster.state, .now = kTimeZero};

  constexpr int kDraws = 18'000;
  std::map<NodeId, int> nodes;
  std::map<std::pair<NodeId, std::uint16_t>, int> devices;
  for (int i = 0; i < kDraws; ++i) {
    const Placement placement = policy->place(view, cluster.pod("p"));
    ASSERT_EQ(placement.devices.size(), 1);
    ++nodes[placement.node];
    ++devices[{placement.node, placement.devices.bits()}];
  }
  ASSERT_EQ(nodes.size(), 3U);
  ASSERT_EQ(devices.size(), 6U);
  // Null: each node a third, each of its devices an equal part. χ² over 5 degrees of freedom stays
  // below 20.5 with probability 0.999; the seed is fixed.
  double sum = 0;
  for (const auto& [where, count] : devices) {
    const double alike = where.first == cluster.node("one")   ? 1
                         : where.first == cluster.node("two") ? 2
                                                              : 3;
    const double expected = kDraws / 3.0 / alike;
    sum += (count - expected) * (count - expected) / expected;
  }
  EXPECT_LT(sum, 20.5);
}

TEST(Random, TakesEveryFeasibleNodeAndDeviceEquallyOften) { expect_uniform(0); }

TEST(Random, TakesThemEquallyOftenWhenTheyAreRare) { expect_uniform(500); }

TEST(Random, DependsOnTheSeedAlone) {
  ClusterBuilder builder;
  for (int i = 0; i < 50; ++i) builder.node("n" + std::to_string(i), gpu_node(0));
  const auto cluster = builder.pending("p", {.cpu = 1_cpu}).build();
  const ClusterView view{.state = cluster.state, .now = kTimeZero};
  const auto draws = [&](std::uint64_t seed) {
    const auto policy = test::policy_in(cluster, "random", nullptr, seed);
    std::vector<NodeId> nodes;
    for (int i = 0; i < 20; ++i) nodes.push_back(policy->place(view, cluster.pod("p")).node);
    return nodes;
  };
  EXPECT_EQ(draws(1), draws(1));
  EXPECT_NE(draws(1), draws(2));
}

}  // namespace
}  // namespace orrery::policies
