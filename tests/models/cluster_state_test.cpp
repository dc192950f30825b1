#include "orrery/models/cluster_state.hpp"

#include <memory>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/models/check.hpp"
#include "orrery/tests/support/cluster_builder.hpp"
#include "orrery/tests/support/row_name.hpp"

namespace orrery {
namespace {

using namespace orrery::literals;
using test::ClusterBuilder;
using test::NamedCluster;
using test::PodSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

GpuDeviceMask devices(std::uint16_t bits) { return GpuDeviceMask{bits}; }

TEST(ClusterState, ReservesWhatARunningPodAsksFor) {
  const NamedCluster cluster =
      ClusterBuilder{}
          .node("a", {.cpu = 8_cpu, .memory = 32_GiB, .ephemeral_storage = 100_GiB})
          .running("web", "a", {.cpu = 1500_m, .memory = 2_GiB, .ephemeral_storage = 10_GiB})
          .build();
  const NodeColumns& nodes = cluster.state.nodes();
  const NodeId a = cluster.node("a");
  EXPECT_EQ(nodes.cpu_free[a], 6500_m);
  EXPECT_EQ(nodes.memory_free[a], 30_GiB);
  EXPECT_EQ(nodes.storage_free[a], 90_GiB);
  EXPECT_EQ(nodes.pods_free[a], kPodsPerNodeDefault - 1);
  EXPECT_EQ(nodes.cpu_allocatable[a], 8_cpu);
  EXPECT_EQ(cluster.pod_row("web").phase, PodPhase::Running);
}

TEST(ClusterState, ReservesGpuSharesDeviceByDevice) {
  const NamedCluster cluster =
      ClusterBuilder{}
          .node("a", {.cpu = 8_cpu, .gpus = 3, .gpu_model = "V100"})
          .running("half", "a", {.gpu = {.count = 1, .milli = 500}}, devices(0b010))
          .running("pair", "a", {.gpu = {.count = 2}}, devices(0b101))
          .build();
  const NodeColumns& nodes = cluster.state.nodes();
  const NodeId a = cluster.node("a");
  EXPECT_EQ(nodes.gpu_free[a], MilliGpu{500});
  EXPECT_EQ(nodes.gpu_devices[a].free[0], 0);
  EXPECT_EQ(nodes.gpu_devices[a].free[1], 500);
  EXPECT_EQ(nodes.gpu_devices[a].free[2], 0);
  EXPECT_EQ(nodes.gpu_devices[a].free[3], 0) << "a device that the node does not have";
}

TEST(ClusterState, GivesEverythingBackWhenAPodEnds) {
  NamedCluster cluster =
      ClusterBuilder{}
          .node("a", {.cpu = 8_cpu, .gpus = 2, .gpu_model = "V100", .extended = {{"fpga", 4}}})
          .build();
  const NodeColumns before = cluster.state.nodes();
  cluster =
      ClusterBuilder{}
          .node("a", {.cpu = 8_cpu, .gpus = 2, .gpu_model = "V100", .extended = {{"fpga", 4}}})
          .running("p", "a", {.cpu = 1_cpu, .gpu = {.count = 2}, .extended = {{"fpga", 3}}})
          .build();
  const NodeId a = cluster.node("a");
  EXPECT_EQ(cluster.state.nodes().extended.at("fpga").free[a], 1);

  cluster.state.apply(change::PodEnded{.id = cluster.pod("p")});
  const NodeColumns& after = cluster.state.nodes();
  EXPECT_EQ(after.cpu_free[a], before.cpu_free[a]);
  EXPECT_EQ(after.pods_free[a], before.pods_free[a]);
  EXPECT_EQ(after.gpu_free[a], before.gpu_free[a]);
  EXPECT_EQ(after.gpu_devices[a], before.gpu_devices[a]);
  EXPECT_EQ(after.extended.at("fpga").free[a], 4);
}

TEST(ClusterState, LeavesTheRowOfAnEndedPodReadableAndItsIdFree) {
  NamedCluster cluster =
      ClusterBuilder{}.node("a", {.cpu = 8_cpu}).running("p", "a", {.cpu = 1_cpu}).build();
  const PodId id = cluster.pod("p");
  cluster.state.apply(change::PodEnded{.id = id, .phase = PodPhase::Failed});
  EXPECT_EQ(cluster.state.pod(id).uid, 0U);
  EXPECT_EQ(cluster.state.pod(id).node, cluster.node("a"));
  EXPECT_EQ(cluster.state.pod(id).phase, PodPhase::Failed);

  Pod next;
  next.uid = 99;
  next.pod_template = PodTemplateId{0};
  cluster.state.apply(change::PodAdded{.id = id, .pod = next});
  EXPECT_EQ(cluster.state.pod(id).uid, 99U);
  EXPECT_TRUE(cluster.state.pod(id).node.is_none());
}

TEST(ClusterState, AssumesThenBindsWithoutCountingTwice) {
  NamedCluster cluster =
      ClusterBuilder{}.node("a", {.cpu = 8_cpu}).pending("p", {.cpu = 3_cpu}).build();
  const NodeId a = cluster.node("a");
  const PodId p = cluster.pod("p");

  cluster.state.apply(change::PodAssumed{.id = p, .node = a});
  EXPECT_TRUE(cluster.state.pod(p).is_assumed);
  EXPECT_EQ(cluster.state.nodes().cpu_free[a], 5_cpu);

  cluster.state.apply(change::PodBound{.id = p, .node = a});
  EXPECT_FALSE(cluster.state.pod(p).is_assumed);
  EXPECT_EQ(cluster.state.nodes().cpu_free[a], 5_cpu);
  EXPECT_EQ(cluster.state.pod(p).phase, PodPhase::Pending) << "bound is not yet running";
}

TEST(ClusterState, ForgetsAnAssumedPod) {
  NamedCluster cluster = ClusterBuilder{}
                             .node("a", {.cpu = 8_cpu, .gpus = 1, .gpu_model = "T4"})
                             .pending("p", {.cpu = 3_cpu, .gpu = {.count = 1}})
                             .build();
  const NodeId a = cluster.node("a");
  const PodId p = cluster.pod("p");
  cluster.state.apply(change::PodAssumed{.id = p, .node = a, .devices = devices(1)});
  cluster.state.apply(change::PodForgotten{.id = p, .node = a});
  EXPECT_TRUE(cluster.state.pod(p).node.is_none());
  EXPECT_TRUE(cluster.state.pod(p).devices.empty());
  EXPECT_FALSE(cluster.state.pod(p).is_assumed);
  EXPECT_EQ(cluster.state.nodes().cpu_free[a], 8_cpu);
  EXPECT_EQ(cluster.state.nodes().gpu_free[a], kWholeGpu);
}

struct OvercommitCase {
  const char* name;
  PodSpec spec;
  GpuDeviceMask devices{};
};

/// A node with a little of everything; each row asks for a little too much of one thing.
class Overcommit : public testing::TestWithParam<OvercommitCase> {};

TEST_P(Overcommit, StopsTheRun) {
  NamedCluster cluster = ClusterBuilder{}
                             .node("small", {.cpu = 1_cpu,
                                             .memory = 1_GiB,
                                             .ephemeral_storage = 1_GiB,
                                             .pods = 2,
                                             .gpus = 1,
                                             .gpu_model = "T4",
                                             .extended = {{"fpga", 1}}})
                             .running("there", "small", {.gpu = {.count = 1, .milli = 400}})
                             .pending("p", GetParam().spec)
                             .build();
  EXPECT_NE(cluster.state.unfit(cluster.node("small"), cluster.pod_row("p")), Unfit::None);
  EXPECT_THROW(
      cluster.state.apply(change::PodBound{
          .id = cluster.pod("p"), .node = cluster.node("small"), .devices = GetParam().devices}),
      CheckFailure);
}

INSTANTIATE_TEST_SUITE_P(
    ClusterState, Overcommit,
    testing::Values(
        OvercommitCase{"Cpu", {.cpu = 1001_m}},
        OvercommitCase{"Memory", {.memory = 1_GiB + Bytes{1}}},
        OvercommitCase{"Storage", {.ephemeral_storage = 1_GiB + Bytes{1}}},
        OvercommitCase{"ShareOfADevice", {.gpu = {.count = 1, .milli = 601}}, GpuDeviceMask{1}},
        OvercommitCase{
            "DeviceThatIsNotThere", {.gpu = {.count = 1, .milli = 700}}, GpuDeviceMask{2}},
        OvercommitCase{
            "FewerDevicesThanAskedFor", {.gpu = {.count = 2, .milli = 1000}}, GpuDeviceMask{1}},
        OvercommitCase{"ExtendedResource", {.extended = {{"fpga", 2}}}},
        OvercommitCase{"UnknownExtendedResource", {.extended = {{"tpu", 1}}}}),
    test::RowName{});

TEST(ClusterState, StopsTheRunWhenANodeHasTooManyPods) {
  const auto build = [] {
    (void)ClusterBuilder{}
        .node("tiny", {.pods = 1})
        .running("one", "tiny", {})
        .running("two", "tiny", {})
        .build();
  };
  EXPECT_THAT(build, ThrowsMessage<CheckFailure>(HasSubstr("node tiny is over-committed")));
}

TEST(ClusterState, StopsTheRunAtAChangeThatCannotBe) {
  const NamedCluster cluster = ClusterBuilder{}
                                   .node("a", {.cpu = 8_cpu})
                                   .node("b", {.cpu = 8_cpu})
                                   .pending("p", {.cpu = 1_cpu})
                                   .build();
  const NodeId a = cluster.node("a");
  const NodeId b = cluster.node("b");
  const PodId p = cluster.pod("p");
  const auto refuses = [&](std::initializer_list<StateChange> changes) {
    ClusterState state = cluster.state;
    auto next = changes.begin();
    for (; next + 1 != changes.end(); ++next) state.apply(*next);
    EXPECT_THROW(state.apply(*next), CheckFailure);
  };
  refuses({change::PodForgotten{.id = p, .node = a}});
  refuses({change::PodAssumed{.id = p, .node = a}, change::PodAssumed{.id = p, .node = b}});
  refuses({change::PodAssumed{.id = p, .node = a}, change::PodBound{.id = p, .node = b}});
  refuses({change::PodEnded{.id = p}, change::PodEnded{.id = p}});
  refuses({change::PodAdded{.id = p, .pod = cluster.state.pod(p)}});
  refuses({change::PodAdded{.id = PodId{5}, .pod = Pod{}}});
  refuses({change::NodeAdded{.id = NodeId{5}, .node = std::make_shared<Node>()}});
  refuses({change::TemplateAdded{.id = PodTemplateId{5},
                                 .pod_template = std::make_shared<PodTemplate>()}});
}

struct UnfitCase {
  const char* name;
  PodSpec spec;
  Unfit now;
  Unfit ever;
};

/// The node runs a pod that takes half of everything and one of its two devices.
class UnfitTable : public testing::TestWithParam<UnfitCase> {};

TEST_P(UnfitTable, NamesTheFirstReasonNowAndWhetherItCanPass) {
  const UnfitCase& row = GetParam();
  const NamedCluster cluster =
      ClusterBuilder{}
          .node("n", {.cpu = 8_cpu,
                      .memory = 16_GiB,
                      .ephemeral_storage = 10_GiB,
                      .gpus = 2,
                      .gpu_model = "V100",
                      .extended = {{"fpga", 2}},
                      .labels = {{"disk", "ssd"}},
                      .taints = {{"gpu", "yes", TaintEffect::NoSchedule},
                                 {"old", "", TaintEffect::PreferNoSchedule}}})
          .running("half", "n",
                   {.cpu = 4_cpu,
                    .memory = 8_GiB,
                    .gpu = {.count = 1},
                    .ephemeral_storage = 5_GiB,
                    .extended = {{"fpga", 1}}})
          .pending("p", row.spec)
          .build();
  EXPECT_EQ(cluster.state.unfit(cluster.node("n"), cluster.pod_row("p")), row.now);
  EXPECT_EQ(cluster.state.never_fits(cluster.node("n"), cluster.pod_row("p")), row.ever);
}

const std::vector<Toleration> kTolerant = {{.key = "gpu", .op = Toleration::Operator::Exists}};

INSTANTIATE_TEST_SUITE_P(
    ClusterState, UnfitTable,
    testing::Values(
        UnfitCase{"Fits", {.cpu = 4_cpu, .tolerations = kTolerant}, Unfit::None, Unfit::None},
        UnfitCase{"CpuNow", {.cpu = 4001_m, .tolerations = kTolerant}, Unfit::Cpu, Unfit::None},
        UnfitCase{"CpuEver", {.cpu = 8001_m}, Unfit::Cpu, Unfit::Cpu},
        UnfitCase{
            "MemoryNow", {.memory = 9_GiB, .tolerations = kTolerant}, Unfit::Memory, Unfit::None},
        UnfitCase{"MemoryEver", {.memory = 17_GiB}, Unfit::Memory, Unfit::Memory},
        UnfitCase{"StorageNow",
                  {.ephemeral_storage = 6_GiB, .tolerations = kTolerant},
                  Unfit::EphemeralStorage,
                  Unfit::None},
        UnfitCase{"ExtendedNow",
                  {.extended = {{"fpga", 2}}, .tolerations = kTolerant},
                  Unfit::ExtendedResource,
                  Unfit::None},
        UnfitCase{"ExtendedEver",
                  {.extended = {{"tpu", 1}}},
                  Unfit::ExtendedResource,
                  Unfit::ExtendedResource},
        UnfitCase{
            "GpuNow", {.gpu = {.count = 2}, .tolerations = kTolerant}, Unfit::Gpu, Unfit::None},
        UnfitCase{"GpuEver", {.gpu = {.count = 3}}, Unfit::Gpu, Unfit::Gpu},
        UnfitCase{"GpuShareFits",
                  {.gpu = {.count = 1, .milli = 300}, .tolerations = kTolerant},
                  Unfit::None,
                  Unfit::None},
        UnfitCase{"GpuModel",
                  {.gpu = {.count = 1}, .gpu_models = {"A100"}, .tolerations = kTolerant},
                  Unfit::GpuModel,
                  Unfit::GpuModel},
        UnfitCase{"GpuModelAdmitted",
                  {.gpu = {.count = 1}, .gpu_models = {"A100", "V100"}, .tolerations = kTolerant},
                  Unfit::None,
                  Unfit::None},
        UnfitCase{"GpuModelOfAPodWithoutGpus",
                  {.gpu_models = {"A100"}, .tolerations = kTolerant},
                  Unfit::None,
                  Unfit::None},
        UnfitCase{"Taint", {.cpu = 1_cpu}, Unfit::Taint, Unfit::Taint},
        UnfitCase{"Selector",
                  {.node_selector = {{"disk", "hdd"}}, .tolerations = kTolerant},
                  Unfit::NodeSelector,
                  Unfit::NodeSelector},
        UnfitCase{"SelectorMatches",
                  {.node_selector = {{"disk", "ssd"}}, .tolerations = kTolerant},
                  Unfit::None,
                  Unfit::None},
        UnfitCase{"Affinity",
                  {.affinity = {.required = {{{"disk", LabelRequirement::Operator::In, {"hdd"}}}}},
                   .tolerations = kTolerant},
                  Unfit::NodeSelector,
                  Unfit::NodeSelector}),
    test::RowName{});

TEST(ClusterState, TakesNoPodsOnANodeThatIsNotReadyCordonedOrRemoved) {
  NamedCluster cluster = ClusterBuilder{}
                             .node("a", {.cpu = 8_cpu})
                             .node("b", {.cpu = 8_cpu})
                             .not_ready("a")
                             .cordoned("a")
                             .pending("p", {.cpu = 1_cpu})
                             .build();
  const NodeId a = cluster.node("a");
  const Pod& pod = cluster.pod_row("p");
  EXPECT_EQ(cluster.state.unfit(a, pod), Unfit::NotReady);
  EXPECT_EQ(cluster.state.never_fits(a, pod), Unfit::None) << "it may come back";
  cluster.state.apply(change::NodeReadyChanged{.id = a, .is_ready = true});
  EXPECT_EQ(cluster.state.unfit(a, pod), Unfit::Cordoned);
  cluster.state.apply(change::NodeCordonChanged{.id = a, .is_cordoned = false});
  EXPECT_EQ(cluster.state.unfit(a, pod), Unfit::None);
  EXPECT_EQ(cluster.state.cpu_allocatable_total(), 16_cpu);

  cluster.state.apply(change::NodeRemoved{.id = a});
  EXPECT_EQ(cluster.state.unfit(a, pod), Unfit::Removed);
  EXPECT_EQ(cluster.state.never_fits(a, pod), Unfit::Removed);
  EXPECT_EQ(cluster.state.cpu_allocatable_total(), 8_cpu);
}

TEST(ClusterState, FollowsTheTaintsOfANode) {
  NamedCluster cluster =
      ClusterBuilder{}.node("a", {.cpu = 8_cpu}).pending("p", {.cpu = 1_cpu}).build();
  const NodeId a = cluster.node("a");
  const auto set = [&](std::vector<Taint> taints) {
    cluster.state.apply(change::NodeTaintsChanged{
        .id = a, .taints = std::make_shared<const std::vector<Taint>>(std::move(taints))});
    return cluster.state.unfit(a, cluster.pod_row("p"));
  };
  EXPECT_EQ(set({{"down", "", TaintEffect::NoExecute}}), Unfit::Taint);
  EXPECT_EQ(set({{"down", "", TaintEffect::PreferNoSchedule}}), Unfit::None);
  EXPECT_EQ(set({}), Unfit::None);
}

TEST(ClusterState, ResolvesModelsOfNodesThatComeAfterTheTemplate) {
  NamedCluster cluster =
      ClusterBuilder{}.pending("p", {.gpu = {.count = 1}, .gpu_models = {"A100"}}).build();
  const auto add = [&](int id, const char* model) {
    Node node{.gpus = 1, .gpu_model = model};
    cluster.state.apply(
        change::NodeAdded{.id = NodeId{id}, .node = std::make_shared<const Node>(node)});
  };
  add(0, "V100");
  add(1, "A100");
  EXPECT_EQ(cluster.state.unfit(NodeId{0}, cluster.pod_row("p")), Unfit::GpuModel);
  EXPECT_EQ(cluster.state.unfit(NodeId{1}, cluster.pod_row("p")), Unfit::None);
  EXPECT_EQ(cluster.state.gpu_allocatable_total(), MilliGpu{2000});
}

TEST(ClusterState, NumbersZonesAndRacksInTheOrderOfTheirNodes) {
  const NamedCluster cluster = ClusterBuilder{}
                                   .node("a", {.zone = "eu-1", .rack = "r1"})
                                   .node("b", {.zone = "eu-2"})
                                   .node("c", {.zone = "eu-1", .rack = "r2"})
                                   .build();
  const NodeColumns& nodes = cluster.state.nodes();
  EXPECT_THAT(cluster.state.zones(), ElementsAre("eu-1", "eu-2"));
  EXPECT_EQ(nodes.zone[cluster.node("a")], nodes.zone[cluster.node("c")]);
  EXPECT_NE(nodes.zone[cluster.node("a")], nodes.zone[cluster.node("b")]);
  EXPECT_TRUE(nodes.rack[cluster.node("b")].is_none());
}

TEST(ClusterState, GivesNodesAddedLaterTheirExtendedResources) {
  const NamedCluster cluster = ClusterBuilder{}
                                   .node("plain", {})
                                   .node("special", {.extended = {{"fpga", 2}}})
                                   .node("late", {})
                                   .build();
  const ExtendedColumn& column = cluster.state.nodes().extended.at("fpga");
  EXPECT_EQ(column.free[cluster.node("plain")], 0);
  EXPECT_EQ(column.free[cluster.node("special")], 2);
  EXPECT_EQ(column.allocatable[cluster.node("late")], 0);
}

struct DevicesCase {
  const char* name;
  GpuRequest request;
  std::uint16_t chosen;
};

/// Devices 0 to 4 have 500, 200, 1000, 200 and 1000 left.
class BestFitDevices : public testing::TestWithParam<DevicesCase> {};

TEST_P(BestFitDevices, TakesWhatHasLeastLeftAndStillEnough) {
  GpuDevices left;
  left.free = {500, 200, 1000, 200, 1000};
  EXPECT_EQ(best_fit_devices(left, GetParam().request), GpuDeviceMask{GetParam().chosen});
}

INSTANTIATE_TEST_SUITE_P(
    ClusterState, BestFitDevices,
    testing::Values(DevicesCase{"LowestOfEquals", {.count = 1, .milli = 150}, 0b00010},
                    DevicesCase{"ExactlyEnough", {.count = 1, .milli = 500}, 0b00001},
                    DevicesCase{"OneWhole", {.count = 1, .milli = 1000}, 0b00100},
                    DevicesCase{"TwoWhole", {.count = 2, .milli = 1000}, 0b10100},
                    DevicesCase{"TooMany", {.count = 3, .milli = 1000}, 0},
                    DevicesCase{"None", {.count = 0}, 0}),
    test::RowName{});

TEST(ClusterBuilder, KnowsOnlyWhatTheTestNamed) {
  const NamedCluster cluster = ClusterBuilder{}.node("a", {}).build();
  EXPECT_THROW((void)cluster.node("b"), std::out_of_range);
  EXPECT_THROW((void)cluster.pod("a"), std::out_of_range);
}

}  // namespace
}  // namespace orrery
