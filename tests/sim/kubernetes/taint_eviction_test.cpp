#include "orrery/sim/kubernetes/taint_eviction.hpp"

#include <gtest/gtest.h>

#include "orrery/sim/kubernetes/admission.hpp"

namespace orrery::sim {
namespace {

using namespace std::chrono_literals;

constexpr TaintEffect kNoExecute = TaintEffect::NoExecute;

Toleration exists(std::string key, std::optional<Duration> lasts) {
  return {.key = std::move(key),
          .op = Toleration::Operator::Exists,
          .value = "",
          .any_effect = true,
          .lasts = lasts};
}

TEST(TaintEviction, ToleratesForTheShortestOfTheTolerationsThatItNeeds) {
  const std::vector<Taint> both = {{"a", "", kNoExecute}, {"b", "", kNoExecute}};
  EXPECT_EQ(tolerated_for(both, {exists("a", 30s), exists("b", 10s)}), Duration{10s});
  EXPECT_EQ(tolerated_for(both, {exists("a", 30s), exists("b", std::nullopt)}), Duration{30s});
  EXPECT_EQ(tolerated_for(both, {exists("", std::nullopt), exists("b", 10s)}), std::nullopt)
      << "the first that matches counts";
}

TEST(TaintEviction, DoesNotTolerateWhatNothingNames) {
  const std::vector<Taint> both = {{"a", "", kNoExecute}, {"b", "", kNoExecute}};
  EXPECT_EQ(tolerated_for(both, {exists("a", std::nullopt)}), Duration::zero());
  EXPECT_EQ(tolerated_for(both, {exists("", -5s)}), Duration::zero());
  EXPECT_EQ(tolerated_for({{"a", "", TaintEffect::NoSchedule}}, {}), std::nullopt)
      << "only NoExecute counts";
}

TEST(Admission, LetsPodsTolerateLostNodesForAWhileUnlessTheySay) {
  const auto plain = admitted(std::make_shared<const PodTemplate>(), {});
  ASSERT_EQ(plain->tolerations.size(), 2U);
  const std::vector<Taint> lost = {{"node.kubernetes.io/unreachable", "", kNoExecute}};
  EXPECT_EQ(tolerated_for(lost, plain->tolerations), Duration{300s});

  PodTemplate says;
  says.tolerations = {exists("node.kubernetes.io/unreachable", 7s)};
  const auto own = admitted(std::make_shared<const PodTemplate>(says), {});
  EXPECT_EQ(own->tolerations.size(), 2U);
  EXPECT_EQ(tolerated_for(lost, own->tolerations), Duration{7s});
}

}  // namespace
}  // namespace orrery::sim
