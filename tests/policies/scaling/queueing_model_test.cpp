#include "orrery/policies/scaling/queueing_model.hpp"

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

/// Arrivals measured from outside, at most 50 replicas, and what else is given.
json parameters(const json& more = json::object()) {
  json members{
      {"arrivals", {{"type", "External"}, {"external", {{"metric", {{"name", "calls"}}}}}}},
      {"replicas_max", 50}};
  members.update(more);
  return members;
}

/// 80 % of the calls answered within 20 s; a call takes 3 minutes.
json call_centre(double may_wait = 0.2) {
  return parameters({{"service_time", "3m"},
                     {"wait_limit", "20s"},
                     {"wait_probability", may_wait},
                     {"scale_down_stabilization", "0s"}});
}

std::int32_t replicas(const json& settings, std::int64_t milli_arrivals) {
  return test::make_scaling("queueing-model", settings)
      ->decide(Block{10}.value(milli_arrivals).signals())
      .replicas;
}

TEST(QueueingModel, StaffsACallCentreAsTheTextbookDoes) {
  // 10 Erlang: with 13 agents 20.4 % wait longer than 20 s, with 14 11.2 %.
  const auto policy = test::make_scaling("queueing-model", call_centre());
  EXPECT_EQ(policy->decide(Block{10}.value(56).signals()).replicas, 14);
  EXPECT_EQ(replicas(call_centre(0.22), 56), 13);
}

TEST(QueueingModel, PromisesAMeanResponseTime) {
  // M/M/1 with ρ = 0.8 responds in 5 s, M/M/2 in 1 / (1 − 0.16) = 1.19 s.
  const auto with = [](const char* response) {
    return parameters({{"service_time", "1s"},
                       {"promise", "response"},
                       {"response_time", response},
                       {"scale_down_stabilization", "0s"}});
  };
  EXPECT_EQ(replicas(with("5001ms"), 800), 1);
  EXPECT_EQ(replicas(with("4999ms"), 800), 2);
  EXPECT_EQ(replicas(with("1200ms"), 800), 2);
  EXPECT_EQ(replicas(with("1190ms"), 800), 3);
}

TEST(QueueingModel, ServersOfOneReplicaShareTheWaitingLine) {
  json settings = call_centre();
  settings["concurrency"] = 5;
  EXPECT_EQ(replicas(settings, 56), 3);
}

TEST(QueueingModel, TakesTheServiceTimeThatIsMeasured) {
  json settings = call_centre();
  settings["service_time_metric"] = {{"type", "Pods"},
                                     {"pods", {{"metric", {{"name", "seconds"}}}}}};
  settings["service_time"] = "1s";
  const auto policy = test::make_scaling("queueing-model", settings);
  ASSERT_EQ(policy->queries().size(), 2U);
  EXPECT_EQ(policy->decide(Block{10}.value(56).next_value(180'000).signals()).replicas, 14);
  EXPECT_EQ(policy->decide(Block{10}.value(56).next_value({}).signals()).replicas, 1);
}

TEST(QueueingModel, StaysWhereItIsWithoutArrivalsToLookAt) {
  const auto policy = test::make_scaling("queueing-model", call_centre());
  const ScalingDecision decision = policy->decide(Block{10}.signals());
  EXPECT_EQ(decision.replicas, 10);
  EXPECT_EQ(decision.scaling_active,
            (ScalingCondition{false, ScalingReason::FailedGetExternalMetric}));
}

TEST(QueueingModel, SaysWhenTheRangeIsTooSmall) {
  const auto policy = test::make_scaling("queueing-model", call_centre());
  const ScalingDecision decision = policy->decide(Block{10}.value(1'000'000).signals());
  EXPECT_EQ(decision.replicas, 50);
  EXPECT_EQ(decision.scaling_limited, (ScalingCondition{true, ScalingReason::TooManyReplicas}));
  EXPECT_EQ(policy->decide(Block{10}.value(0).signals()).replicas, 1);
}

TEST(QueueingModel, FallsNoFurtherThanItAskedForLately) {
  json settings = call_centre();
  settings["scale_down_stabilization"] = "1m";
  const auto policy = test::make_scaling("queueing-model", settings);
  EXPECT_EQ(policy->decide(Block{10}.value(56).signals()).replicas, 14);
  EXPECT_EQ(policy->decide(Block{14}.value(5).signals(kNow + 59s)).replicas, 14);
  EXPECT_LT(policy->decide(Block{14}.value(5).signals(kNow + 1min)).replicas, 5);
}

TEST(QueueingModel, ExplainsWithoutChangingAnything) {
  const auto policy = test::make_scaling("queueing-model", call_centre());
  const ScalingExplanation explanation = policy->explain(Block{10}.value(50).signals());
  ASSERT_EQ(explanation.steps.size(), 3U);
  EXPECT_EQ(explanation.steps[0].detail, "0.05 a second, 180 s each: 9 servers are busy");
  EXPECT_EQ(explanation.steps[1].replicas, explanation.decision.replicas);
  EXPECT_EQ(explanation.decision, policy->decide(Block{10}.value(50).signals()));
}

struct BadParameters {
  std::string name;
  json more;
  std::string error;
};
class BadQueueingModel : public testing::TestWithParam<BadParameters> {};

TEST_P(BadQueueingModel, PointsAtWhatIsWrong) {
  const auto made = test::try_make_scaling("queueing-model", parameters(GetParam().more));
  ASSERT_FALSE(made);
  EXPECT_THAT(to_string(made.error()), HasSubstr("study.json: /policy" + GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    QueueingModel, BadQueueingModel,
    testing::Values(
        BadParameters{"Range",
                      {{"replicas_min", 51}},
                      "/replicas_max: found '50', expected at least replicas_min, 51"},
        BadParameters{"Promise",
                      {{"promise", "waits"}},
                      "/promise: parameter 'promise': found 'waits', expected one of wait, "
                      "response (did you mean 'wait'?)"},
        BadParameters{"Impossible",
                      {{"promise", "response"}, {"response_time", "100ms"}},
                      "/response_time: no number of replicas responds faster than it serves"},
        BadParameters{"Target",
                      {{"arrivals",
                        {{"type", "External"},
                         {"external", {{"metric", {{"name", "x"}}}, {"target", json::object()}}}}}},
                      "/arrivals/external/target: "}),
    test::RowName{});

RC_GTEST_PROP(QueueingModel, TakesTheFewestThatKeepThePromise, ()) {
  const auto milli = *rc::gen::inRange<std::int64_t>(1, 20'000);
  const auto service_milli = *rc::gen::inRange(10, 1500);
  const auto variation = *rc::gen::inRange(0, 40) / 10.0;
  const auto settings = parameters({{"service_time", std::to_string(service_milli) + "ms"},
                                    {"service_variation", variation},
                                    {"scale_down_stabilization", "0s"}});
  const std::int32_t chosen = replicas(settings, milli);
  RC_ASSERT(chosen <= replicas(settings, milli + 500));
  const WaitingLine line{.arrival_rate = static_cast<double>(milli) / 1000,
                         .service_seconds = service_milli / 1000.0,
                         .service_variation = variation};
  const auto late = [&](std::int64_t servers) {
    return waits(line, servers, erlang_c(servers, line.offered_load())).probability_above(0.1);
  };
  if (chosen < 50) RC_ASSERT(late(chosen) <= 0.05);
  if (chosen > 1) RC_ASSERT(late(chosen - 1) > 0.05);
}

}  // namespace
}  // namespace orrery::policies
