#include "orrery/sim/kubernetes/replica_set_pods.hpp"

#include <algorithm>

#include <gmock/gmock.h>

namespace orrery::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr Time kNow = kTimeZero + 1h;

std::vector<std::uint64_t> order_of(std::vector<DeletionCandidate> pods) {
  sort_for_deletion(pods, kNow);
  std::vector<std::uint64_t> uids;
  for (const DeletionCandidate& one : pods) uids.push_back(one.pod.uid);
  return uids;
}

/// Ready on a node for `age`.
DeletionCandidate ready(std::uint64_t uid, Duration age) {
  return {.pod = {.id = PodId{uid}, .uid = uid},
          .node = NodeId{0},
          .is_running = true,
          .is_ready = true,
          .siblings = 1,
          .ready_since = kNow - age,
          .created = kNow - age};
}

TEST(ReplicaSetPods, AreMadeInBatchesThatDouble) {
  EXPECT_THAT(slow_start_batches(10), ElementsAre(1, 2, 4, 3));
  EXPECT_THAT(slow_start_batches(1), ElementsAre(1));
  EXPECT_THAT(slow_start_batches(0), ElementsAre());
}

TEST(ReplicaSetPods, GoInTheOrderOfWhatIsLostWithThem) {
  DeletionCandidate unassigned = ready(1, 1h);
  unassigned.node = NodeId{};
  unassigned.is_running = unassigned.is_ready = false;
  DeletionCandidate pending = ready(2, 1h);
  pending.is_running = pending.is_ready = false;
  DeletionCandidate unready = ready(3, 1h);
  unready.is_ready = false;
  DeletionCandidate crowded = ready(4, 1h);
  crowded.siblings = 3;
  const DeletionCandidate young = ready(5, 10s);
  DeletionCandidate restarted = ready(6, 1h);
  restarted.restarts = 2;
  const DeletionCandidate old = ready(7, 1h);
  EXPECT_THAT(order_of({old, restarted, young, crowded, unready, pending, unassigned}),
              ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST(ReplicaSetPods, DoNotTellAgesOfOnePowerOfTwoApart) {
  std::vector<DeletionCandidate> alike;
  for (std::uint64_t uid = 1; uid <= 8; ++uid) {
    alike.push_back(ready(uid, 20min + std::chrono::seconds{uid}));
  }
  const std::vector<std::uint64_t> order = order_of(alike);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  EXPECT_FALSE(std::is_sorted(order.rbegin(), order.rend()));
}

}  // namespace
}  // namespace orrery::sim
