#include <string>

#include <gtest/gtest.h>

#include "orrery/tests/policies/placement/place.hpp"

namespace orrery::policies {
namespace {

using nlohmann::json;
using test::ClusterBuilder;
using test::place;
using namespace orrery::literals;

Node shape(MilliCpu cpu, Bytes memory = Bytes{64LL << 30}, std::int32_t gpus = 0) {
  Node node;
  node.cpu = cpu;
  node.memory = memory;
  node.gpus = gpus;
  node.gpu_model = gpus > 0 ? "T4" : "";
  return node;
}

TEST(FirstFit, TakesTheLowestNodeThatFits) {
  const auto cluster = ClusterBuilder{}
                           .node("small", shape(1_cpu))
                           .node("forgetful", shape(8_cpu, 1_GiB))
                           .node("away", shape(8_cpu))
                           .node("closed", shape(8_cpu))
                           .node("fine", shape(8_cpu))
                           .node("better", shape(64_cpu))
                           .not_ready("away")
                           .cordoned("closed")
                           .pending("web", {.cpu = 2_cpu, .memory = 2_GiB})
                           .pending("huge", {.cpu = 100_cpu})
                           .build();
  EXPECT_EQ(place(cluster, "first-fit", "web"), "fine");
  EXPECT_EQ(place(cluster, "first-fit", "huge"), "");
}

TEST(NextFit, GoesOnFromTheLastNodeAndRoundTheCluster) {
  const auto cluster = ClusterBuilder{}
                           .node("a", shape(4_cpu))
                           .node("b", shape(4_cpu))
                           .node("c", shape(2_cpu))
                           .pending("small", {.cpu = 1_cpu})
                           .pending("large", {.cpu = 3_cpu})
                           .pending("huge", {.cpu = 9_cpu})
                           .build();
  const auto policy = test::policy_in(cluster, "next-fit");
  const ClusterView view{.state = cluster.state, .now = kTimeZero};
  const auto chosen = [&](const std::string& pod) {
    return policy->place(view, cluster.pod(pod)).node;
  };
  EXPECT_EQ(chosen("small"), cluster.node("a"));
  EXPECT_EQ(chosen("small"), cluster.node("a"));  // the last node comes first
  EXPECT_EQ(chosen("huge"), NodeId{});
  EXPECT_EQ(chosen("large"), cluster.node("a"));
}

TEST(NextFit, LeavesAFullNodeBehind) {
  auto cluster = ClusterBuilder{}
                     .node("a", shape(4_cpu))
                     .node("b", shape(4_cpu))
                     .pending("first", {.cpu = 3_cpu})
                     .pending("second", {.cpu = 3_cpu})
                     .pending("third", {.cpu = 1_cpu})
                     .build();
  const auto policy = test::policy_in(cluster, "next-fit");
  const ClusterView view{.state = cluster.state, .now = kTimeZero};
  for (const auto& [pod, node] :
       {std::pair{"first", "a"}, std::pair{"second", "b"}, std::pair{"third", "b"}}) {
    const Placement placement = policy->place(view, cluster.pod(pod));
    EXPECT_EQ(placement.node, cluster.node(node)) << pod;
    const StateChange assumed =
        change::PodAssumed{.id = cluster.pod(pod), .node = placement.node, .devices = {}};
    cluster.state.apply(assumed);
    policy->on_change(view, assumed);
  }
}

test::NamedCluster three_nodes() {
  return ClusterBuilder{}
      .node("empty", shape(100_cpu))
      .node("half", shape(100_cpu))
      .node("also half", shape(100_cpu))
      .running("db", "half", {.cpu = 50_cpu})
      .running("db2", "also half", {.cpu = MilliCpu{50'900}})
      .pending("web", {.cpu = 10_cpu})
      .pending("large", {.cpu = 60_cpu})
      .build();
}

TEST(BestFit, TakesTheNodeThatWouldHaveLeastLeft) {
  const auto cluster = three_nodes();
  EXPECT_EQ(place(cluster, json{{"name", "best-fit"}, {"score_levels", 1000}}, "web"), "also half");
  EXPECT_EQ(place(cluster, "best-fit", "large"), "empty");
}

TEST(BestFit, CountsNodesOfOneLevelAsEqual) {
  // 40.0 and 39.1 percent left: levels 60 and 60 of a hundred.
  EXPECT_EQ(place(three_nodes(), "best-fit", "web"), "half");
}

TEST(BestFit, CutsScoresAsTheStudyDoes) {
  // ⌊100 · (1 − (½ · 58000 / 128000 + ½ · 3500 / 8000))⌋ by the study's sizes: 55.47 → 55.
  const auto cluster = ClusterBuilder{}
                           .node("large", shape(128_cpu, 64_GiB, 8))
                           .node("n", shape(64_cpu, 64_GiB, 4))
                           .pending("p", {.cpu = 6_cpu, .gpu = {.count = 1, .milli = 500}})
                           .build();
  EXPECT_EQ(test::total(cluster, "best-fit", "p", "n"), 55);
  EXPECT_EQ(
      test::total(
          cluster,
          json{{"name", "best-fit"}, {"largest_cpu_milli", 256000}, {"largest_gpu_milli", 16000}},
          "p", "n"),
      77);  // 77.73
}

TEST(BestFit, CountsOnlyResourcesThatTheClusterHas) {
  const auto cluster =
      ClusterBuilder{}.node("n", shape(100_cpu)).pending("p", {.cpu = 25_cpu}).build();
  EXPECT_EQ(test::total(cluster, "best-fit", "p", "n"), 25);
}

TEST(BestFit, WeighsMemoryWhenAskedTo) {
  const auto cluster = ClusterBuilder{}
                           .node("little cpu", shape(10_cpu, 100_GiB))
                           .node("little memory", shape(20_cpu, 10_GiB))
                           .pending("p", {.cpu = 1_cpu, .memory = 1_GiB})
                           .build();
  EXPECT_EQ(place(cluster, "best-fit", "p"), "little cpu");
  EXPECT_EQ(
      place(cluster, json{{"name", "best-fit"}, {"cpu_weight", 0}, {"memory_weight", 1}}, "p"),
      "little memory");
}

TEST(WorstFit, TakesTheNodeThatWouldHaveMostLeft) {
  EXPECT_EQ(place(three_nodes(), "worst-fit", "web"), "empty");
}

TEST(DotProduct, AvoidsWhatIsFreeWhereMuchIsAsked) {
  const auto cluster = ClusterBuilder{}
                           .node("cpu", shape(100_cpu, 64_GiB, 2))
                           .node("gpu", shape(20_cpu, 64_GiB, 8))
                           .pending("asks cpu", {.cpu = 10_cpu, .gpu = {.count = 1, .milli = 10}})
                           .pending("asks gpu", {.cpu = MilliCpu{10}, .gpu = {.count = 2}})
                           .build();
  EXPECT_EQ(place(cluster, "dot-product", "asks cpu"), "gpu");
  EXPECT_EQ(place(cluster, "dot-product", "asks gpu"), "cpu");
  // ⌊100 · (1 − (1 · 0.1 + 0.25 · 0.00125) / 2)⌋
  EXPECT_EQ(test::total(cluster, "dot-product", "asks cpu", "cpu"), 94);
}

TEST(DotProduct, IsExactForSizesWithoutASmallCommonMultiple) {
  const auto cluster = ClusterBuilder{}
                           .node("odd", shape(MilliCpu{127'931'003}, 64_GiB, 7))
                           .pending("half", {.cpu = MilliCpu{63'965'501}, .gpu = {.count = 7}})
                           .build();
  // ⌊100 · (1 − (0.49999999… + 1) / 2)⌋
  EXPECT_EQ(test::total(cluster, "dot-product", "half", "odd"), 25);
}

}  // namespace
}  // namespace orrery::policies
