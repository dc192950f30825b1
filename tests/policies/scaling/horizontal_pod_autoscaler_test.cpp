#include "orrery/policies/scaling/horizontal_pod_autoscaler.hpp"

#include <memory>
#include <string>
#include <vector>

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
using enum ScalingReason;

std::unique_ptr<ScalingPolicy> make(const json& parameters) {
  return test::make_scaling("horizontal-pod-autoscaler", parameters);
}

/// 50 % of the CPU, from 1 to 10 replicas, and what else is given.
json spec(const json& more = json::object()) {
  json members = json::parse(R"({"maxReplicas": 10, "metrics": [{"type": "Resource", "resource":
    {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]})");
  members.update(more);
  return members;
}

json external(const char* name, const char* target) {
  return {{"type", "External"},
          {"external",
           {{"metric", {{"name", name}}},
            {"target", {{"type", "AverageValue"}, {"averageValue", target}}}}}};
}

/// `replicas` pods that each use `usage` of 1000.
Block block(std::int32_t replicas, std::int64_t usage) {
  return Block{replicas}.pods(replicas, {.usage = usage});
}

ScalingCondition is(ScalingReason reason) { return {.is_true = true, .reason = reason}; }
ScalingCondition is_not(ScalingReason reason) { return {.is_true = false, .reason = reason}; }

TEST(HorizontalPodAutoscaler, ScalesToTheTargetAndSaysWhy) {
  const ScalingDecision decision = make(spec())->decide(block(3, 900).signals());
  EXPECT_EQ(decision.replicas, 6);
  EXPECT_EQ(decision.able_to_scale, is(ReadyForNewScale));
  EXPECT_EQ(decision.scaling_active, is(ValidMetricFound));
  EXPECT_EQ(decision.scaling_limited, is_not(DesiredWithinRange));
  EXPECT_EQ(decision.metric, 0U);
}

TEST(HorizontalPodAutoscaler, LooksAtTheCpuWhereNoMetricIsGiven) {
  const auto policy = make({{"maxReplicas", 10}});
  ASSERT_EQ(policy->queries().size(), 1U);
  EXPECT_EQ(to_string(policy->queries()[0]), "Resource cpu");
  EXPECT_EQ(policy->decide(block(4, 800).signals()).replicas, 4) << "80 %";
  EXPECT_EQ(policy->decide(block(4, 1000).signals()).replicas, 5);
}

TEST(HorizontalPodAutoscaler, ZeroReplicasDisableIt) {
  const ScalingDecision decision = make(spec())->decide(Block{0}.signals());
  EXPECT_EQ(decision.replicas, 0);
  EXPECT_EQ(decision.scaling_active, is_not(ScalingDisabled));
  EXPECT_FALSE(decision.scaling_limited);
}

TEST(HorizontalPodAutoscaler, ReturnsIntoTheRangeWithoutAnyMetric) {
  const auto policy = make(spec({{"minReplicas", 3}}));
  EXPECT_EQ(policy->decide(Block{1}.signals()).replicas, 3);
  const ScalingDecision decision = policy->decide(Block{40}.signals());
  EXPECT_EQ(decision.replicas, 10) << "no matter how fast";
  EXPECT_FALSE(decision.scaling_active);
}

TEST(HorizontalPodAutoscaler, FallsNoFurtherThanRecentRecommendations) {
  const auto policy = make(spec());
  EXPECT_EQ(policy->decide(block(6, 500).signals()).replicas, 6);
  const ScalingDecision held = policy->decide(block(6, 100).signals(kNow + 5min));
  EXPECT_EQ(held.replicas, 6);
  EXPECT_EQ(held.able_to_scale, is(ScaleDownStabilized));
  EXPECT_EQ(policy->decide(block(6, 100).signals(kNow + 5min + 1s)).replicas, 2);
}

TEST(HorizontalPodAutoscaler, WithoutOneOfItsMetricsMayScaleUpButNotDown) {
  const json metrics{external("requests", "10"), external("messages", "10")};
  const auto policy = make({{"maxReplicas", 10}, {"metrics", metrics}});
  const ScalingDecision up =
      policy->decide(Block{2}.pods(2, {}).value(50'000).next_value({}).signals());
  EXPECT_EQ(up.replicas, 4);
  EXPECT_EQ(up.scaling_limited, is(ScaleUpLimit));
  EXPECT_EQ(up.metric, 0U);

  const ScalingDecision down = policy->decide(Block{2}.next_value(10'000).signals(kNow + 1h));
  EXPECT_EQ(down.replicas, 2);
  EXPECT_EQ(down.scaling_active, is_not(FailedGetExternalMetric));
  EXPECT_FALSE(down.scaling_limited);
}

TEST(HorizontalPodAutoscaler, AFailedSyncIsNoRecommendation) {
  const auto policy = make(spec());
  EXPECT_EQ(policy->decide(block(2, 500).signals()).replicas, 2);
  const auto failed = policy->decide(Block{9}.pods(9, {.usage = {}}).signals(kNow + 15s));
  EXPECT_EQ(failed.scaling_active, is_not(FailedGetResourceMetric));
  EXPECT_EQ(policy->decide(block(2, 100).signals(kNow + 5min + 1s)).replicas, 1);
}

TEST(HorizontalPodAutoscaler, CountsTheChangesThatWereMade) {
  const json behavior = json::parse(R"({"scaleUp": {"policies":
    [{"type": "Pods", "value": 2, "periodSeconds": 60}]}})");
  const auto policy = make(spec({{"behavior", behavior}}));
  const ScalingDecision first = policy->decide(block(3, 1000).signals());
  EXPECT_EQ(first.replicas, 5);
  EXPECT_EQ(first.scaling_limited, is(ScaleUpLimit));
  EXPECT_EQ(policy->decide(block(3, 1000).signals(kNow + 15s)).replicas, 5) << "it was not made";
  policy->on_scaled({.now = kNow + 15s, .from = 3, .to = 5});
  EXPECT_EQ(policy->decide(block(5, 1000).signals(kNow + 74s)).replicas, 5);
  EXPECT_EQ(policy->decide(block(5, 1000).signals(kNow + 75s)).replicas, 7);
}

TEST(HorizontalPodAutoscaler, BehaviorHasToleranceAndWindowOfItsOwn) {
  const json behavior = json::parse(R"({"scaleUp": {"tolerance": "0.5"},
    "scaleDown": {"stabilizationWindowSeconds": 0}})");
  const auto policy = make(spec({{"behavior", behavior}}));
  EXPECT_EQ(policy->decide(block(4, 740).signals()).replicas, 4);
  EXPECT_EQ(policy->decide(block(4, 760).signals(kNow + 15s)).replicas, 7);
  EXPECT_EQ(policy->decide(block(4, 200).signals(kNow + 30s)).replicas, 2);
}

TEST(HorizontalPodAutoscaler, EmptyBehaviorIsTheDefaultOne) {
  const auto policy = make(spec({{"maxReplicas", 99}, {"behavior", json::object()}}));
  EXPECT_EQ(policy->decide(block(3, 9000).signals()).replicas, 7) << "4 pods";
  EXPECT_EQ(policy->decide(block(7, 9000).signals(kNow + 15s)).replicas, 14) << "100 %";
  EXPECT_EQ(policy->decide(block(7, 10).signals(kNow + 30s)).replicas, 7) << "5 minutes";
}

TEST(HorizontalPodAutoscaler, ExplainsWithoutChangingAnything) {
  const auto policy = make(spec());
  EXPECT_EQ(policy->decide(block(6, 500).signals()).replicas, 6);
  const ScalingExplanation explanation = policy->explain(block(6, 100).signals(kNow + 1min));
  ASSERT_EQ(explanation.steps.size(), 4U);
  EXPECT_EQ(explanation.steps[0].name, "Resource cpu");
  EXPECT_EQ(explanation.steps[0].replicas, 2);
  EXPECT_EQ(explanation.steps[0].detail, "0.2 times its target");
  EXPECT_EQ(explanation.steps[2].replicas, 6);
  EXPECT_EQ(explanation.steps[2].detail, "ScaleDownStabilized");
  EXPECT_EQ(explanation.decision, policy->decide(block(6, 100).signals(kNow + 1min)));

  static_cast<void>(policy->explain(block(6, 5000).signals(kNow + 2min)));
  EXPECT_EQ(policy->decide(block(6, 100).signals(kNow + 6min + 1s)).replicas, 2)
      << "an explanation is no recommendation";
}

struct BadSpec {
  std::string name;
  std::string spec;
  std::string error;
};
class BadSpecs : public testing::TestWithParam<BadSpec> {};

TEST_P(BadSpecs, PointAtWhatIsWrongAndSayWhatIsRight) {
  const auto made =
      test::try_make_scaling("horizontal-pod-autoscaler", json::parse(GetParam().spec));
  ASSERT_FALSE(made);
  EXPECT_THAT(to_string(made.error()), HasSubstr("study.json: /policy" + GetParam().error));
}

std::string with_metric(const std::string& metric) {
  return R"({"maxReplicas": 3, "metrics": [)" + metric + "]}";
}
std::string with_rules(const std::string& rules) {
  return R"({"maxReplicas": 3, "behavior": {"scaleUp": )" + rules + "}}";
}

INSTANTIATE_TEST_SUITE_P(
    HorizontalPodAutoscaler, BadSpecs,
    testing::Values(
        BadSpec{"NoMaximum", R"({"minReplicas": 2})",
                ": scaling policy 'horizontal-pod-autoscaler' "
                "needs 'maxReplicas'"},
        BadSpec{"MinimumOfZero", R"({"minReplicas": 0, "maxReplicas": 3})", "/minReplicas: "},
        BadSpec{"MinimumAboveMaximum", R"({"minReplicas": 4, "maxReplicas": 3})",
                "/maxReplicas: found '3', expected at least minReplicas, 4"},
        BadSpec{"UnknownMember", R"({"maxReplica": 4})",
                "/maxReplica: unknown parameter of scaling policy 'horizontal-pod-autoscaler': "
                "found 'maxReplica' (did you mean 'maxReplicas'"},
        BadSpec{"Window", R"({"maxReplicas": 3, "downscale_stabilization": "5"})",
                "/downscale_stabilization: parameter 'downscale_stabilization': found '5', "
                "expected a duration with its unit"},
        BadSpec{"MetricsAreNoList", R"({"maxReplicas": 3, "metrics": {}})",
                "/metrics: found '{}', expected an array"},
        BadSpec{"MetricType", with_metric(R"({"type": "Resources"})"),
                "/metrics/0/type: found 'Resources', expected one of the names (did you mean "
                "'Resource'"},
        BadSpec{"NoSource", with_metric(R"({"type": "Pods"})"), "/metrics/0: 'pods' is missing"},
        BadSpec{"SourceOfAnotherType",
                with_metric(R"({"type": "Pods", "pods": {"metric": {"name": "x"}, "target":
                  {"type": "AverageValue", "averageValue": 1}}, "resource": {}})"),
                "/metrics/0/resource: "},
        BadSpec{"TargetOfAnotherType",
                with_metric(R"({"type": "Pods", "pods": {"metric": {"name": "x"}, "target":
                  {"type": "Value", "value": 1}}})"),
                "/metrics/0/pods/target/type: a metric of type Pods has no such target: found "
                "'Value', expected AverageValue"},
        BadSpec{"TypeOfTarget",
                with_metric(R"({"type": "Resource", "resource": {"name": "cpu", "target":
                  {"type": "Utilization", "averageValue": "1"}}})"),
                "/metrics/0/resource/target/type: the type is not that of the number"},
        BadSpec{"TwoTargets",
                with_metric(R"({"type": "Resource", "resource": {"name": "cpu", "target":
                  {"type": "Utilization", "averageValue": "1", "averageUtilization": 5}}})"),
                "/metrics/0/resource/target: found"},
        BadSpec{"TargetOfZero",
                with_metric(R"({"type": "Resource", "resource": {"name": "cpu", "target":
                  {"type": "AverageValue", "averageValue": "0"}}})"),
                "/metrics/0/resource/target/averageValue: found '0', expected a quantity above 0"},
        BadSpec{"Quantity",
                with_metric(R"({"type": "Resource", "resource": {"name": "cpu", "target":
                  {"type": "AverageValue", "averageValue": "1GiB"}}})"),
                "/metrics/0/resource/target/averageValue: found '1GiB', expected a quantity"},
        BadSpec{"NoPolicies", with_rules(R"({"policies": []})"),
                "/behavior/scaleUp/policies: found '[]', expected at least one policy"},
        BadSpec{
            "PeriodTooLong",
            with_rules(R"({"policies": [{"type": "Pods", "value": 1, "periodSeconds": 1801}]})"),
            "/behavior/scaleUp/policies/0/periodSeconds: found '1801', expected a whole number "
            "from 1 to 1800"},
        BadSpec{"WindowTooLong", with_rules(R"({"stabilizationWindowSeconds": 3601})"),
                "/behavior/scaleUp/stabilizationWindowSeconds: "},
        BadSpec{"Select", with_rules(R"({"selectPolicy": "max"})"),
                "/behavior/scaleUp/selectPolicy: found 'max', expected one of the names (did you "
                "mean 'Max'"},
        BadSpec{"NegativeTolerance", with_rules(R"({"tolerance": "-0.1"})"),
                "/behavior/scaleUp/tolerance: "}),
    test::RowName{});

/// A block whose load and readiness wander, with behavior or without.
RC_GTEST_PROP(HorizontalPodAutoscaler, StaysWithinItsRangeAndNeverReversesALoad, ()) {
  const auto least = *rc::gen::inRange(1, 6);
  const auto most = least + *rc::gen::inRange(0, 12);
  json members = spec({{"minReplicas", least}, {"maxReplicas", most}});
  if (*rc::gen::arbitrary<bool>()) {
    members["behavior"] = json::parse(R"({"scaleDown": {"stabilizationWindowSeconds": 30},
      "scaleUp": {"policies": [{"type": "Percent", "value": 30, "periodSeconds": 60}]}})");
  }
  const auto policy = make(members);
  std::int32_t replicas = *rc::gen::inRange(1, 20);
  Time now = kNow;
  for (const int usage : *rc::gen::container<std::vector<int>>(20, rc::gen::inRange(0, 1500))) {
    now += 15s;
    const std::int32_t before = replicas;
    replicas = policy->decide(block(before, usage).signals(now)).replicas;
    RC_ASSERT(replicas >= least);
    RC_ASSERT(replicas <= most);
    const bool is_inside = before >= least && before <= most;
    if (is_inside && usage >= 450) RC_ASSERT(replicas >= before);
    if (is_inside && usage >= 450 && usage < 560) RC_ASSERT(replicas <= 2 * before);
    if (replicas != before) policy->on_scaled({.now = now, .from = before, .to = replicas});
  }
}

RC_GTEST_PROP(HorizontalPodAutoscaler, DoesNothingInsideItsToleranceWhenCalm, ()) {
  const auto replicas = *rc::gen::inRange(1, 10);
  const auto policy = make(spec());
  Time now = kNow;
  for (const int usage : *rc::gen::container<std::vector<int>>(10, rc::gen::inRange(450, 560))) {
    now += 15s;
    RC_ASSERT(policy->decide(block(replicas, usage).signals(now)).replicas == replicas);
  }
}

}  // namespace
}  // namespace orrery::policies
