#include "orrery/policies/scaling/scaling_behavior.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "orrery/tests/support/row_name.hpp"

namespace orrery::policies {
namespace {

using namespace std::chrono_literals;
using enum ScalingReason;

constexpr Time kStart{1h};

TEST(Recommendations, TheFirstIsWhatTheBlockHas) {
  Recommendations recent;
  recent.start(kStart, 7);
  recent.start(kStart, 99);
  EXPECT_EQ(recent.highest(kStart + 15s, 2, 5min), 7);
}

TEST(Recommendations, OneAsOldAsTheWindowStillCounts) {
  Recommendations recent;
  recent.start(kStart, 7);
  EXPECT_EQ(recent.highest(kStart + 5min, 2, 5min), 7);
  EXPECT_EQ(recent.highest(kStart + 5min + 1ns, 3, 5min), 3);
}

TEST(Recommendations, WithRulesOneAsOldAsTheWindowDoesNotCount) {
  Recommendations recent;
  recent.start(kStart, 7);
  EXPECT_EQ(recent.between(kStart + 5min - 1ns, 2, 7, 0s, 5min), 7);
  EXPECT_EQ(recent.between(kStart + 5min, 2, 7, 0s, 5min), 2);
}

TEST(Recommendations, RisesToTheLowestOfTheUpWindow) {
  Recommendations recent;
  recent.start(kStart, 2);
  EXPECT_EQ(recent.between(kStart + 10s, 9, 2, 1min, 0s), 2);
  EXPECT_EQ(recent.between(kStart + 20s, 5, 2, 1min, 0s), 2);
  EXPECT_EQ(recent.between(kStart + 61s, 8, 2, 1min, 0s), 5) << "2 is too old, 5 is not";
}

TEST(ScaleEvents, SumUpWhatIsYoungerThanThePeriod) {
  const ScalingRules rules{.limits = {{.value = 1, .period = 60s}}};
  ScaleEvents events;
  events.add(kStart, 3, rules);
  events.add(kStart + 30s, 4, rules);
  EXPECT_EQ(events.within(kStart + 59s, 60s), 7);
  EXPECT_EQ(events.within(kStart + 60s, 60s), 4);
  EXPECT_EQ(events.within(kStart + 90s, 60s), 0);
}

TEST(ScaleEvents, ANewOneTakesThePlaceOfAnOutdatedOneOnly) {
  const ScalingRules rules{.limits = {{.value = 1, .period = 10s}}};
  ScaleEvents events;
  events.add(kStart, 1, rules);
  events.add(kStart + 1s, 2, rules);
  events.add(kStart + 20s, 4, rules);  // in the place of 2: the other direction may still see 1
  EXPECT_EQ(events.within(kStart + 20s, 60s), 5);
  events.add(kStart + 21s, 8, rules);
  EXPECT_EQ(events.within(kStart + 21s, 60s), 12);
}

struct Row {
  std::string name;
  std::int32_t current;
  std::int32_t desired;
  Limited limited;
};

class ByDefault : public testing::TestWithParam<Row> {};
TEST_P(ByDefault, LimitsToTwiceOrFour) {
  const Row& row = GetParam();
  const Limited limited = limit_by_default(row.current, row.desired, {.least = 2, .most = 20});
  EXPECT_EQ(limited.replicas, row.limited.replicas);
  EXPECT_EQ(to_string(limited.reason), to_string(row.limited.reason));
}
INSTANTIATE_TEST_SUITE_P(Limits, ByDefault,
                         testing::Values(Row{"Within", 5, 7, {7, DesiredWithinRange}},
                                         Row{"AtMostFourFromOne", 1, 9, {4, ScaleUpLimit}},
                                         Row{"AtMostTwice", 6, 13, {12, ScaleUpLimit}},
                                         Row{"AtMostTheMost", 12, 30, {20, TooManyReplicas}},
                                         Row{"AtLeastTheLeast", 5, 0, {2, TooFewReplicas}},
                                         Row{"DownAtOnce", 20, 3, {3, DesiredWithinRange}}),
                         test::RowName{});

ScalingBehavior behavior(ScalingPolicySelect select) {
  const std::vector<RateLimit> limits{
      {.unit = RateLimit::Unit::Pods, .value = 2, .period = 30s},
      {.unit = RateLimit::Unit::Percent, .value = 50, .period = 60s}};
  return {.up = {.select = select, .stabilization = 0s, .limits = limits},
          .down = {.select = select, .stabilization = 0s, .limits = limits}};
}

struct RuleRow {
  std::string name;
  ScalingPolicySelect select;
  std::int32_t current;
  std::int32_t desired;
  Limited limited;
};
class ByRules : public testing::TestWithParam<RuleRow> {};
/// 3 were added 40 s ago and 2 removed 20 s ago.
TEST_P(ByRules, LimitsByWhatHappenedInThePeriods) {
  const RuleRow& row = GetParam();
  const ScalingBehavior rules = behavior(row.select);
  ScaleHistory history;
  history.up.add(kStart - 40s, 3, rules.up);
  history.down.add(kStart - 20s, 2, rules.down);
  const Limited limited =
      limit_by_rules(kStart, row.current, row.desired, {.least = 1, .most = 30}, rules, history);
  EXPECT_EQ(limited.replicas, row.limited.replicas);
  EXPECT_EQ(to_string(limited.reason), to_string(row.limited.reason));
}
// With 11 replicas, the period of 30 s began with 13, that of 60 s with 10.
INSTANTIATE_TEST_SUITE_P(
    Limits, ByRules,
    testing::Values(
        RuleRow{"UpByMost", ScalingPolicySelect::Max, 11, 29, {15, ScaleUpLimit}},
        RuleRow{"UpByLeast", ScalingPolicySelect::Min, 11, 29, {15, ScaleUpLimit}},
        RuleRow{"UpIsDisabled", ScalingPolicySelect::Disabled, 11, 29, {11, ScaleUpLimit}},
        RuleRow{"UpWithin", ScalingPolicySelect::Max, 11, 14, {14, DesiredWithinRange}},
        RuleRow{"DownByMost", ScalingPolicySelect::Max, 11, 1, {5, ScaleDownLimit}},
        RuleRow{"DownByLeast", ScalingPolicySelect::Min, 11, 1, {11, ScaleDownLimit}},
        RuleRow{"DownIsDisabled", ScalingPolicySelect::Disabled, 11, 1, {11, ScaleDownLimit}},
        RuleRow{"UpToTheMost", ScalingPolicySelect::Max, 29, 99, {30, TooManyReplicas}},
        RuleRow{"DownToTheLeast", ScalingPolicySelect::Max, 2, 0, {1, TooFewReplicas}},
        RuleRow{"Stay", ScalingPolicySelect::Min, 11, 11, {11, DesiredWithinRange}}),
    test::RowName{});

}  // namespace
}  // namespace orrery::policies
