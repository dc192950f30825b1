#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "orrery/models/fragmentation.hpp"
#include "orrery/tests/policies/placement/place.hpp"

namespace orrery::policies {
namespace {

using nlohmann::json;
using test::ClusterBuilder;
using test::PodSpec;
using namespace orrery::literals;

Node gpu_node(std::int32_t gpus, const std::string& model = "T4") {
  Node node;
  node.cpu = 64_cpu;
  node.memory = 256_GiB;
  node.gpus = gpus;
  node.gpu_model = model;
  return node;
}

PodSpec share(std::int16_t milli) { return {.gpu = {.count = 1, .milli = milli}}; }
PodSpec whole(std::uint8_t count) { return {.gpu = {.count = count}}; }

/// Eight idle devices; two with one shared to 600; four of which two are taken whole.
test::NamedCluster mixed() {
  return ClusterBuilder{}
      .node("idle", gpu_node(8))
      .node("shared", gpu_node(2))
      .node("used", gpu_node(4))
      .running("s", "shared", share(400))
      .running("w", "used", whole(2))
      .pending("share", share(500))
      .pending("large share", share(700))
      .pending("one", whole(1))
      .pending("two", whole(2))
      .pending("no gpu", {.cpu = 1_cpu})
      .build();
}

TEST(GpuPacking, ScoresAsTheStudyDoes) {
  const auto cluster = mixed();
  struct Case {
    const char* pod;
    const char* node;
    double score;
  };
  for (const Case& c :
       {Case{"share", "idle", 25}, Case{"share", "shared", 94}, Case{"share", "used", 49},
        Case{"large share", "shared", 49}, Case{"one", "shared", 49}, Case{"two", "used", 48},
        Case{"two", "idle", 25}, Case{"no gpu", "idle", 0}, Case{"no gpu", "shared", 0}}) {
    EXPECT_EQ(test::total(cluster, "gpu-packing", c.pod, c.node), c.score) << c.pod << c.node;
  }
  EXPECT_EQ(test::place(cluster, "gpu-packing", "share"), "shared");
  EXPECT_EQ(test::place(cluster, "gpu-packing", "two"), "used");
  EXPECT_EQ(test::place(cluster, "gpu-packing", "no gpu"), "idle");
}

TEST(GpuPacking, NeverCountsMoreThan33ForManyDevicesOfAUsedNode) {
  const auto cluster = ClusterBuilder{}
                           .node("used", gpu_node(16))
                           .running("s", "used", share(10))
                           .pending("p", whole(15))
                           .pending("q", whole(1))
                           .build();
  EXPECT_EQ(test::total(cluster, "gpu-packing", "p", "used"), 35);
  EXPECT_EQ(test::total(cluster, "gpu-packing", "q", "used"), 49);
}

TEST(GpuClustering, ScoresAsTheStudyDoes) {
  const auto cluster = ClusterBuilder{}
                           .node("idle", gpu_node(8))
                           .node("shares", gpu_node(2))
                           .node("twos", gpu_node(4))
                           .node("both", gpu_node(8))
                           .running("s1", "shares", share(400))
                           .running("w1", "twos", whole(2))
                           .running("s2", "both", share(500))
                           .running("w2", "both", whole(2))
                           .running("c", "idle", {.cpu = 1_cpu})
                           .pending("share", share(500))
                           .pending("two", whole(2))
                           .pending("no gpu", {.cpu = 1_cpu})
                           .build();
  struct Case {
    const char* pod;
    const char* node;
    double score;
  };
  // The fill counts against eight devices on every node: ⌊25 · (8000 − free) / 8000⌋.
  for (const Case& c :
       {Case{"share", "idle", 25}, Case{"share", "shares", 75 + 20}, Case{"share", "twos", 18},
        Case{"share", "both", 50 + 7}, Case{"two", "twos", 75 + 18}, Case{"no gpu", "twos", 0}}) {
    EXPECT_EQ(test::total(cluster, "gpu-clustering", c.pod, c.node), c.score) << c.pod << c.node;
  }
}

std::shared_ptr<const WorkloadProfile> profile(const std::vector<TypicalPod>& typical) {
  return std::make_shared<const WorkloadProfile>(typical_pods(typical, 1));
}
TypicalPod asks(GpuRequest gpu, std::int64_t pods) {
  return {.cpu = 1_cpu, .gpu = gpu, .gpu_models = {}, .pods = pods};
}

TEST(Fgd, TakesTheDeviceThatLeavesNoFragment) {
  // Typical pods ask for 500: 200 more on the device with 700 left leave a usable 500, on a whole
  // one a usable 800, on the device with 300 left they mend what is a fragment already.
  const auto cluster = ClusterBuilder{}
                           .node("n", gpu_node(3))
                           .running("a", "n", share(300), GpuDeviceMask{0b010})
                           .running("b", "n", share(700), GpuDeviceMask{0b100})
                           .pending("p", share(200))
                           .build();
  const auto policy =
      test::policy_in(cluster, "fgd", profile({asks({.count = 1, .milli = 500}, 1)}));
  const Placement placement =
      policy->place({.state = cluster.state, .now = kTimeZero}, cluster.pod("p"));
  EXPECT_EQ(placement.devices, GpuDeviceMask{0b100});
  // F falls from 300 to 100: ⌊100 · sigmoid(0.2)⌋.
  EXPECT_EQ(test::total(cluster, "fgd", "p", "n", profile({asks({.count = 1, .milli = 500}, 1)})),
            54);
}

TEST(Fgd, TakesTheLowestDeviceOfEqualScore) {
  const auto cluster = ClusterBuilder{}.node("n", gpu_node(2)).pending("p", share(500)).build();
  const auto policy =
      test::policy_in(cluster, "fgd", profile({asks({.count = 1, .milli = 500}, 1)}));
  EXPECT_EQ(policy->place({.state = cluster.state, .now = kTimeZero}, cluster.pod("p")).devices,
            GpuDeviceMask{0b01});
}

TEST(Fgd, KeepsWholeNodesForPodsOfManyDevices) {
  const auto cluster = ClusterBuilder{}
                           .node("whole", gpu_node(2))
                           .node("broken", gpu_node(2))
                           .running("s", "broken", share(500))
                           .pending("p", whole(1))
                           .build();
  EXPECT_EQ(test::place(cluster, "fgd", "p", profile({asks({.count = 2}, 1)})), "broken");
}

TEST(Fgd, ScoresAPodWithoutGpuBelowFiftyWhereItStrandsGpus) {
  // 64 CPU free; typical pods want one: taking all CPU makes 2000 milli a fragment.
  const auto cluster = ClusterBuilder{}
                           .node("stranded", gpu_node(2))
                           .node("fine", gpu_node(2))
                           .running("g", "fine", {.cpu = MilliCpu{0}, .gpu = {.count = 2}})
                           .pending("p", {.cpu = 64_cpu})
                           .build();
  const auto typical = profile({asks({.count = 1}, 1)});
  EXPECT_EQ(test::total(cluster, "fgd", "p", "stranded", typical), 11);  // sigmoid(−2) = 0.119
  EXPECT_EQ(test::total(cluster, "fgd", "p", "fine", typical), 50);
  EXPECT_EQ(test::place(cluster, "fgd", "p", typical), "fine");
}

TEST(Fgd, LearnsTypicalPodsFromWhatItSees) {
  // All pods so far ask for two devices: an untouched pair is worth keeping.
  ClusterBuilder builder;
  builder.node("pair", gpu_node(2)).node("broken", gpu_node(3));
  for (int i = 0; i < 5; ++i) builder.pending("seen" + std::to_string(i), whole(2));
  const auto cluster = builder.pending("p", whole(1)).build();
  const json observed{{"name", "fgd"}, {"typical_pods", "observed"}, {"popularity", 0.8}};
  EXPECT_EQ(test::place(cluster, observed, "p"), "broken");
  // The profile, when it is known, says otherwise.
  EXPECT_EQ(test::place(cluster, "fgd", "p", profile({asks({.count = 1}, 1)})), "pair");
}

}  // namespace
}  // namespace orrery::policies
