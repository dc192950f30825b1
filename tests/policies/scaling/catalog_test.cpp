#include "orrery/policies/scaling/catalog.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/tests/policies/scaling/block.hpp"
#include "orrery/tests/policies/scaling/make_scaling.hpp"

// What must hold of every scaling policy, shown on the examples of docs/scaling.md.
namespace orrery::policies {
namespace {

using nlohmann::json;
using test::kNow;
using test::PodRow;
using namespace std::chrono_literals;

/// The JSON of the page, block by block.
std::vector<json> examples() {
  std::ifstream file{ORRERY_SOURCE_DIR "/docs/scaling.md"};
  const std::string page{std::istreambuf_iterator<char>{file}, {}};
  const std::string fence = "```json\n";
  std::vector<json> blocks;
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    blocks.push_back(json::parse(page.substr(at, page.find("```", at) - at)));
  }
  return blocks;
}

std::unique_ptr<ScalingPolicy> make(const json& example) {
  return test::make_scaling(example.at("name"), example);
}

/// Metrics and pods, as many queries as the policy has, now and then without an answer.
test::Block random_block(std::size_t queries, std::int32_t replicas) {
  test::Block block{replicas};
  const auto pods = *rc::gen::inRange(0, 8);
  for (int pod = 0; pod < pods; ++pod) {
    const PodRow row{.usage = *rc::gen::inRange<std::int64_t>(0, 300'000),
                     .phase = *rc::gen::element(PodPhase::Running, PodPhase::Pending)};
    block.pods(1, row);
  }
  if (*rc::gen::arbitrary<bool>()) block.value(*rc::gen::inRange<std::int64_t>(0, 3'000'000));
  for (std::size_t query = 1; query < queries; ++query) {
    block.next_value(*rc::gen::element<std::optional<std::int64_t>>(std::nullopt, 100, 700, 4000));
  }
  return block;
}

TEST(ScalingCatalogue, HasAnExampleOfEachPolicyInThePage) {
  std::set<std::string> shown;
  for (const json& example : examples()) shown.insert(example.at("name").get<std::string>());
  const std::vector<std::string> names = with_builtin_policies().names(ScalingPolicy::kKind);
  EXPECT_EQ(shown, std::set<std::string>(names.begin(), names.end()));
}

TEST(ScalingCatalogue, AsksAtThePeriodThatIsGiven) {
  for (json example : examples()) {
    SCOPED_TRACE(example.at("name"));
    EXPECT_EQ(make(example)->period(), 15s);
    example["sync_period"] = "2s";
    EXPECT_EQ(make(example)->period(), 2s);
    EXPECT_FALSE(make(example)->queries().empty());
  }
}

TEST(ScalingCatalogue, LeavesABlockAloneThatWasSwitchedOff) {
  for (const json& example : examples()) {
    SCOPED_TRACE(example.at("name"));
    const auto policy = make(example);
    test::Block block{0};
    for (std::size_t query = 1; query < policy->queries().size(); ++query) block.next_value(5000);
    const ScalingDecision decision = policy->decide(block.value(900'000).signals());
    EXPECT_EQ(decision.replicas, 0);
    EXPECT_EQ(decision.scaling_active, (ScalingCondition{false, ScalingReason::ScalingDisabled}));
  }
}

RC_GTEST_PROP(ScalingCatalogue, ExplainsWhatItThenDecidesAndDecidesTheSameAgain, ()) {
  for (const json& example : examples()) {
    const auto policy = make(example);
    const auto twin = make(example);
    std::int32_t replicas = 5;
    Time now = kNow;
    for (int sync = 0; sync < 12; ++sync) {
      now += 15s;
      const test::Block block = random_block(policy->queries().size(), replicas);
      const ScalingExplanation explanation = policy->explain(block.signals(now));
      const ScalingDecision decision = policy->decide(block.signals(now));
      RC_ASSERT(explanation.decision == decision);
      RC_ASSERT(!explanation.steps.empty());
      RC_ASSERT(twin->decide(block.signals(now)) == decision);
      RC_ASSERT(decision.replicas >= 2);
      RC_ASSERT(decision.replicas <= 60);
      if (decision.replicas == replicas) continue;
      const Rescale change{.now = now, .from = replicas, .to = decision.replicas};
      policy->on_scaled(change);
      twin->on_scaled(change);
      replicas = decision.replicas;
    }
  }
}

}  // namespace
}  // namespace orrery::policies
