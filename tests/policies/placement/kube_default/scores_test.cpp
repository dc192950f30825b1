#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/tests/policies/placement/kube_default/situation.hpp"

namespace orrery::policies {
namespace {

using test::ClusterBuilder;
using test::kHost;
using test::kZone;
using test::machine;
using test::NamedCluster;
using test::near;
using test::Scheduler;
using namespace orrery::literals;

const Labels kWeb{{"app", "web"}};

TEST(KubeDefaultScores, CountWhatIsLeftOfCpuAndMemory) {
  const auto cluster = ClusterBuilder{}
                           .node("used", machine("used"))
                           .node("free", machine("free"))
                           .running("busy", "used", {.cpu = 4_cpu, .memory = 4_GiB})
                           .pending("web", {.cpu = 1_cpu, .memory = 1_GiB})
                           .build();
  Scheduler scheduler{cluster};
  // (8 − 5) / 8 = 37 % and (16 − 5) / 16 = 68 %, both rounded down; their mean as well.
  EXPECT_EQ(scheduler.score("web", "NodeResourcesFit", "used"), 52);
  EXPECT_EQ(scheduler.score("web", "NodeResourcesFit", "free"), (87 + 93) / 2);
}

TEST(KubeDefaultScores, TakePodsWithoutRequestsForSmallOnes) {
  const auto cluster = ClusterBuilder{}
                           .node("used", machine("used"))
                           .node("free", machine("free"))
                           .running("a", "used", {})
                           .pending("web", {})
                           .build();
  // 200m of 8 CPUs and 400 MiB of 16 GiB; a best-effort pod is not scored by balance.
  EXPECT_EQ(Scheduler{cluster}.score("web", "NodeResourcesFit", "used"), (97 + 97) / 2);
  EXPECT_EQ(Scheduler{cluster}.score("web", "NodeResourcesBalancedAllocation", "used"), 0);
}

TEST(KubeDefaultScores, PreferTheNodeWhoseBalanceImproves) {
  const auto make = [] {
    return ClusterBuilder{}
        .node("much-memory", machine("much-memory"))
        .node("empty", machine("empty"))
        .running("cache", "much-memory", {.memory = 8_GiB})
        .pending("web", {.cpu = 4_cpu})
        .build();
  };
  const NamedCluster cluster = make();
  // With the pod 1/2 and 1/2, without 0 and 1/2: 100 after 75.
  EXPECT_EQ(Scheduler{cluster}.score("web", "NodeResourcesBalancedAllocation", "much-memory"), 87);
  // The other way round: 75 after 100.
  EXPECT_EQ(Scheduler{cluster}.score("web", "NodeResourcesBalancedAllocation", "empty"), 62);
  kube::KubeSchedulerProfile older;
  older.minor_version = 35;
  const NamedCluster same = make();
  EXPECT_EQ(Scheduler(same, older).score("web", "NodeResourcesBalancedAllocation", "empty"), 75);
}

TEST(KubeDefaultScores, AvoidTaintsThatAreOnlyDisliked) {
  Node disliked = machine("disliked");
  disliked.taints = {{.key = "slow", .effect = TaintEffect::PreferNoSchedule}};
  const auto cluster = ClusterBuilder{}
                           .node("disliked", disliked)
                           .node("liked", machine("liked"))
                           .pending("web", {})
                           .build();
  EXPECT_EQ(Scheduler{cluster}.score("web", "TaintToleration", "disliked"), 0);
  EXPECT_EQ(Scheduler{cluster}.score("web", "TaintToleration", "liked"), 300);
}

TEST(KubeDefaultScores, AddUpPreferredNodeAffinity) {
  const auto prefer = [](std::int32_t weight, const std::string& disk) {
    return PreferredTerm{.weight = weight, .term = {{.key = "disk", .values = {disk}}}};
  };
  const auto cluster =
      ClusterBuilder{}
          .node("ssd", machine("ssd", "", {{"disk", "ssd"}}))
          .node("hdd", machine("hdd", "", {{"disk", "hdd"}}))
          .pending("web", {.affinity = {.preferred = {prefer(30, "ssd"), prefer(10, "hdd")}}})
          .build();
  EXPECT_EQ(Scheduler{cluster}.score("web", "NodeAffinity", "ssd"), 200);
  EXPECT_EQ(Scheduler{cluster}.score("web", "NodeAffinity", "hdd"), 2 * 33);
}

TEST(KubeDefaultScores, WeighPodsNearbyInBothDirections) {
  PodAffinity wants_web;
  wants_web.preferred = {{.weight = 50, .term = near(kWeb, kZone)}};
  const auto cluster = ClusterBuilder{}
                           .node("a", machine("a", "a"))
                           .node("b", machine("b", "b"))
                           .node("c", machine("c", "c"))
                           .running("friend", "a", {.pod_affinity = wants_web})
                           .running("foe", "b", {.pod_anti_affinity = wants_web})
                           .pending("web", {.labels = kWeb})
                           .build();
  Scheduler scheduler{cluster};
  EXPECT_EQ(scheduler.score("web", "InterPodAffinity", "a"), 200);
  EXPECT_EQ(scheduler.score("web", "InterPodAffinity", "b"), 0);
  EXPECT_EQ(scheduler.score("web", "InterPodAffinity", "c"), 100);
}

TEST(KubeDefaultScores, SpreadWhatAServiceSelectsWithoutBeingAsked) {
  const LabelSelector service = LabelSelector::all_of(kWeb);
  const auto cluster =
      ClusterBuilder{}
          .node("a", machine("a", "a"))
          .node("b", machine("b", "b"))
          .running("first", "a", {.labels = kWeb})
          .pending("selected", {.labels = kWeb, .default_spread_selector = service})
          .pending("bare", {.labels = kWeb})
          .build();
  Scheduler scheduler{cluster};
  // One pod: ln 4 for the host and the zone each, and 2 + 4 from the skews: 9 against 6.
  EXPECT_EQ(scheduler.score("selected", "PodTopologySpread", "a"), 2 * (100 * 6 / 9));
  EXPECT_EQ(scheduler.score("selected", "PodTopologySpread", "b"), 200);
  EXPECT_EQ(scheduler.score("bare", "PodTopologySpread", "a"),
            scheduler.score("bare", "PodTopologySpread", "b"));
}

TEST(KubeDefaultScores, PreferNodesThatHoldTheImages) {
  const auto holding = [](const std::string& name) {
    Node node = machine(name);
    node.images = {{.name = "model:1", .size = 1023_MiB}};
    return node;
  };
  const auto cluster = ClusterBuilder{}
                           .node("has", holding("has"))
                           .node("too", holding("too"))
                           .node("none", machine("none"))
                           .node("neither", machine("neither"))
                           .pending("web", {.images = {"model:1"}})
                           .build();
  Scheduler scheduler{cluster};
  // Half of the nodes hold it: (1023/2 − 23) of (1000 − 23) MiB.
  EXPECT_EQ(scheduler.score("web", "ImageLocality", "has"), 50);
  EXPECT_EQ(scheduler.score("web", "ImageLocality", "none"), 0);
}

TEST(KubeDefaultScores, DrawLotsAmongEqualNodesOnceForEachPod) {
  ClusterBuilder builder;
  for (const char* name : {"a", "b", "c", "d"}) builder.node(name, machine(name));
  for (int i = 0; i < 64; ++i) builder.pending("p" + std::to_string(i), {.cpu = 1_cpu});
  const NamedCluster cluster = builder.build();
  Scheduler one{cluster};
  Scheduler two{cluster};
  std::array<int, 4> taken{};
  for (int i = 0; i < 64; ++i) {
    const PodId pod = cluster.pod("p" + std::to_string(i));
    const NodeId node = one.policy().place(one.view(), pod).node;
    EXPECT_EQ(two.policy().place(two.view(), pod).node, node);
    ++taken[node.index()];
  }
  for (const int count : taken) EXPECT_GT(count, 4);  // 16 expected, 3.5 standard deviations
}

}  // namespace
}  // namespace orrery::policies
