#include "orrery/policies/scaling/replica_calculator.hpp"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orrery/tests/policies/scaling/block.hpp"
#include "orrery/tests/support/row_name.hpp"

namespace orrery::policies {
namespace {

using test::Block;
using test::kNow;
using test::PodRow;
using namespace std::chrono_literals;

MetricSpec metric(MetricType type, TargetType target_type, std::int64_t target,
                  const char* name = "cpu") {
  MetricSpec spec;
  spec.query.type = type;
  spec.query.name = name;
  spec.target_type = target_type;
  spec.target = target;
  return spec;
}

const MetricSpec kCpu50 = metric(MetricType::Resource, TargetType::Utilization, 50);
const MetricSpec kCpu150 = metric(MetricType::Resource, TargetType::Utilization, 150);
const MetricSpec kRawCpu = metric(MetricType::Resource, TargetType::AverageValue, 500);
const MetricSpec kMemory = metric(MetricType::Resource, TargetType::Utilization, 50, "memory");
const MetricSpec kPods = metric(MetricType::Pods, TargetType::AverageValue, 1000, "requests");
const MetricSpec kObject = metric(MetricType::Object, TargetType::Value, 10000, "queue");
const MetricSpec kObjectPerPod = metric(MetricType::Object, TargetType::AverageValue, 5000);
const MetricSpec kExternal = metric(MetricType::External, TargetType::Value, 10000);
const MetricSpec kExternalPerPod = metric(MetricType::External, TargetType::AverageValue, 5000);

/// A pod that started 2 minutes ago, within the initialisation period.
PodRow young(PodRow row) {
  row.started = kNow - 2min;
  return row;
}

struct Case {
  std::string name;
  MetricSpec spec;
  Block block;
  std::optional<std::int32_t> replicas;  ///< none: it cannot be said
};
class Calculator : public testing::TestWithParam<Case> {};

TEST_P(Calculator, ProposesWhatKubernetesDoes) {
  const Case& row = GetParam();
  const auto proposal =
      propose_replicas(row.spec, row.block.reading(), row.block.signals(), {}, {});
  if (row.replicas) {
    ASSERT_TRUE(proposal) << proposal.error();
    EXPECT_EQ(proposal->replicas, *row.replicas);
  } else {
    EXPECT_FALSE(proposal);
  }
}

// The numbers are worked out by hand from the formulas.
INSTANTIATE_TEST_SUITE_P(
    PerPod, Calculator,
    testing::Values(
        Case{"AboveTarget", kCpu50, Block{3}.pods(3, {.usage = 900}), 6},
        Case{"BelowTarget", kCpu50, Block{4}.pods(4, {.usage = 250}), 2},
        Case{"WithinTolerance", kCpu50, Block{3}.pods(3, {.usage = 549}), 3},
        Case{"JustBeyondTolerance", kCpu50, Block{3}.pods(3, {.usage = 560}), 4},
        Case{"UtilizationIsCutToWholePercent", kCpu50, Block{3}.pods(3, {.usage = 559}), 3},
        Case{"Nothing", kCpu50, Block{3}, std::nullopt},
        Case{"NoSampleAtAll", kCpu50, Block{3}.pods(3, {.usage = {}}), std::nullopt},
        Case{"OneRequestIsMissing", kCpu50,
             Block{3}.pods(2, {.usage = 900}).pods(1, {.usage = 900, .request = {}}), std::nullopt},
        Case{"OnlyPendingPods", kCpu50, Block{3}.pods(3, {.usage = 9, .phase = PodPhase::Pending}),
             std::nullopt},
        Case{"FailedAndDeletingPodsDoNotCount", kCpu50,
             Block{3}
                 .pods(2, {.usage = 1000})
                 .pods(1, {.usage = 0, .phase = PodPhase::Failed})
                 .pods(1, {.usage = 0, .is_deleting = true}),
             4},
        Case{"PendingPodsAreIdleWhenScalingUp", kCpu50,
             Block{3}.pods(2, {.usage = 1000}).pods(1, {.phase = PodPhase::Pending}), 4},
        Case{"PendingPodsTurnUpIntoStay", kCpu50,
             Block{3}.pods(1, {.usage = 1000}).pods(2, {.phase = PodPhase::Pending}), 3},
        Case{"PendingPodsDoNotMatterWhenScalingDown", kCpu50,
             Block{4}.pods(3, {.usage = 100}).pods(1, {.phase = PodPhase::Pending}), 1},
        Case{"MissingPodsAreIdleWhenScalingUp", kCpu50,
             Block{4}.pods(2, {.usage = 1500}).pods(2, {.usage = {}}), 6},
        Case{"MissingPodsAreFullWhenScalingDown", kCpu50,
             Block{4}.pods(3, {.usage = 10}).pods(1, {.usage = {}}), 2},
        Case{"MissingPodsAreOnATargetAbove100", kCpu150,
             Block{4}.pods(3, {.usage = 10}).pods(1, {.usage = {}}), 2},
        Case{"MissingPodsTurnDownIntoStay", kCpu50,
             Block{4}.pods(2, {.usage = 300}).pods(2, {.usage = {}}), 4},
        Case{"NeverMoreWhenDownByCountingMorePods", kCpu50,
             Block{2}.pods(4, {.usage = 100}).pods(2, {.usage = {}, .request = 1000}), 2},
        Case{"YoungAndUnreadyCpuIsIdle", kCpu50,
             Block{3}
                 .pods(2, {.usage = 1000})
                 .pods(1, young({.usage = 1000, .ready = ReadyStatus::False})),
             4},
        Case{"YoungSampleFromBeforeReadyIsIdle", kCpu50,
             Block{3}
                 .pods(2, {.usage = 1000})
                 .pods(1, young({.usage = 1000, .ready_changed = kNow - 20s})),
             4},
        Case{"YoungSampleOfAWholeWindowCounts", kCpu50,
             Block{3}
                 .pods(2, {.usage = 1000})
                 .pods(1, young({.usage = 1000, .ready_changed = kNow - 40s})),
             6},
        Case{"OldAndNeverReadyIsIdle", kCpu50,
             Block{3}
                 .pods(2, {.usage = 1000})
                 .pods(1, {.usage = 1000,
                           .ready = ReadyStatus::False,
                           .ready_changed = kNow - 1h + 29s}),
             4},
        Case{"OldAndNoLongerReadyCounts", kCpu50,
             Block{3}
                 .pods(2, {.usage = 1000})
                 .pods(1, {.usage = 1000,
                           .ready = ReadyStatus::False,
                           .ready_changed = kNow - 1h + 30s}),
             6},
        Case{"WithoutConditionIsIdle", kCpu50,
             Block{3}
                 .pods(2, {.usage = 1000})
                 .pods(1, {.usage = 1000, .ready = ReadyStatus::Absent}),
             4},
        Case{"WithoutStartIsIdle", kCpu50,
             Block{3}.pods(2, {.usage = 1000}).pods(1, {.usage = 1000, .started = {}}), 4},
        Case{"MemoryOfAnUnreadyPodCounts", kMemory,
             Block{3}.pods(3, {.usage = 1000, .ready = ReadyStatus::False}), 6},
        Case{"SucceededPodsWithoutSampleAreMissing", kCpu50,
             Block{2}.pods(2, {.usage = 1500}).pods(1, {.usage = {}, .phase = PodPhase::Succeeded}),
             6},
        Case{"RawAboveTarget", kRawCpu, Block{2}.pods(2, {.usage = 1200, .request = {}}), 5},
        Case{"RawMissingPodsAreOnTarget", kRawCpu,
             Block{4}.pods(3, {.usage = 10}).pods(1, {.usage = {}}), 2},
        Case{"StrangersCountInRawAverages", kPods, Block{1}.pods(1, {.usage = 1000}).stranger(5000),
             3},
        Case{"StrangersDoNotCountInUtilization", kCpu50,
             Block{1}.pods(1, {.usage = 1000}).stranger(5000), 2},
        Case{"OnlyStrangersSayNothing", kCpu50, Block{1}.pods(1, {.usage = {}}).stranger(5000),
             std::nullopt},
        Case{"PodsMetric", kPods, Block{3}.pods(3, {.usage = 2500}), 8},
        Case{"PodsMetricOfUnreadyPodsCounts", kPods,
             Block{3}.pods(3, {.usage = 2500, .ready = ReadyStatus::False}), 8},
        Case{"NegativeUsage", kPods, Block{3}.pods(3, {.usage = -2500}), -7}),
    test::RowName{});

INSTANTIATE_TEST_SUITE_P(
    PerBlock, Calculator,
    testing::Values(
        Case{"ObjectTimesReadyPods", kObject, Block{3}.pods(2, {}).value(20000), 4},
        Case{"ObjectUnreadyPodsDoNotMultiply", kObject,
             Block{3}.pods(2, {}).pods(1, {.ready = ReadyStatus::False}).value(20000), 4},
        Case{"ObjectDeletingPodsMultiply", kObject,
             Block{3}.pods(2, {}).pods(1, {.is_deleting = true}).value(20000), 6},
        Case{"ObjectWithinTolerance", kObject, Block{3}.pods(3, {}).value(10900), 3},
        Case{"ObjectWithoutPods", kObject, Block{3}.value(20000), std::nullopt},
        Case{"ObjectWithinToleranceNeedsNoPods", kObject, Block{3}.value(10000), 3},
        Case{"ObjectIsMissing", kObject, Block{3}.pods(3, {}), std::nullopt},
        Case{"ObjectPerPod", kObjectPerPod, Block{3}.value(22000), 5},
        Case{"ObjectPerPodWithinToleranceOfTheStatus", kObjectPerPod,
             Block{9}.status_replicas(4).value(21000), 4},
        Case{"ObjectPerPodOfNone", kObjectPerPod, Block{2}.status_replicas(0).value(0), 0},
        Case{"ExternalIsASum", kExternal, Block{2}.pods(2, {}).value(9000).value(21000), 6},
        Case{"ExternalSumStopsAtTheLargestNumber", kExternal,
             Block{2}.pods(2, {}).value(INT64_MAX).value(INT64_MAX), INT32_MAX},
        Case{"ExternalPerPod", kExternalPerPod, Block{2}.value(9000).value(21000), 6},
        Case{"ExternalPerPodBelowZeroIsTheLargestNumber", kExternalPerPod, Block{2}.value(-1),
             INT32_MAX},
        Case{"ExternalIsMissing", kExternalPerPod, Block{2}, std::nullopt}),
    test::RowName{});

TEST(ReplicaCalculator, TakesEachDirectionsOwnTolerance) {
  const Tolerances tolerances{.down = 0.5, .up = 0.0};
  const auto of = [&](std::int64_t usage) {
    const Block block = Block{10}.pods(10, {.usage = usage});
    return propose_replicas(kCpu50, block.reading(), block.signals(), tolerances, {})->replicas;
  };
  EXPECT_EQ(of(250), 10);
  EXPECT_EQ(of(240), 5);
  EXPECT_EQ(of(510), 11);
}

RC_GTEST_PROP(ReplicaCalculator, AsksForMoreWhenLoadIsHigher, ()) {
  const auto pods = *rc::gen::inRange(1, 40);
  const auto missing = *rc::gen::inRange(0, 5);
  const auto pending = *rc::gen::inRange(0, 5);
  const auto low = *rc::gen::inRange<std::int64_t>(0, 4000);
  const auto high = low + *rc::gen::inRange<std::int64_t>(0, 4000);
  const MetricSpec spec = *rc::gen::element(kCpu50, kRawCpu, kPods);
  const auto replicas = [&](std::int64_t usage) {
    const Block block = Block{pods + missing + pending}
                            .pods(pods, {.usage = usage})
                            .pods(missing, {.usage = {}})
                            .pods(pending, {.phase = PodPhase::Pending});
    return propose_replicas(spec, block.reading(), block.signals(), {}, {})->replicas;
  };
  RC_ASSERT(replicas(low) <= replicas(high));
}

}  // namespace
}  // namespace orrery::policies
