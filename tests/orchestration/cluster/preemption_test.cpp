#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/tests/orchestration/cluster/scheduler_driver.hpp"

namespace orrery::orchestration {
namespace {

using namespace orrery::literals;
using test::placement;
using test::SchedulerDriver;
using test::without_backoff;
using test::words;
using testing::ElementsAre;
using testing::IsEmpty;

const Labels kDb{{"app", "db"}};

SchedulerDriver kube() { return SchedulerDriver{without_backoff(), placement("kube-default")}; }

/// With its name as hostname.
Node machine(const std::string& name) {
  return {.cpu = 4_cpu, .memory = 8_GiB, .labels = {{"kubernetes.io/hostname", name}}};
}

TEST(Preemption, NominatesThePodAndPlacesItWhenItsVictimsHaveGone) {
  SchedulerDriver driver = kube();
  const NodeId node = driver.node(machine("a"));
  const PodId low = driver.pod({.cpu = 4_cpu});
  driver.run_and_confirm();
  const PodId high = driver.pod({.cpu = 3_cpu, .priority = 10});
  EXPECT_THAT(words(driver.run()),
              ElementsAre("p1 preempts on n0: p0", "p1 waits (no feasible node)"));
  EXPECT_EQ(driver.state().nominations().at(high), node);

  driver.tell(change::PodTerminating{low});
  EXPECT_THAT(words(driver.run()), IsEmpty());
  driver.end(low, PodPhase::Failed);
  EXPECT_THAT(words(driver.run_and_confirm()), ElementsAre("p1>n0"));
  EXPECT_THAT(driver.state().nominations(), IsEmpty());
}

TEST(Preemption, HoldsTheRoomAgainstOthersOfThatPriorityAndBelow) {
  SchedulerDriver driver = kube();
  driver.node(machine("a"));
  const PodId low = driver.pod({.cpu = 4_cpu});
  driver.run_and_confirm();
  driver.pod({.cpu = 3_cpu, .priority = 10});
  driver.run();
  driver.pod({.cpu = 2_cpu, .priority = 5});
  driver.end(low, PodPhase::Failed);
  EXPECT_THAT(words(driver.run_and_confirm()),
              testing::UnorderedElementsAre("p1>n0", "p2 waits (no feasible node)"));
}

TEST(Preemption, GivesTheRoomToAPodOfHigherPriorityStill) {
  SchedulerDriver driver = kube();
  driver.node(machine("a"));
  const PodId low = driver.pod({.cpu = 4_cpu});
  driver.run_and_confirm();
  const PodId middle = driver.pod({.cpu = 3_cpu, .priority = 5});
  driver.run();
  EXPECT_EQ(driver.state().nominations().count(middle), 1U);
  const PodId high = driver.pod({.cpu = 3_cpu, .priority = 10});
  const std::vector<std::string> decisions = words(driver.run());
  EXPECT_EQ(decisions.at(0), "p2 preempts on n0: p0");
  EXPECT_EQ(driver.state().nominations().count(middle), 0U);
  EXPECT_EQ(driver.state().nominations().count(high), 1U);
  driver.end(low, PodPhase::Failed);
  EXPECT_THAT(words(driver.run_and_confirm()), testing::Contains("p2>n0"));
}

TEST(Preemption, GivesUpWhatItHeldWhenNothingIsToBeGained) {
  SchedulerDriver driver = kube();
  const NodeId node = driver.node(machine("a"));
  const PodId low = driver.pod({.cpu = 4_cpu});
  driver.run_and_confirm();
  const PodId high = driver.pod({.cpu = 3_cpu, .priority = 10});
  driver.run();
  driver.tell(change::NodeCordonChanged{.id = node, .is_cordoned = true});
  driver.end(low, PodPhase::Failed);
  driver.tell(change::NodeTaintsChanged{.id = node,
                                        .taints = std::make_shared<const std::vector<Taint>>()});
  driver.node({.cpu = 1_cpu, .memory = 8_GiB});  // wakes nobody who would not fit
  driver.run();
  EXPECT_EQ(driver.state().nominations().count(high), 1U);  // nothing has looked again
  driver.tell(change::NodeCordonChanged{.id = node, .is_cordoned = false});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1>n0"));
}

TEST(Preemption, IsNotForPoliciesThatKnowNoPriorities) {
  SchedulerDriver driver;
  driver.node(machine("a"));
  driver.pod({.cpu = 4_cpu});
  driver.run_and_confirm();
  driver.pod({.cpu = 3_cpu, .priority = 10});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1 waits (no feasible node)"));
}

PodAffinityTerm near(const Labels& labels) {
  return {.selector = LabelSelector::all_of(labels),
          .topology_key = "kubernetes.io/hostname",
          .namespaces = {"default"},
          .in_all_namespaces = false};
}

TEST(Waking, TriesAPodAgainWhenItsCompanyComes) {
  SchedulerDriver driver = kube();
  driver.node(machine("a"));
  driver.pod({.cpu = 1_cpu, .pod_affinity = {.required = {near(kDb)}}});
  EXPECT_THAT(words(driver.run()), ElementsAre("p0 waits (no feasible node)"));
  driver.pod({.cpu = 1_cpu});
  EXPECT_THAT(words(driver.run_and_confirm()), ElementsAre("p1>n0"));  // it is nobody's company
  driver.pod({.cpu = 1_cpu, .labels = kDb});
  EXPECT_THAT(words(driver.run_and_confirm()), ElementsAre("p2>n0", "p0>n0"));
}

TEST(Waking, TriesAPodAgainWhenTheOneThatItAvoidsGoes) {
  SchedulerDriver driver = kube();
  driver.node(machine("a"));
  const PodId db = driver.pod({.labels = kDb});
  driver.run_and_confirm();
  driver.pod({.pod_anti_affinity = {.required = {near(kDb)}}});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1 waits (no feasible node)"));
  driver.end(db);
  EXPECT_THAT(words(driver.run()), ElementsAre("p1>n0"));
}

TEST(Waking, TriesASpreadPodAgainWhenTheEmptierDomainFills) {
  SchedulerDriver driver = kube();
  driver.node(machine("a"));
  const NodeId full = driver.node(machine("b"));
  driver.pod({.cpu = 4_cpu, .node_selector = {{"kubernetes.io/hostname", "b"}}});
  const test::PodSpec spread{.cpu = 1_cpu,
                             .labels = kDb,
                             .topology_spread = {{.topology_key = "kubernetes.io/hostname",
                                                  .selector = LabelSelector::all_of(kDb)}}};
  driver.run_and_confirm();
  driver.pod(spread);
  driver.pod(spread);
  EXPECT_THAT(words(driver.run_and_confirm()), ElementsAre("p1>n0", "p2 waits (no feasible node)"));
  // Another scheduler puts one of the same kind on the full node, where it asks for nothing.
  const PodId other = driver.pod({.labels = kDb});
  driver.tell(change::PodBound{.id = other, .node = full});
  EXPECT_THAT(words(driver.run()), ElementsAre("p2>n0"));
}

}  // namespace
}  // namespace orrery::orchestration
