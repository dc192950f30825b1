#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/tests/policies/placement/kube_default/situation.hpp"

namespace orrery::policies {
namespace {

using test::ClusterBuilder;
using test::kZone;
using test::machine;
using test::NamedCluster;
using test::near;
using test::Scheduler;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using namespace orrery::literals;

const Labels kDb{{"app", "db"}};

/// "node: victims" of every choice that is as good as any.
std::vector<std::string> choices(const NamedCluster& cluster, const std::string& pod = "web") {
  Scheduler scheduler{cluster};
  std::vector<std::string> texts;
  for (const Preemption& one :
       scheduler.policy().best_preemptions(scheduler.view(), cluster.pod(pod))) {
    std::string text = cluster.state.node_name(one.node) + ":";
    for (const PodId victim : one.victims) {
      text += " " + std::to_string(cluster.state.pod(victim).uid);
    }
    texts.push_back(text);
  }
  return texts;
}

TEST(Preemption, TakesNoMoreThanItNeedsAndTheLeastImportant) {
  const auto cluster = ClusterBuilder{}
                           .node("n", machine("n"))
                           .running("low", "n", {.cpu = 4_cpu, .priority = 1})
                           .running("lower", "n", {.cpu = 4_cpu, .priority = 0})
                           .pending("web", {.cpu = 3_cpu, .priority = 10})
                           .build();
  EXPECT_THAT(choices(cluster), ElementsAre("n: 2"));
}

TEST(Preemption, SparesEqualsAndIsForbiddenByPolicy) {
  const auto make = [](const test::PodSpec& web) {
    return ClusterBuilder{}
        .node("n", machine("n"))
        .running("peer", "n", {.cpu = 8_cpu, .priority = 10})
        .node("m", machine("m"))
        .running("low", "m", {.cpu = 8_cpu, .priority = 1})
        .pending("web", web)
        .build();
  };
  EXPECT_THAT(choices(make({.cpu = 1_cpu, .priority = 10})), ElementsAre("m: 2"));
  EXPECT_THAT(choices(make({.cpu = 1_cpu, .priority = 10, .preempts = false})), IsEmpty());
  EXPECT_THAT(choices(make({.cpu = 1_cpu, .priority = 1})), IsEmpty());
  EXPECT_THAT(choices(make({.cpu = 9_cpu, .priority = 10})), IsEmpty());  // larger than the node
}

TEST(Preemption, PrefersLowVictimsThenFewOfThem) {
  const auto cluster = ClusterBuilder{}
                           .node("high", machine("high"))
                           .node("many", machine("many"))
                           .node("few", machine("few"))
                           .running("a", "high", {.cpu = 8_cpu, .priority = 5})
                           .running("b", "many", {.cpu = 4_cpu, .priority = 1})
                           .running("c", "many", {.cpu = 4_cpu, .priority = 1})
                           .running("d", "few", {.cpu = 8_cpu, .priority = 1})
                           .pending("web", {.cpu = 6_cpu, .priority = 10})
                           .build();
  EXPECT_THAT(choices(cluster), ElementsAre("few: 4"));
}

TEST(Preemption, KeepsBudgetsWhereItCan) {
  const auto make = [](std::int32_t allowed) {
    NamedCluster cluster = ClusterBuilder{}
                               .node("guarded", machine("guarded"))
                               .node("open", machine("open"))
                               .running("db", "guarded", {.cpu = 8_cpu, .labels = kDb})
                               .running("low", "open", {.cpu = 8_cpu, .priority = 3})
                               .pending("web", {.cpu = 1_cpu, .priority = 10})
                               .build();
    cluster.state.apply(
        change::BudgetChanged{.id = BudgetId{0},
                              .budget = std::make_shared<const DisruptionBudget>(
                                  DisruptionBudget{.name = "db",
                                                   .selector = LabelSelector::all_of(kDb),
                                                   .disruptions_allowed = allowed})});
    return cluster;
  };
  EXPECT_THAT(choices(make(0)), ElementsAre("open: 2"));
  EXPECT_THAT(choices(make(1)), ElementsAre("guarded: 1"));
}

TEST(Preemption, EndsThoseWithoutBudgetFirst) {
  NamedCluster cluster = ClusterBuilder{}
                             .node("n", machine("n"))
                             .running("plain", "n", {.cpu = 4_cpu})
                             .running("guarded", "n", {.cpu = 4_cpu, .labels = kDb})
                             .pending("web", {.cpu = 4_cpu, .priority = 10})
                             .build();
  cluster.state.apply(
      change::BudgetChanged{.id = BudgetId{0},
                            .budget = std::make_shared<const DisruptionBudget>(DisruptionBudget{
                                .name = "db", .selector = LabelSelector::all_of(kDb)})});
  EXPECT_THAT(choices(cluster), ElementsAre("n: 1"));
}

TEST(Preemption, EndsOnlyThoseThatHoldWhatIsAskedFor) {
  Node node = machine("n");
  node.extended = {{"example.com/dongle", 1}};
  node.gpus = 1;
  node.gpu_model = "T4";
  const auto make = [&](const test::PodSpec& web) {
    return ClusterBuilder{}
        .node("n", node)
        .running("bystander", "n", {.cpu = 1_cpu, .priority = -1})
        .running("dongle", "n", {.cpu = 1_cpu, .extended = {{"example.com/dongle", 1}}})
        .running("gpu", "n", {.cpu = 1_cpu, .gpu = {.count = 1}})
        .pending("web", web)
        .build();
  };
  EXPECT_THAT(choices(make({.extended = {{"example.com/dongle", 1}}, .priority = 10})),
              ElementsAre("n: 2"));
  EXPECT_THAT(choices(make({.gpu = {.count = 1}, .priority = 10})), ElementsAre("n: 3"));
}

TEST(Preemption, EndsThePodThatKeepsOthersAway) {
  const PodAffinity apart{.required = {near(kDb, kZone)}};
  const auto cluster = ClusterBuilder{}
                           .node("n", machine("n", "z"))
                           .node("same-zone", machine("same-zone", "z"))
                           .running("bystander", "n", {.cpu = 1_cpu})
                           .running("hermit", "n", {.cpu = 1_cpu, .pod_anti_affinity = apart})
                           .pending("web", {.priority = 10, .labels = kDb})
                           .build();
  // Looked at from the other node nobody can go who would help.
  Scheduler scheduler{cluster};
  PodId web = cluster.pod("web");
  EXPECT_FALSE(scheduler.policy().place(scheduler.view(), web).is_bind());
  const Preemption chosen = scheduler.policy().preempt(scheduler.view(), web);
  EXPECT_EQ(chosen.node, cluster.node("n"));
  EXPECT_THAT(chosen.victims, ElementsAre(cluster.pod("hermit")));
}

TEST(Preemption, WaitsForItsVictimsToEnd) {
  NamedCluster cluster = ClusterBuilder{}
                             .node("n", machine("n"))
                             .node("m", machine("m"))
                             .running("victim", "n", {.cpu = 8_cpu})
                             .running("other", "m", {.cpu = 8_cpu})
                             .pending("web", {.cpu = 1_cpu, .priority = 10})
                             .build();
  EXPECT_THAT(choices(cluster), UnorderedElementsAre("n: 1", "m: 2"));
  cluster.state.apply(change::PodNominated{.id = cluster.pod("web"), .node = cluster.node("n")});
  cluster.state.apply(change::PodTerminating{.id = cluster.pod("victim")});
  EXPECT_THAT(choices(cluster), IsEmpty());
}

TEST(Preemption, SparesThoseThatRunLongest) {
  NamedCluster cluster = ClusterBuilder{}
                             .node("old", machine("old"))
                             .node("young", machine("young"))
                             .running("a", "old", {.cpu = 8_cpu})
                             .running("b", "young", {.cpu = 8_cpu})
                             .pending("web", {.cpu = 1_cpu, .priority = 10})
                             .build();
  Scheduler scheduler{cluster};
  const auto starts = [&](const std::string& pod, int second) {
    scheduler.policy().on_change(scheduler.view(kTimeZero + std::chrono::seconds{second}),
                                 change::PodStarted{.id = cluster.pod(pod)});
  };
  starts("a", 10);
  starts("b", 20);
  EXPECT_EQ(scheduler.policy().preempt(scheduler.view(), cluster.pod("web")).node,
            cluster.node("young"));
}

}  // namespace
}  // namespace orrery::policies
