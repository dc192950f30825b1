#include "orrery/policies/scaling/holt_winters.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/tests/policies/scaling/block.hpp"
#include "orrery/tests/policies/scaling/make_scaling.hpp"
#include "orrery/tests/support/row_name.hpp"

namespace orrery::policies {
namespace {

using nlohmann::json;
using test::Block;
using test::kNow;
using testing::HasSubstr;
using namespace std::chrono_literals;

json metric(const char* target_type = "AverageValue", const char* member = "averageValue") {
  return {
      {"type", "External"},
      {"external",
       {{"metric", {{"name", "requests"}}}, {"target", {{"type", target_type}, {member, 10}}}}}};
}

/// 10 requests a replica, an hour's season, no headroom, and what else is given.
json parameters(const json& more = json::object()) {
  json members{{"metric", metric()}, {"replicas_max", 100}, {"season", "1h"},
               {"horizon", "3m"},    {"headroom", 0},       {"scale_down_stabilization", "0s"}};
  members.update(more);
  return members;
}

/// 100 requests in the first half of each hour, 20 in the second.
std::int64_t hourly_load(Duration since_start) {
  return since_start % 1h < 30min ? 100'000 : 20'000;
}

/// Shows `policy` the hourly load every 15 s for so long; what it says after that.
std::int32_t after(ScalingPolicy& policy, Duration span) {
  std::int32_t replicas = 1;
  for (Duration at{}; at <= span; at += 15s) {
    replicas = policy.decide(Block{5}.value(hourly_load(at)).signals(kNow + at)).replicas;
  }
  return replicas;
}

TEST(HoltWinters, HasTheReplicasReadyBeforeTheLoadComes) {
  const auto before_noon = [](Duration lead) {
    const auto policy = test::make_scaling("holt-winters", parameters());
    return after(*policy, 4h - lead);
  };
  EXPECT_EQ(before_noon(5min), 2);
  EXPECT_EQ(before_noon(2min), 10) << "the horizon is 3 minutes";
}

TEST(HoltWinters, KeepsTheReplicasUntilTheLoadHasGone) {
  const auto policy = test::make_scaling("holt-winters", parameters());
  EXPECT_EQ(after(*policy, 3h + 29min), 10);
  const auto later = test::make_scaling("holt-winters", parameters());
  EXPECT_EQ(after(*later, 3h + 32min), 2);
}

TEST(HoltWinters, FollowsTheLoadWhileItKnowsNoSeason) {
  const auto policy = test::make_scaling("holt-winters", parameters());
  EXPECT_EQ(policy->decide(Block{5}.value(95'000).signals()).replicas, 10);
  EXPECT_EQ(policy->decide(Block{5}.value(195'000).signals(kNow + 15s)).replicas, 20);
}

TEST(HoltWinters, LivesOnItsForecastWhereTheMetricIsMissing) {
  const auto policy = test::make_scaling("holt-winters", parameters());
  EXPECT_EQ(policy->decide(Block{5}.signals()).scaling_active,
            (ScalingCondition{false, ScalingReason::FailedGetExternalMetric}))
      << "nothing is known";
  EXPECT_EQ(after(*policy, 4h - 10min), 2);
  const ScalingDecision decision = policy->decide(Block{5}.signals(kNow + 4h + 5min));
  EXPECT_EQ(decision.replicas, 10);
  EXPECT_EQ(decision.scaling_active, (ScalingCondition{true, ScalingReason::ValidMetricFound}));
}

TEST(HoltWinters, LeavesHeadroomAndKeepsToItsRange) {
  const auto replicas = [](const json& more) {
    return test::make_scaling("holt-winters", parameters(more))
        ->decide(Block{5}.value(100'000).signals())
        .replicas;
  };
  EXPECT_EQ(replicas({{"headroom", 0.25}}), 13);
  EXPECT_EQ(replicas({{"replicas_max", 7}}), 7);
  EXPECT_EQ(replicas({{"replicas_min", 30}}), 30);
}

TEST(HoltWinters, SumsUpThePodsWhereTheMetricIsTheirs) {
  json pods = metric();
  pods["type"] = "Pods";
  pods["pods"] = pods["external"];
  pods.erase("external");
  const auto policy = test::make_scaling("holt-winters", parameters({{"metric", pods}}));
  const Block block = Block{4}.pods(3, {.usage = 12'000}).pods(1, {.usage = {}});
  EXPECT_EQ(policy->decide(block.signals()).replicas, 5) << "48 requests";
}

TEST(HoltWinters, ZeroReplicasDisableIt) {
  const auto policy = test::make_scaling("holt-winters", parameters());
  EXPECT_EQ(policy->decide(Block{0}.value(100'000).signals()).replicas, 0);
}

TEST(HoltWinters, ExplainsWithoutChangingAnything) {
  const auto policy = test::make_scaling("holt-winters", parameters());
  after(*policy, 4h - 2min);
  const Block block = Block{5}.value(20'000);
  const ScalingSignals signals = block.signals(kNow + 4h - 105s);
  const ScalingExplanation explanation = policy->explain(signals);
  ASSERT_EQ(explanation.steps.size(), 4U);
  EXPECT_EQ(explanation.steps[0].detail, "20 now");
  EXPECT_EQ(explanation.steps[1].detail, "at most 100 until the horizon");
  EXPECT_EQ(explanation.decision, policy->decide(signals));
}

struct BadParameters {
  std::string name;
  json more;
  std::string error;
};
class BadHoltWinters : public testing::TestWithParam<BadParameters> {};

TEST_P(BadHoltWinters, PointsAtWhatIsWrong) {
  const auto made = test::try_make_scaling("holt-winters", parameters(GetParam().more));
  ASSERT_FALSE(made);
  EXPECT_THAT(to_string(made.error()), HasSubstr("study.json: /policy" + GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    HoltWinters, BadHoltWinters,
    testing::Values(
        BadParameters{"Target",
                      {{"metric", metric("Value", "value")}},
                      "/metric: a forecast needs the load that one replica is to carry"},
        BadParameters{"NotWholeSteps",
                      {{"season", "90s"}},
                      "/season: a season is a whole number of steps: found '1.5 steps'"},
        BadParameters{"OneStep", {{"season", "1m"}}, "/season: a season is a whole number"},
        BadParameters{"NoStep",
                      {{"step", "0s"}},
                      "/step: parameter 'step': found '0s', expected a "
                      "duration with its unit from 1 to"},
        BadParameters{"Share", {{"alpha", 1.5}}, "/alpha: parameter 'alpha': found '1.5'"}),
    test::RowName{});

RC_GTEST_PROP(HoltWinters, StaysWithinItsRangeAndCarriesWhatItSees, ()) {
  const auto policy =
      test::make_scaling("holt-winters", parameters({{"replicas_min", 2}, {"season", "10m"}}));
  Time now = kNow;
  for (const int load : *rc::gen::container<std::vector<int>>(100, rc::gen::inRange(0, 2000))) {
    now += 15s;
    const Block block = Block{5}.value(load * 1000);
    const std::int32_t replicas = policy->decide(block.signals(now)).replicas;
    RC_ASSERT(replicas >= 2);
    RC_ASSERT(replicas <= 100);
    RC_ASSERT(replicas == 100 || replicas * 10 >= load);
  }
}

}  // namespace
}  // namespace orrery::policies
