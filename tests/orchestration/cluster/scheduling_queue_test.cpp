#include "orrery/orchestration/cluster/scheduling_queue.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "orrery/tests/support/cluster_builder.hpp"
#include "orrery/tests/support/row_name.hpp"

namespace orrery::orchestration {
namespace {

using namespace orrery::literals;
using test::ClusterBuilder;
using test::NamedCluster;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Time kNow = kTimeZero + 100s;

SchedulerConfig without_backoff() { return {.backoff_initial = {}}; }

/// The pods that come out at `now`, one after another.
std::vector<std::uint32_t> popped(SchedulingQueue& queue, Time now = kNow) {
  std::vector<std::uint32_t> pods;
  while (const auto entry = queue.pop(now)) pods.push_back(entry->pod.index());
  return pods;
}

TEST(SchedulingQueue, IsReadyOnlyWhenThereIsAPod) {
  SchedulingQueue queue(SchedulerConfig{});
  EXPECT_FALSE(queue.is_ready(kNow));
  EXPECT_EQ(queue.pop(kNow), std::nullopt);
  queue.push({.pod = PodId{0}, .uid = 1});
  EXPECT_TRUE(queue.is_ready(kNow));
  EXPECT_EQ(queue.size(), 1U);
}

struct OrderCase {
  std::string name;
  std::vector<QueuedPod> entries;
  std::vector<std::uint32_t> order;
};

class SchedulingQueueOrder : public testing::TestWithParam<OrderCase> {};

TEST_P(SchedulingQueueOrder, GivesTheSmallestFirst) {
  SchedulingQueue queue(SchedulerConfig{});
  for (const QueuedPod& entry : GetParam().entries) queue.push(entry);
  EXPECT_EQ(popped(queue), GetParam().order);
}

QueuedPod queued(int pod, std::int64_t key, Duration since, std::uint64_t sequence) {
  return {.key = key, .since = kTimeZero + since, .sequence = sequence, .pod = PodId{pod}};
}

INSTANTIATE_TEST_SUITE_P(
    Table, SchedulingQueueOrder,
    testing::Values(OrderCase{"ByKey",
                              {queued(0, 3, 1s, 1), queued(1, -5, 2s, 2), queued(2, 0, 3s, 3)},
                              {1, 2, 0}},
                    OrderCase{"ThenByTime",
                              {queued(0, 1, 9s, 1), queued(1, 1, 2s, 2), queued(2, 1, 5s, 3)},
                              {1, 2, 0}},
                    OrderCase{"ThenBySequence",
                              {queued(0, 1, 1s, 8), queued(1, 1, 1s, 7), queued(2, 1, 1s, 9)},
                              {1, 0, 2}},
                    OrderCase{"WhateverTheOrderOfComing",
                              {queued(4, 2, 0s, 5), queued(3, 1, 1s, 4), queued(2, 1, 0s, 3),
                               queued(1, 0, 1s, 2), queued(0, 0, 0s, 1)},
                              {0, 1, 2, 3, 4}}),
    test::RowName{});

struct BackoffCase {
  std::string name;
  std::uint32_t attempts;
  Duration expected;
  SchedulerConfig config = {};
};

class SchedulingQueueBackoff : public testing::TestWithParam<BackoffCase> {};

TEST_P(SchedulingQueueBackoff, CountsFromTheLastFailure) {
  const BackoffCase& row = GetParam();
  const NamedCluster cluster = ClusterBuilder{}.node("n", {.cpu = 4_cpu}).pending("p", {}).build();
  SchedulingQueue queue(row.config);
  queue.park({.pod = cluster.pod("p"), .attempts = row.attempts, .failed_at = kNow}, MilliCpu{0});
  EXPECT_EQ(queue.next_expiry(), kTimeMax);
  queue.wake(cluster.state, cluster.node("n"), kNow);
  EXPECT_EQ(queue.next_expiry(), saturating_add(kNow, row.expected));
  EXPECT_FALSE(queue.is_ready(saturating_add(kNow, row.expected) - 1ns));
  EXPECT_EQ(queue.pop(saturating_add(kNow, row.expected) - 1ns), std::nullopt);
  EXPECT_TRUE(queue.is_ready(saturating_add(kNow, row.expected)));
  EXPECT_THAT(popped(queue, saturating_add(kNow, row.expected)), ElementsAre(0));
}

constexpr Duration kForever = Duration::max();

INSTANTIATE_TEST_SUITE_P(
    Table, SchedulingQueueBackoff,
    testing::Values(BackoffCase{"First", 1, 1s}, BackoffCase{"Second", 2, 2s},
                    BackoffCase{"Third", 3, 4s}, BackoffCase{"Fourth", 4, 8s},
                    BackoffCase{"FifthIsCapped", 5, 10s}, BackoffCase{"TheMillionth", 1000000, 10s},
                    BackoffCase{
                        "OtherSpans", 3, 400ms, {.backoff_initial = 100ms, .backoff_max = 1s}},
                    BackoffCase{"WithoutLimitItDoesNotOverflow",
                                100,
                                kForever,
                                {.backoff_initial = 1s, .backoff_max = kForever}}),
    test::RowName{});

TEST(SchedulingQueue, ForgetsTheBackoffThatIsOverBeforeTheWake) {
  const NamedCluster cluster = ClusterBuilder{}.node("n", {.cpu = 4_cpu}).pending("p", {}).build();
  SchedulingQueue queue(SchedulerConfig{});
  queue.park({.pod = cluster.pod("p"), .attempts = 1, .failed_at = kNow - 1s}, MilliCpu{0});
  queue.wake(cluster.state, cluster.node("n"), kNow);
  EXPECT_EQ(queue.next_expiry(), kTimeMax);
  EXPECT_TRUE(queue.is_ready(kNow));
}

TEST(SchedulingQueue, BringsBackInTheOrderOfTheQueueWhatExpiresTogether) {
  const NamedCluster cluster = ClusterBuilder{}
                                   .node("n", {.cpu = 4_cpu})
                                   .pending("a", {})
                                   .pending("b", {})
                                   .pending("c", {})
                                   .build();
  SchedulingQueue queue(SchedulerConfig{});
  queue.park({.key = 2, .sequence = 1, .pod = PodId{0}, .attempts = 1, .failed_at = kNow}, 0_m);
  queue.park({.key = 1, .sequence = 2, .pod = PodId{1}, .attempts = 1, .failed_at = kNow}, 0_m);
  queue.park({.key = 0, .sequence = 3, .pod = PodId{2}, .attempts = 2, .failed_at = kNow}, 0_m);
  queue.wake(cluster.state, cluster.node("n"), kNow);
  EXPECT_THAT(popped(queue, kNow + 1s), ElementsAre(1, 0));
  EXPECT_THAT(popped(queue, kNow + 2s), ElementsAre(2));
}

/// Pods that ask for different things, all parked, and the nodes whose change wakes them.
NamedCluster wake_cluster() {
  return ClusterBuilder{}
      .node("small", {.cpu = 1_cpu, .memory = 1_GiB})
      .node("large", {.cpu = 8_cpu, .memory = 64_GiB})
      .node("gpu", {.cpu = 8_cpu, .memory = 64_GiB, .gpus = 1, .gpu_model = "A100"})
      .node("full", {.cpu = 8_cpu, .memory = 64_GiB})
      .node("down", {.cpu = 8_cpu, .memory = 64_GiB})
      .node("tainted", {.cpu = 8_cpu, .memory = 64_GiB, .taints = {{.key = "mine"}}})
      .running("hog", "full", {.cpu = 8_cpu})
      .not_ready("down")
      .pending("tiny", {.cpu = 500_m})
      .pending("big", {.cpu = 4_cpu})
      .pending("thick", {.cpu = 500_m, .memory = 32_GiB})
      .pending("shader", {.cpu = 500_m, .gpu = {.count = 1}})
      .pending("gang", {.cpu = 500_m, .gpu = {.count = 9}, .gang = GangId{0}, .gang_size = 2})
      .build();
}

struct WakeCase {
  std::string name;
  std::string node;
  std::vector<std::string> woken;
};

class SchedulingQueueWake : public testing::TestWithParam<WakeCase> {};

TEST_P(SchedulingQueueWake, WakesOnlyWhatWouldFitThere) {
  const NamedCluster cluster = wake_cluster();
  SchedulingQueue queue(without_backoff());
  const std::vector<std::string> names = {"tiny", "big", "thick", "shader", "gang"};
  std::uint64_t sequence = 0;
  for (const std::string& name : names) {
    queue.park({.sequence = sequence++, .pod = cluster.pod(name)}, cluster.pod_row(name).cpu);
  }
  EXPECT_EQ(queue.parked(), names.size());
  queue.wake(cluster.state, cluster.node(GetParam().node), kNow);
  std::vector<std::uint32_t> expected;
  for (const std::string& name : GetParam().woken) expected.push_back(cluster.pod(name).index());
  EXPECT_EQ(popped(queue), expected);
  EXPECT_EQ(queue.parked(), names.size() - expected.size());
}

INSTANTIATE_TEST_SUITE_P(
    Table, SchedulingQueueWake,
    testing::Values(WakeCase{"TooLittleCpuAndMemory", "small", {"tiny", "gang"}},
                    WakeCase{"NoGpu", "large", {"tiny", "big", "thick", "gang"}},
                    WakeCase{"Everything", "gpu", {"tiny", "big", "thick", "shader", "gang"}},
                    WakeCase{"NoRoom", "full", {}}, WakeCase{"NotReady", "down", {}},
                    // Of a gang only the first member is known: it is tried in vain.
                    WakeCase{"NotTolerated", "tainted", {"gang"}}),
    test::RowName{});

TEST(SchedulingQueue, ForgetsAParkedPod) {
  const NamedCluster cluster = wake_cluster();
  SchedulingQueue queue(without_backoff());
  queue.park({.sequence = 1, .pod = cluster.pod("tiny")}, 500_m);
  queue.park({.sequence = 2, .pod = cluster.pod("thick")}, 500_m);
  queue.park_until_any_change({.sequence = 3, .pod = cluster.pod("big")});
  queue.forget(cluster.pod("tiny"));
  queue.forget(cluster.pod("big"));
  queue.forget(cluster.pod("shader"));  // is not there
  EXPECT_EQ(queue.size(), 1U);
  queue.wake(cluster.state, cluster.node("gpu"), kNow);
  EXPECT_THAT(popped(queue), ElementsAre(cluster.pod("thick").index()));
}

TEST(SchedulingQueue, WakesByAnyChangeWhatWaitsByChoice) {
  const NamedCluster cluster = wake_cluster();
  SchedulingQueue queue(without_backoff());
  queue.park_until_any_change({.pod = cluster.pod("big")});
  EXPECT_FALSE(queue.is_ready(kNow));
  queue.wake(cluster.state, cluster.node("full"), kNow);
  EXPECT_THAT(popped(queue), ElementsAre(cluster.pod("big").index()));
  queue.wake(cluster.state, cluster.node("full"), kNow);
  EXPECT_THAT(popped(queue), IsEmpty());
}

}  // namespace
}  // namespace orrery::orchestration
