// A run that is forked shares its past with the run that it comes from, and only that.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/sim/failures/failure_plan.hpp"
#include "orrery/tests/support/random_mesh.hpp"
#include "orrery/tests/support/scripted_cluster.hpp"

namespace orrery::sim {
namespace {

using namespace orrery::literals;
using test::digest;
using test::random_mesh;
using test::ScriptedCluster;

constexpr Time kFork = kTimeZero + 2000s;
constexpr std::uint64_t kSeed = 7;

/// The mesh forked at kFork; `policy` empty: each policy goes on.
SimulationSetup forked_mesh(std::uint64_t future, const std::string& policy,
                            const std::string& before = "best-fit", int clusters = 2) {
  SimulationSetup setup = random_mesh(kSeed, before, clusters, 300, 50ms);
  setup.fork = Fork{.at = kFork, .seed = future, .policies = {}};
  for (int c = 0; c < clusters; ++c) {
    setup.fork->policies.push_back(policy.empty() ? nullptr : test::placement(policy, future, c));
  }
  return setup;
}

/// What a scheduler hears and decides up to the fork, and afterwards.
class Heard final : public SchedulerObserver {
 public:
  void before_change(const StateChange& change, Time now) override {
    note("change", change.index(), 0, now);
  }
  void before_cycle(orchestration::ClusterOrchestrator& scheduler, Time now) override {
    note("cycle", scheduler.waiting(), 0, now);
  }
  void bind_failed(PodId, std::uint64_t uid, Time now) override { note("refused", uid, 0, now); }
  void decided(const orchestration::Decision& decision, Time now) override {
    if (const auto* bind = std::get_if<orchestration::Bind>(&decision)) {
      note("bind", bind->uid, bind->node.index(), now);
    }
  }

  std::vector<std::string> past;
  std::vector<std::string> future;

 private:
  void note(const char* what, std::uint64_t a, std::uint64_t b, Time now) {
    (now < kFork ? past : future)  // at kFork the new policy tries what waits
        .push_back(fmt::format("{} {} {} {}", what, a, b, now.time_since_epoch().count()));
  }
};

Heard heard(SimulationSetup setup) {
  Heard heard;
  static_cast<void>(run_simulation(std::move(setup), {.observers = {&heard}}).value());
  return heard;
}

TEST(Fork, IsTheRunItselfUnderItsOwnSeedAndPolicy) {
  SimulationSetup plain = random_mesh(kSeed, "best-fit", 2, 300, 50ms);
  plain.warm_up = {.kind = WarmUpRule::Kind::Fixed, .span = kFork - kTimeZero};
  EXPECT_EQ(digest(run_simulation(forked_mesh(kSeed, "")).value()),
            digest(run_simulation(std::move(plain)).value()));
}

TEST(Fork, SharesThePastAndNotTheFuture) {
  const Heard origin = heard(random_mesh(kSeed, "best-fit", 2, 300, 50ms));
  ASSERT_GT(origin.past.size(), 500U);
  const Heard other_policy = heard(forked_mesh(kSeed, "worst-fit"));
  const Heard other_future = heard(forked_mesh(8, ""));
  const Heard both = heard(forked_mesh(8, "worst-fit"));
  for (const Heard* fork : {&other_policy, &other_future, &both}) {
    EXPECT_EQ(fork->past, origin.past);
    EXPECT_NE(fork->future, origin.future);
  }
  EXPECT_NE(other_future.future, both.future);
}

TEST(Fork, GivesAllPoliciesTheSameFuture) {
  const auto crashes = [](const std::string& policy) {
    SimulationSetup setup = forked_mesh(8, policy);
    setup.horizon = kTimeZero + 20'000s;
    const RunOutcome outcome = run_simulation(std::move(setup)).value();
    return std::pair{test::counter(outcome, "node_crashes"),
                     test::counter(outcome, "pods_arrived")};
  };
  EXPECT_GT(crashes("").first, 50);
  EXPECT_EQ(crashes(""), crashes("worst-fit"));
  EXPECT_EQ(crashes(""), crashes("gpu-packing"));
}

/// When each node is reported down for the first time because of something after the fork.
class FirstCrashes final : public SchedulerObserver {
 public:
  void before_change(const StateChange& change, Time now) override {
    const auto* ready = std::get_if<change::NodeReadyChanged>(&change);
    if (ready != nullptr && !ready->is_ready && now > kFork + kDetection + kWatch) {
      reports.try_emplace(ready->id, now);
    }
  }
  void before_cycle(orchestration::ClusterOrchestrator&, Time) override {}
  void bind_failed(PodId, std::uint64_t, Time) override {}
  void decided(const orchestration::Decision&, Time) override {}

  std::map<NodeId, Time> reports;

 private:
  static constexpr Duration kDetection = 40s;
  static constexpr Duration kWatch = 50ms;
};

TEST(Fork, DrawsEvenTheFailuresThatComeNextAnew) {
  const auto crashes = [](std::uint64_t future) {
    FirstCrashes first;
    SimulationSetup setup = forked_mesh(future, "");
    setup.horizon = kTimeZero + 40'000s;
    static_cast<void>(run_simulation(std::move(setup), {.observers = {&first}}).value());
    return first.reports;
  };
  const auto own = crashes(kSeed);
  const auto other = crashes(8);
  ASSERT_EQ(own.size(), 12U);
  for (const auto& [node, at] : own) EXPECT_NE(other.at(node), at);
}

TEST(Fork, GivesTheSameBytesOnAnyNumberOfThreads) {
  const std::string once = digest(run_simulation(forked_mesh(9, "worst-fit")).value());
  EXPECT_EQ(digest(run_simulation(forked_mesh(9, "worst-fit"), {.threads = 2}).value()), once);
}

/// A policy that takes over in the middle must know all that one knows that was there from the
/// beginning: replaced by itself it changes nothing. (Random and next-fit remember more than what
/// there is.)
RC_GTEST_PROP(ForkProperty, APolicyThatComesLateDecidesLikeOneThatWasThere, ()) {
  const auto policy = *rc::gen::element<std::string>(
      "first-fit", "best-fit", "worst-fit", "gpu-packing", "dot-product", "gpu-clustering",
      "least-allocated", "most-allocated", "balanced-allocation", "kube-default");
  const Time at = kTimeZero + std::chrono::seconds{*rc::gen::inRange(1, 5000)};
  const auto run = [&](bool is_replaced) {
    SimulationSetup setup = forked_mesh(kSeed, is_replaced ? policy : "", policy, 1);
    setup.clusters[0].scheduler.backoff_initial = Duration::zero();
    setup.fork->at = at;
    return run_simulation(std::move(setup)).value();
  };
  const RunOutcome kept = run(false);
  const RunOutcome replaced = run(true);
  RC_ASSERT(kept.fingerprint == replaced.fingerprint);
  RC_ASSERT(kept.simulated_end == replaced.simulated_end);
}

/// Lets everything wait, by choice or for lack of room.
class NeverPlaces final : public policies::PlacementPolicy {
 public:
  explicit NeverPlaces(policies::WaitReason reason) : reason_(reason) {}
  policies::Placement place(const policies::ClusterView&, PodId) override {
    return policies::Placement::wait(reason_);
  }

 private:
  policies::WaitReason reason_;
};

TEST(Fork, TriesAgainWhatThePolicyBeforeLeftWaiting) {
  using policies::WaitReason;
  for (const WaitReason reason : {WaitReason::NoFeasibleNode, WaitReason::PolicyChoice}) {
    SimulationSetup setup = ScriptedCluster{}
                                .nodes(1, {.cpu = 4_cpu})
                                .task({.at = 3s, .cpu = 1_cpu, .service = 5s})
                                .build();
    setup.clusters[0].policy = std::make_unique<NeverPlaces>(reason);
    setup.fork = Fork{.at = kTimeZero + 10s, .seed = 0, .policies = {}};
    setup.fork->policies.push_back(test::placement("first-fit", 0, 0));
    const RunOutcome outcome = run_simulation(std::move(setup)).value();
    EXPECT_EQ(test::metric(outcome, "waiting_seconds_mean"), 7);
    EXPECT_EQ(seconds(outcome.simulated_end), 15);
  }
}

TEST(Fork, SaysThatTheRunWasOverByThen) {
  SimulationSetup setup =
      ScriptedCluster{}.nodes(1, {.cpu = 4_cpu}).task({.at = 3s, .service = 5s}).build();
  setup.fork = Fork{.at = kTimeZero + 10s, .seed = 0, .policies = {}};
  setup.fork->policies.emplace_back();
  const auto outcome = run_simulation(std::move(setup));
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, testing::HasSubstr("nothing was left to happen after 10 s"));
}

/// Draws the outage that comes next, in one future after another.
class Outages {
 public:
  Outages(Distribution uptime, Distribution repair)
      : cause_({NodeId{0}}, {.uptime = std::move(uptime), .repair = std::move(repair)}, kSeed, 1),
        first_(cause_.next(kTimeZero).value()) {}

  [[nodiscard]] const DownInterval& first() const { return first_; }
  [[nodiscard]] std::vector<DownInterval> futures(Time now, int count) {
    std::vector<DownInterval> drawn;
    for (int seed = 0; seed < count; ++seed) {
      drawn.push_back(cause_.reseed(static_cast<std::uint64_t>(1000 + seed), now).value());
    }
    return drawn;
  }

 private:
  FailureCause cause_;
  DownInterval first_;
};

// Null value: of a Weibull law of shape k and scale s, what is left of an uptime of age a has
// P(left > x) = exp((a/s)^k − ((a + x)/s)^k). Kolmogorov and Smirnov: 1.95/√n holds in 999 of
// 1,000.
TEST(Fork, DrawsTheRestOfAnUptimeOnTheConditionOfItsAge) {
  constexpr double kShape = 0.7;
  constexpr double kScale = 3000;
  Outages outages(Distribution{shape::Weibull{.shape = kShape, .scale = kScale}},
                  Distribution{shape::Exponential{.mean = 200}});
  const double age = seconds(outages.first().start - kTimeZero) / 2;
  const Time now = kTimeZero + duration_from_seconds(age);
  const int count = 4000;
  std::vector<double> left;
  for (const DownInterval& outage : outages.futures(now, count)) {
    ASSERT_GT(outage.start, now);
    left.push_back(seconds(outage.start - now));
  }
  std::sort(left.begin(), left.end());
  double distance = 0;
  for (int i = 0; i < count; ++i) {
    const double x = left[static_cast<std::size_t>(i)];
    const double above =
        std::exp(std::pow(age / kScale, kShape) - std::pow((age + x) / kScale, kShape));
    distance = std::max(distance, std::abs(1 - above - (i + 0.5) / count));
  }
  EXPECT_LT(distance, 1.95 / std::sqrt(count));
}

TEST(Fork, DrawsTheRestOfARepairOnTheConditionOfItsAge) {
  Outages outages(Distribution{shape::Exponential{.mean = 100}},
                  Distribution{shape::Exponential{.mean = 200}});
  const DownInterval first = outages.first();
  const Time now = first.start + (first.end - first.start) / 2;
  double sum = 0;
  const int count = 4000;
  for (const DownInterval& outage : outages.futures(now, count)) {
    ASSERT_EQ(outage.start, first.start);
    ASSERT_GT(outage.end, now);
    sum += seconds(outage.end - now);
  }
  EXPECT_NEAR(sum / count, 200, 5 * 200 / std::sqrt(count)) << "no memory: the mean is as ever";
}

}  // namespace
}  // namespace orrery::sim
