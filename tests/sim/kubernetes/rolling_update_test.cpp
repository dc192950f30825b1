#include "orrery/sim/kubernetes/rolling_update.hpp"

#include <vector>

#include <gmock/gmock.h>

namespace orrery::sim {
namespace {

using Sets = std::vector<ReplicaSetSize>;

Deployment of(std::int32_t replicas) {
  Deployment deployment;
  deployment.replicas = replicas;
  return deployment;
}

/// A set as it is after its own rollout at `desired` replicas.
ReplicaSetSize set(std::int32_t replicas, std::int32_t available, std::int32_t desired) {
  return {.replicas = replicas,
          .available = available,
          .desired = desired,
          .most = desired + rollout_limits(of(desired)).surge};
}

std::vector<std::int32_t> synced(const Deployment& deployment, Sets sets, bool old_left = false) {
  sync_deployment(deployment, sets, old_left);
  std::vector<std::int32_t> sizes;
  for (const ReplicaSetSize& one : sets) sizes.push_back(one.replicas);
  return sizes;
}

using Sizes = std::vector<std::int32_t>;

TEST(RollingUpdate, RoundsTheSurgeUpAndTheUnavailableDown) {
  EXPECT_EQ(rollout_limits(of(10)).surge, 3);
  EXPECT_EQ(rollout_limits(of(10)).unavailable, 2);
  Deployment none = of(3);
  none.surge_max = {.value = 0};
  none.unavailable_max = {.value = 10, .is_percent = true};
  EXPECT_EQ(rollout_limits(none).unavailable, 1) << "one of the two is above zero";
}

TEST(RollingUpdate, MakesTheFirstSetAtOnce) { EXPECT_EQ(synced(of(10), {{}}), Sizes{10}); }

TEST(RollingUpdate, GrowsTheNewSetByTheSurgeAndThenShrinksTheOld) {
  const Deployment web = of(10);
  EXPECT_EQ(synced(web, {set(10, 10, 10), {}}), (Sizes{10, 3}));
  // The three are not available yet: two may be missing.
  EXPECT_EQ(synced(web, {set(10, 10, 10), set(3, 0, 10)}), (Sizes{8, 3}));
  EXPECT_EQ(synced(web, {set(8, 8, 10), set(3, 0, 10)}), (Sizes{8, 5}));
  EXPECT_EQ(synced(web, {set(8, 8, 10), set(5, 0, 10)}), (Sizes{8, 5})) << "until some are there";
  EXPECT_EQ(synced(web, {set(8, 8, 10), set(5, 4, 10)}), (Sizes{4, 5}));
}

TEST(RollingUpdate, EndsOldPodsThatAreNotAvailableFirst) {
  const Deployment web = of(10);
  EXPECT_EQ(synced(web, {set(5, 5, 10), set(5, 4, 10), set(3, 0, 10)}), (Sizes{4, 4, 3}));
}

TEST(RollingUpdate, ScalesTheOnlySetThatHasPods) {
  EXPECT_EQ(synced(of(50), {set(0, 0, 10), set(10, 10, 10)}), (Sizes{0, 50}));
}

TEST(RollingUpdate, SharesANewSizeAmongTheSetsOfARollout) {
  // 8 + 5 of at most 13 become 16 + 10 of at most 25, and the largest takes what is left over.
  EXPECT_EQ(synced(of(20), {set(8, 8, 10), set(5, 0, 10)}), (Sizes{15, 10}));
  EXPECT_EQ(synced(of(0), {set(8, 8, 10), set(5, 0, 10)}), (Sizes{0, 0}));
}

TEST(RollingUpdate, RecreatesOnlyWhenNothingOldIsLeft) {
  Deployment web = of(10);
  web.recreates = true;
  const ReplicaSetSize old{.replicas = 10, .available = 10, .desired = 10, .most = 10};
  EXPECT_EQ(synced(web, {old, {}}, true), (Sizes{0, 0}));
  const ReplicaSetSize ended{.replicas = 0, .available = 0, .desired = 10, .most = 10};
  EXPECT_EQ(synced(web, {ended, {}}, true), (Sizes{0, 0}));
  EXPECT_EQ(synced(web, {ended, {}}, false), (Sizes{0, 10}));
}

}  // namespace
}  // namespace orrery::sim
