#include "orrery/orchestration/cluster/cluster_orchestrator.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "orrery/models/check.hpp"
#include "orrery/tests/orchestration/cluster/scheduler_driver.hpp"
#include "orrery/tests/support/row_name.hpp"

namespace orrery::orchestration {
namespace {

using namespace orrery::literals;
using policies::ClusterView;
using policies::Placement;
using policies::QueueOrder;
using policies::WaitReason;
using test::PodSpec;
using test::SchedulerDriver;
using test::without_backoff;
using test::words;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Bind bind_of(const Decision& decision) { return std::get<Bind>(decision); }

struct Arrival {
  Duration at{};
  PodSpec spec;
};

struct OrderCase {
  std::string name;
  SchedulerConfig config;
  std::vector<Arrival> arrivals;
  std::vector<std::string> decisions;
};

class ClusterOrchestratorOrder : public testing::TestWithParam<OrderCase> {};

TEST_P(ClusterOrchestratorOrder, TriesPodsInTheOrderOfTheQueue) {
  SchedulerDriver driver{GetParam().config};
  for (const Arrival& arrival : GetParam().arrivals) {
    driver.now = kTimeZero + arrival.at;
    driver.pod(arrival.spec);
  }
  driver.node({.cpu = 64_cpu});
  EXPECT_EQ(words(driver.run()), GetParam().decisions);
}

SchedulerConfig ordered(QueueOrder order) {
  return {.queue_order = order, .backoff_initial = Duration::zero()};
}

INSTANTIATE_TEST_SUITE_P(
    Table, ClusterOrchestratorOrder,
    testing::Values(OrderCase{"Fifo",
                              ordered(QueueOrder::Fifo),
                              {{1s, {.priority = 1}}, {2s, {.priority = 9}}, {2s, {.priority = 5}}},
                              {"p0>n0", "p1>n0", "p2>n0"}},
                    OrderCase{"Priority",
                              ordered(QueueOrder::Priority),
                              {{1s, {.priority = 1}},
                               {2s, {.priority = 9}},
                               {3s, {.priority = -2000000000}},
                               {4s, {.priority = 9}}},
                              {"p1>n0", "p3>n0", "p0>n0", "p2>n0"}},
                    OrderCase{"ShortestFirst",
                              ordered(QueueOrder::ShortestFirst),
                              {{1s, {}},
                               {2s, {.estimated_duration = 9s}},
                               {3s, {.estimated_duration = 3s}},
                               {4s, {.estimated_duration = 9s}}},
                              {"p2>n0", "p1>n0", "p3>n0", "p0>n0"}}),
    test::RowName{});

TEST(ClusterOrchestrator, ReservesRoomAsSoonAsItHasDecided) {
  SchedulerDriver driver;
  driver.node({.cpu = 2_cpu});
  const PodId pod = driver.pod({.cpu = 2_cpu});
  driver.pod({.cpu = 1_cpu});
  EXPECT_THAT(words(driver.cycle()), ElementsAre("p0>n0"));
  EXPECT_TRUE(driver.row(pod).is_assumed);
  EXPECT_THAT(words(driver.run()), ElementsAre("p1 waits (no feasible node)"));
}

TEST(ClusterOrchestrator, TellsTheDevicesOfABind) {
  SchedulerDriver driver;
  driver.node({.cpu = 8_cpu, .gpus = 2, .gpu_model = "A100"});
  driver.pod({.gpu = {.count = 1, .milli = 600}});
  driver.pod({.gpu = {.count = 1, .milli = 600}});
  const std::vector<Decision> decisions = driver.run();
  EXPECT_EQ(bind_of(decisions[0]).devices, GpuDeviceMask{1});
  EXPECT_EQ(bind_of(decisions[1]).devices, GpuDeviceMask{2});
}

TEST(ClusterOrchestrator, TriesAWaitingPodAgainOnlyWhenAChangeCouldHelp) {
  SchedulerDriver driver;
  driver.node({.cpu = 1_cpu});
  driver.node({.cpu = 4_cpu});
  const PodId small = driver.pod({.cpu = 1_cpu});
  const PodId large = driver.pod({.cpu = 4_cpu});
  driver.run_and_confirm();
  driver.pod({.cpu = 3_cpu});
  EXPECT_THAT(words(driver.run()), ElementsAre("p2 waits (no feasible node)"));
  driver.end(small);
  EXPECT_FALSE(driver.scheduler.has_work(driver.now)) << "3 CPUs do not fit on a node of 1";
  driver.end(large);
  EXPECT_THAT(words(driver.run()), ElementsAre("p2>n1"));
}

/// What may give a waiting pod a place, each told to a scheduler whose only node is unusable.
struct HelpCase {
  std::string name;
  std::vector<StateChange> before;
  StateChange help;
};

class ClusterOrchestratorHelp : public testing::TestWithParam<HelpCase> {};

TEST_P(ClusterOrchestratorHelp, MakesAWaitingPodTriedAgain) {
  SchedulerDriver driver;
  driver.node({.cpu = 4_cpu});
  for (const StateChange& change : GetParam().before) driver.tell(change);
  driver.pod({.cpu = 1_cpu});
  EXPECT_EQ(driver.run().size(), 1U);
  EXPECT_FALSE(driver.scheduler.has_work(driver.now));
  driver.tell(GetParam().help);
  EXPECT_THAT(words(driver.run()), ElementsAre(testing::StartsWith("p0>n")));
}

std::shared_ptr<const std::vector<Taint>> taints(std::vector<Taint> list) {
  return std::make_shared<const std::vector<Taint>>(std::move(list));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ClusterOrchestratorHelp,
    testing::Values(HelpCase{"NodeIsReadyAgain",
                             {change::NodeReadyChanged{NodeId{0}, false}},
                             change::NodeReadyChanged{NodeId{0}, true}},
                    HelpCase{"NodeIsUncordoned",
                             {change::NodeCordonChanged{NodeId{0}, true}},
                             change::NodeCordonChanged{NodeId{0}, false}},
                    HelpCase{"TaintIsGone",
                             {change::NodeTaintsChanged{NodeId{0}, taints({{.key = "gpu-only"}})}},
                             change::NodeTaintsChanged{NodeId{0}, taints({})}},
                    HelpCase{"NodeJoins",
                             {change::NodeRemoved{NodeId{0}}},
                             change::NodeAdded{NodeId{1}, std::make_shared<const Node>(Node{
                                                              .name = "new", .cpu = 1_cpu})}}),
    test::RowName{});

TEST(ClusterOrchestrator, BacksOffBeforeItTriesAgain) {
  SchedulerDriver driver{SchedulerConfig{}};
  driver.node({.cpu = 1_cpu});
  const PodId first = driver.pod({.cpu = 1_cpu});
  driver.run_and_confirm();
  driver.now += 10s;
  driver.pod({.cpu = 1_cpu});
  EXPECT_EQ(driver.run().size(), 1U);
  driver.end(first);
  EXPECT_FALSE(driver.scheduler.has_work(driver.now));
  EXPECT_EQ(driver.scheduler.next_expiry(), driver.now + 1s);
  driver.now += 1s;
  EXPECT_THAT(words(driver.run()), ElementsAre("p1>n0"));
}

TEST(ClusterOrchestrator, SaysOnceThatNoNodeCouldEverHoldAPod) {
  SchedulerDriver driver;
  driver.node({.cpu = 4_cpu});
  driver.pod({.cpu = 8_cpu});
  EXPECT_THAT(words(driver.run()), ElementsAre("p0 waits (no node could ever hold it)"));
  const NodeId large = driver.node({.cpu = 8_cpu});
  driver.tell(change::NodeCordonChanged{large, true});  // before its turn came
  EXPECT_THAT(words(driver.run()), ElementsAre("p0 waits (no feasible node)"));
  driver.tell(change::NodeCordonChanged{large, false});
  EXPECT_THAT(words(driver.run()), ElementsAre("p0>n1"));
}

TEST(ClusterOrchestrator, GivesUpAtOnceWhenItMustNotRetry) {
  SchedulerDriver driver{{.retry = Retry::Never}};
  driver.node({.cpu = 1_cpu});
  driver.pod({.cpu = 2_cpu});
  driver.pod({.cpu = 2_cpu, .gang = GangId{0}, .gang_size = 2});
  driver.pod({.cpu = 2_cpu, .gang = GangId{0}, .gang_size = 2});
  EXPECT_THAT(words(driver.run()), ElementsAre("p0 given up (no feasible node)",
                                               "p1 given up (its gang does not fit as a whole)"));
  driver.node({.cpu = 64_cpu});
  EXPECT_THAT(driver.run(), IsEmpty());
}

SchedulerConfig strict(QueueOrder order = QueueOrder::Fifo) {
  return {.queue_order = order, .is_blocking = true, .backoff_initial = Duration::zero()};
}

/// Strict order: one node of 4 CPUs with a pod of 2 on it, and a head that asks 4.
class ClusterOrchestratorStrictOrder : public testing::Test {
 protected:
  void block(SchedulerConfig config = strict()) {
    driver_ = std::make_unique<SchedulerDriver>(config);
    driver_->node({.cpu = 4_cpu});
    running_ = driver_->pod({.cpu = 2_cpu});
    driver_->run_and_confirm();
    head_ = driver_->pod({.cpu = 4_cpu});
    EXPECT_THAT(words(driver_->run()), ElementsAre("p1 waits (no feasible node)"));
  }

  std::unique_ptr<SchedulerDriver> driver_;
  PodId running_;
  PodId head_;
};

TEST_F(ClusterOrchestratorStrictOrder, LetsNobodyPassTheHead) {
  block();
  driver_->pod({.cpu = 1_cpu});
  EXPECT_FALSE(driver_->scheduler.has_work(driver_->now));
  EXPECT_EQ(driver_->scheduler.next_expiry(), kTimeMax);
  driver_->end(running_);
  EXPECT_THAT(words(driver_->run()), ElementsAre("p1>n0", "p2 waits (no feasible node)"));
}

TEST_F(ClusterOrchestratorStrictOrder, GoesOnWhenTheHeadIsGone) {
  block();
  driver_->pod({.cpu = 1_cpu});
  driver_->end(head_);
  EXPECT_THAT(words(driver_->run()), ElementsAre("p2>n0"));
}

TEST_F(ClusterOrchestratorStrictOrder, TriesANewcomerThatGoesBeforeTheHead) {
  block(strict(QueueOrder::Priority));
  driver_->pod({.cpu = 1_cpu, .priority = 7});
  EXPECT_THAT(words(driver_->run()), ElementsAre("p2>n0", "p1 waits (no feasible node)"));
}

TEST_F(ClusterOrchestratorStrictOrder, PutsAsideWhatCanNeverFit) {
  block();
  driver_->end(head_);
  driver_->pod({.cpu = 400_cpu});
  driver_->pod({.cpu = 1_cpu});
  EXPECT_THAT(words(driver_->run()), ElementsAre("p1 waits (no node could ever hold it)", "p2>n0"));
}

/// A node with room for two of a gang of three, and every member waiting but the last.
class ClusterOrchestratorGang : public testing::Test {
 protected:
  ClusterOrchestratorGang() { node_ = driver_.node({.cpu = 2_cpu, .memory = 8_GiB}); }

  PodId member() { return driver_.pod({.cpu = 1_cpu, .gang = GangId{4}, .gang_size = 3}); }

  SchedulerDriver driver_;
  NodeId node_;
};

TEST_F(ClusterOrchestratorGang, IsNotTriedBeforeItIsComplete) {
  member();
  member();
  EXPECT_FALSE(driver_.scheduler.has_work(driver_.now));
  member();
  EXPECT_TRUE(driver_.scheduler.has_work(driver_.now));
}

TEST_F(ClusterOrchestratorGang, IsPlacedAsAWholeOrNotAtAll) {
  const std::vector<PodId> members = {member(), member(), member()};
  EXPECT_THAT(words(driver_.run()), ElementsAre("p0 waits (its gang does not fit as a whole)"));
  EXPECT_EQ(driver_.state().nodes().cpu_free[node_], 2_cpu);
  for (const PodId pod : members) {
    EXPECT_TRUE(driver_.row(pod).node.is_none());
    EXPECT_FALSE(driver_.row(pod).is_assumed);
  }
  driver_.node({.cpu = 1_cpu});
  EXPECT_THAT(words(driver_.run()), ElementsAre("p0>n0", "p1>n0", "p2>n1"));
  EXPECT_EQ(driver_.state().nodes().cpu_free[node_], 0_cpu);
}

TEST_F(ClusterOrchestratorGang, LeavesItsRoomToOthersWhenItDoesNotFit) {
  member();
  member();
  member();
  driver_.pod({.cpu = 2_cpu});
  EXPECT_THAT(words(driver_.run()),
              ElementsAre("p0 waits (its gang does not fit as a whole)", "p3>n0"));
}

TEST_F(ClusterOrchestratorGang, WaitsForAnotherWhenAMemberIsGone) {
  const PodId first = member();
  member();
  member();
  driver_.run();
  driver_.end(first);
  driver_.node({.cpu = 8_cpu});
  EXPECT_THAT(driver_.run(), IsEmpty());
  member();  // under the id of the one that is gone
  EXPECT_THAT(words(driver_.run()), ElementsAre("p1>n0", "p2>n0", "p0>n1"));
}

TEST_F(ClusterOrchestratorGang, IsTriedOnceAlthoughItLostAMemberWhileItWaited) {
  member();
  const PodId second = member();
  member();
  driver_.run();
  driver_.end(second);
  member();
  driver_.run();
  driver_.node({.cpu = 500_m});
  driver_.tell(change::NodeReadyChanged{node_, true});
  EXPECT_THAT(words(driver_.run()), ElementsAre("p0 waits (its gang does not fit as a whole)"));
}

TEST_F(ClusterOrchestratorGang, TriesAgainAloneAMemberWhoseBindingWasRefused) {
  driver_.node({.cpu = 1_cpu});
  member();
  member();
  member();
  const std::vector<Decision> decisions = driver_.run();
  ASSERT_EQ(decisions.size(), 3U);
  driver_.confirm(bind_of(decisions[0]));
  driver_.refuse(bind_of(decisions[1]));
  driver_.confirm(bind_of(decisions[2]));
  EXPECT_THAT(words(driver_.run()), ElementsAre("p1>n0"));
}

TEST_F(ClusterOrchestratorGang, IsNotPlacedOverAMemberThatSomebodyElseBound) {
  const PodId first = member();
  member();
  member();
  driver_.run();
  driver_.tell(change::PodBound{first, node_, {}});
  driver_.node({.cpu = 8_cpu});
  EXPECT_THAT(driver_.run(), IsEmpty());
  EXPECT_EQ(driver_.row(first).node, node_);
}

TEST(ClusterOrchestrator, GivesBackTheRoomOfARefusedBindingAndTriesAgain) {
  SchedulerDriver driver;
  driver.node({.cpu = 1_cpu});
  const PodId pod = driver.pod({.cpu = 1_cpu});
  const std::vector<Decision> decisions = driver.run();
  driver.refuse(bind_of(decisions[0]));
  EXPECT_EQ(driver.state().nodes().cpu_free[NodeId{0}], 1_cpu);
  EXPECT_FALSE(driver.row(pod).is_assumed);
  EXPECT_THAT(words(driver.run()), ElementsAre("p0>n0"));
}

TEST(ClusterOrchestrator, LetsAWaitingPodHaveTheRoomOfARefusedBinding) {
  SchedulerDriver driver{ordered(QueueOrder::Priority)};
  driver.node({.cpu = 1_cpu});
  driver.pod({.cpu = 1_cpu, .priority = 0});
  const std::vector<Decision> decisions = driver.run();
  driver.pod({.cpu = 1_cpu, .priority = 5});
  EXPECT_EQ(driver.run().size(), 1U);
  driver.refuse(bind_of(decisions[0]));
  EXPECT_THAT(words(driver.run()), ElementsAre("p1>n0", "p0 waits (no feasible node)"));
}

TEST(ClusterOrchestrator, IgnoresARefusalThatComesTooLate) {
  SchedulerDriver driver;
  driver.node({.cpu = 2_cpu});
  const PodId pod = driver.pod({.cpu = 1_cpu});
  const Bind bind = bind_of(driver.run()[0]);
  driver.end(pod);
  driver.refuse(bind);
  EXPECT_EQ(driver.state().nodes().cpu_free[NodeId{0}], 2_cpu);
  driver.pod({.cpu = 1_cpu});  // takes the id over
  driver.run();
  driver.refuse(bind);
  EXPECT_TRUE(driver.row(pod).is_assumed);
  driver.confirm(Bind{.pod = pod, .node = NodeId{0}});
  driver.refuse(bind);
  EXPECT_EQ(driver.state().nodes().cpu_free[NodeId{0}], 1_cpu);
}

TEST(ClusterOrchestrator, PassesOverQueuedPodsThatAreGone) {
  SchedulerDriver driver;
  driver.node({.cpu = 4_cpu});
  const PodId gone = driver.pod({.cpu = 1_cpu});
  driver.pod({.cpu = 1_cpu});
  driver.end(gone);
  EXPECT_THAT(words(driver.cycle()), ElementsAre("p1>n0"));
  EXPECT_THAT(driver.cycle(), IsEmpty());
}

TEST(ClusterOrchestrator, DoesNotTakeANewPodForTheOldOneOfThatId) {
  SchedulerDriver driver;
  driver.node({.cpu = 4_cpu});
  driver.end(driver.pod({.cpu = 1_cpu}));
  const PodId pod = driver.pod({.cpu = 2_cpu});
  const std::vector<Decision> decisions = driver.run();
  ASSERT_THAT(words(decisions), ElementsAre("p0>n0"));
  EXPECT_EQ(bind_of(decisions[0]).uid, driver.row(pod).uid);
}

TEST(ClusterOrchestrator, FollowsTheApiServerWhenAnAssumedPodWasBoundElsewhere) {
  SchedulerDriver driver;
  driver.node({.cpu = 1_cpu});
  driver.node({.cpu = 4_cpu});
  const PodId pod = driver.pod({.cpu = 1_cpu});
  driver.run();
  driver.tell(change::PodBound{pod, NodeId{1}, {}});
  EXPECT_EQ(driver.row(pod).node, NodeId{1});
  EXPECT_FALSE(driver.row(pod).is_assumed);
  EXPECT_EQ(driver.state().nodes().cpu_free[NodeId{0}], 1_cpu);
  EXPECT_EQ(driver.state().nodes().cpu_free[NodeId{1}], 3_cpu);
}

TEST(ClusterOrchestrator, LetsAWaitingPodHaveTheRoomOfAPodThatWasBoundElsewhere) {
  SchedulerDriver driver;
  driver.node({.cpu = 1_cpu});
  const PodId pod = driver.pod({.cpu = 1_cpu});
  driver.run();
  driver.pod({.cpu = 1_cpu});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1 waits (no feasible node)"));
  const NodeId other = driver.node({.cpu = 4_cpu});
  driver.tell(change::NodeCordonChanged{other, true});
  driver.run();
  driver.tell(change::PodBound{pod, other, {}});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1>n0"));
}

TEST(ClusterOrchestrator, LeavesAloneAWaitingPodThatSomebodyElseBound) {
  SchedulerDriver driver;
  const NodeId node = driver.node({.cpu = 1_cpu});
  driver.tell(change::NodeCordonChanged{node, true});
  const PodId parked = driver.pod({.cpu = 1_cpu});
  driver.run();
  driver.tell(change::PodBound{parked, node, {}});
  EXPECT_EQ(driver.scheduler.waiting(), 0U);
  driver.tell(change::NodeCordonChanged{node, false});
  EXPECT_THAT(driver.run(), IsEmpty());
  driver.end(parked);
  driver.pod({.cpu = 1_cpu});
  EXPECT_THAT(words(driver.run()), ElementsAre("p0>n0"));
}

TEST(ClusterOrchestrator, CountsPodsThatRanBeforeTheWatchBegan) {
  SchedulerDriver driver;
  driver.node({.cpu = 2_cpu});
  driver.tell(change::TemplateAdded{PodTemplateId{0}, std::make_shared<const PodTemplate>()});
  driver.tell(change::PodAdded{PodId{0},
                               {.uid = 99,
                                .cpu = 2_cpu,
                                .pod_template = PodTemplateId{0},
                                .node = NodeId{0},
                                .phase = PodPhase::Running}});
  EXPECT_FALSE(driver.scheduler.has_work(driver.now));
  driver.pod({.cpu = 1_cpu});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1 waits (no feasible node)"));
  driver.end(PodId{0});
  EXPECT_THAT(words(driver.run()), ElementsAre("p1>n0"));
}

/// Prefers to wait until it has been asked often enough, then takes the first node even if it is
/// full.
class Hesitant final : public policies::PlacementPolicy {
 public:
  explicit Hesitant(int refusals) : refusals_(refusals) {}
  Placement place(const ClusterView& /*view*/, PodId /*pod*/) override {
    if (refusals_-- > 0) return Placement::wait(WaitReason::PolicyChoice);
    return Placement::bind(NodeId{0});
  }

 private:
  int refusals_;
};

TEST(ClusterOrchestrator, AsksAPolicyThatChoseToWaitAgainAfterAnyFreedRoom) {
  SchedulerDriver driver{without_backoff(), std::make_unique<Hesitant>(1)};
  driver.node({.cpu = 4_cpu});
  driver.pod({.cpu = 2_cpu});
  EXPECT_THAT(words(driver.run()), ElementsAre("p0 waits (the policy prefers to wait)"));
  driver.node({.cpu = 1_cpu});  // too small for the pod: the policy may choose all the same
  EXPECT_THAT(words(driver.run()), ElementsAre("p0>n0"));
}

TEST(ClusterOrchestrator, StopsTheRunWhenAPolicyChoosesANodeThatIsFull) {
  SchedulerDriver driver{without_backoff(), std::make_unique<Hesitant>(0)};
  driver.node({.cpu = 1_cpu});
  driver.pod({.cpu = 2_cpu});
  try {
    driver.run();
    FAIL() << "the run went on";
  } catch (const CheckFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("the policy chose node n0, which cannot take the pod: "
                                          "insufficient cpu"));
  }
}

/// Writes down what a policy is told.
class Listener final : public policies::PlacementPolicy {
 public:
  explicit Listener(std::vector<std::string>& heard) : heard_(heard) {}
  Placement place(const ClusterView& view, PodId pod) override {
    if (!view.state.fits(NodeId{0}, view.state.pod(pod))) {
      return Placement::wait(WaitReason::NoFeasibleNode);
    }
    return Placement::bind(NodeId{0});
  }
  void on_change(const ClusterView& view, const StateChange& change) override {
    const std::string free = std::to_string(view.state.nodes().cpu_free[NodeId{0}].count());
    if (const auto* assumed = std::get_if<change::PodAssumed>(&change)) {
      heard_.push_back("assumed p" + std::to_string(assumed->id.index()) + ", left " + free);
    } else if (const auto* forgotten = std::get_if<change::PodForgotten>(&change)) {
      heard_.push_back("forgot p" + std::to_string(forgotten->id.index()) + ", left " + free);
    }
  }

 private:
  std::vector<std::string>& heard_;
};

TEST(ClusterOrchestrator, TellsThePolicyOfEachReservationOfAGangAndTakesItBackLastFirst) {
  std::vector<std::string> heard;
  SchedulerDriver driver{without_backoff(), std::make_unique<Listener>(heard)};
  driver.node({.cpu = 2500_m});
  for (int i = 0; i < 3; ++i) driver.pod({.cpu = 1_cpu, .gang = GangId{0}, .gang_size = 3});
  driver.run();
  EXPECT_THAT(heard, ElementsAre("assumed p0, left 1500", "assumed p1, left 500",
                                 "forgot p1, left 1500", "forgot p0, left 2500"));
}

}  // namespace
}  // namespace orrery::orchestration
