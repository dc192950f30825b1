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

/// Two nodes in one zone: the first too small for what waits, so that room there wakes nobody.
class OneZone : public testing::Test {
 protected:
  OneZone() {
    Node small = machine("a");
    Node large = machine("b");
    small.cpu = 1_cpu;
    small.labels["zone"] = large.labels["zone"] = "z";
    driver.node(small);
    driver.node(large);
  }

  static PodAffinity no_database_in_the_zone() {
    PodAffinityTerm term = near(kDb);
    term.topology_key = "zone";
    return {.required = {term}};
  }

  const Labels on_small{{"kubernetes.io/hostname", "a"}};
  SchedulerDriver driver = kube();
};

TEST_F(OneZone, TriesAPodAgainWhenTheOneThatItAvoidsGoes) {
  const PodId db = driver.pod({.cpu = 1_cpu, .labels = kDb, .node_selector = on_small});
  driver.run_and_confirm();
  driver.pod({.cpu = 2_cpu, .pod_anti_affinity = no_database_in_the_zone()});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1 waits (no feasible node)"));
  driver.end(db);
  EXPECT_THAT(words(driver.run()), ElementsAre("p1>n1"));
}

TEST_F(OneZone, TriesAPodAgainWhenTheOneThatAvoidsItGoes) {
  const PodId hermit = driver.pod(
      {.cpu = 1_cpu, .node_selector = on_small, .pod_anti_affinity = no_database_in_the_zone()});
  driver.run_and_confirm();
  driver.pod({.cpu = 2_cpu, .labels = kDb});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1 waits (no feasible node)"));
  driver.end(hermit);
  EXPECT_THAT(words(driver.run()), ElementsAre("p1>n1"));
}

TEST_F(OneZone, TriesAPodAgainWhenTheOneThatItAvoidsCouldNotBeBound) {
  driver.pod({.cpu = 1_cpu, .labels = kDb, .node_selector = on_small});
  const Bind bind = std::get<Bind>(driver.run().at(0));
  driver.pod({.cpu = 2_cpu, .pod_anti_affinity = no_database_in_the_zone()});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1 waits (no feasible node)"));
  driver.tell(change::NodeCordonChanged{.id = bind.node, .is_cordoned = true});
  driver.refuse(bind);
  EXPECT_THAT(words(driver.run()), testing::Contains("p1>n1"));
}

TEST(Waking, TriesAPodOnceWhenAnotherIsAssumedAndConfirmed) {
  SchedulerDriver driver = kube();
  driver.node(machine("a"));
  // One pod must match both terms, so the other wakes it and is no company.
  driver.pod({.pod_affinity = {.required = {near(kDb), near({{"tier", "back"}})}}});
  driver.run();
  const PodId other = driver.pod({.labels = kDb});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1>n0", "p0 waits (no feasible node)"));
  driver.tell(change::PodBound{.id = other, .node = NodeId{0}});
  EXPECT_THAT(words(driver.run()), IsEmpty());
}

/// Node 0 has room for one of two pods; it is held for the first, which may not go there, so that
/// the second waits. The first avoids databases on its host: one of higher priority is there.
class HeldRoom : public testing::Test {
 protected:
  HeldRoom() {
    driver.node(machine("a"));
    db = driver.pod({.priority = 20, .labels = kDb});
    driver.run_and_confirm();
    first =
        driver.pod({.cpu = 3_cpu, .priority = 10, .pod_anti_affinity = {.required = {near(kDb)}}});
    driver.run();
    driver.tell(change::PodNominated{.id = first, .node = NodeId{0}});
    driver.pod({.cpu = 2_cpu, .priority = 5, .node_selector = {{"kubernetes.io/hostname", "a"}}});
    EXPECT_THAT(words(driver.run()), ElementsAre("p2 waits (no feasible node)"));
  }

  SchedulerDriver driver = kube();
  PodId db;
  PodId first;
};

TEST_F(HeldRoom, IsFreeWhenThePodGoes) {
  driver.end(first);
  EXPECT_THAT(words(driver.run()), ElementsAre("p2>n0"));
}

TEST_F(HeldRoom, IsFreeWhenSomebodyElsePlacesThePod) {
  const NodeId other = driver.node({.cpu = 3_cpu, .memory = 8_GiB, .taints = {{.key = "closed"}}});
  EXPECT_THAT(words(driver.run()), IsEmpty());
  driver.tell(change::PodBound{.id = first, .node = other});
  EXPECT_THAT(words(driver.run()), ElementsAre("p2>n0"));
}

TEST_F(HeldRoom, IsFreeWhenThePodFindsAnotherNode) {
  driver.node(machine("b"));
  EXPECT_THAT(words(driver.run()), ElementsAre("p1>n1", "p2>n0"));
}

TEST_F(HeldRoom, IsFreeWhenNothingIsToBeGainedByIt) {
  const NodeId other = driver.node({.memory = 8_GiB, .taints = {{.key = "closed"}}});
  const PodId passing = driver.pod({.labels = kDb});
  driver.tell(change::PodBound{.id = passing, .node = other});
  driver.end(passing);  // the first pod is tried again, in vain
  EXPECT_THAT(words(driver.run()), ElementsAre("p1 waits (no feasible node)", "p2>n0"));
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
