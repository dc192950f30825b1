#include "orrery/models/fragmentation.hpp"

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace orrery {
namespace {

TypicalPod asks(std::int64_t cpu, int gpus, int milli, std::int64_t pods,
                std::vector<std::string> models = {}) {
  return {
      .cpu = MilliCpu{cpu},
      .gpu = {.count = static_cast<std::uint8_t>(gpus), .milli = static_cast<std::int16_t>(milli)},
      .gpu_models = std::move(models),
      .pods = pods};
}

GpuDevices devices(const std::vector<int>& left) {
  GpuDevices result;
  for (std::size_t i = 0; i < left.size(); ++i) result.free[i] = static_cast<std::int16_t>(left[i]);
  return result;
}

std::int64_t fragment(const std::vector<TypicalPod>& typical, std::int64_t cpu,
                      const std::vector<int>& left) {
  WorkloadProfile profile{.typical = typical, .pods_total = 0};
  for (const TypicalPod& pod : typical) profile.pods_total += pod.pods;
  const FragmentationModel model{profile, {"T4", "V100"}};
  return model.weighted_fragment(MilliCpu{cpu}, devices(left), static_cast<int>(left.size()),
                                 GpuModelId{0});
}

TEST(TypicalPods, KeepsTheMostFrequentThatCoverTheShare) {
  const WorkloadProfile profile = typical_pods(
      {asks(1000, 1, 500, 3), asks(4000, 1, 1000, 90), asks(2000, 0, 0, 5), asks(1000, 1, 500, 2)},
      0.95);
  EXPECT_EQ(profile.typical, (std::vector{asks(4000, 1, 1000, 90), asks(2000, 0, 0, 5)}));
  EXPECT_EQ(profile.pods_total, 95);
}

TEST(TypicalPods, PutsTheLargerOfEquallyFrequentRequestsFirst) {
  const std::vector<TypicalPod> requests{asks(1000, 1, 500, 2), asks(1000, 2, 1000, 2),
                                         asks(3000, 0, 0, 2), asks(1000, 1, 1000, 2)};
  const WorkloadProfile profile = typical_pods(requests, 1);
  EXPECT_EQ(profile.typical, (std::vector{requests[2], requests[1], requests[3], requests[0]}));
}

TEST(TypicalPods, IgnoresTheShareOfADeviceWhenNoneIsAskedFor) {
  EXPECT_EQ(typical_pods({asks(1, 0, 0, 1), asks(1, 0, 1000, 1)}, 1).typical.size(), 1U);
}

TEST(TypicalPods, OfNothingIsNothing) { EXPECT_EQ(typical_pods({}, 0.95).pods_total, 0); }

TEST(Fragmentation, FollowsTheDefinitionCaseByCase) {
  struct Case {
    const char* name;
    TypicalPod typical;
    std::int64_t cpu;
    std::vector<int> left;
    std::int64_t fragment;
  };
  const std::vector<Case> cases{
      {"usable in full", asks(1000, 1, 400, 1), 4000, {400, 1000}, 0},
      {"too little left on one device", asks(1000, 1, 500, 1), 4000, {400, 1000}, 400},
      {"too little left anywhere", asks(1000, 1, 500, 1), 4000, {400, 300}, 700},
      {"whole devices, enough of them", asks(1000, 2, 1000, 1), 4000, {1000, 1000, 300}, 300},
      {"whole devices, not enough", asks(1000, 2, 1000, 1), 4000, {1000, 999, 300}, 2299},
      {"no CPU", asks(5000, 1, 400, 1), 4000, {400, 1000}, 1400},
      {"no GPU asked", asks(1000, 0, 0, 1), 4000, {400, 1000}, 1400},
      {"model not admissible", asks(1000, 1, 400, 1, {"V100"}), 4000, {400, 1000}, 1400},
      {"model admissible", asks(1000, 1, 400, 1, {"V100", "T4"}), 4000, {400, 1000}, 0},
      {"weighted by the pods", asks(1000, 1, 500, 7), 4000, {400, 1000}, 2800},
      {"no GPU at all", asks(1000, 1, 500, 7), 4000, {}, 0},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(fragment({c.typical}, c.cpu, c.left), c.fragment);
  }
}

TEST(Fragmentation, AddsUpOverTypicalPods) {
  EXPECT_EQ(fragment({asks(1000, 1, 500, 2), asks(1000, 0, 0, 3)}, 4000, {400, 1000}),
            2 * 400 + 3 * 1400);
}

TEST(Fragmentation, NamesTheCauseOfEachPart) {
  const WorkloadProfile profile{
      .typical = {asks(1000, 1, 500, 1), asks(9000, 1, 500, 10), asks(1000, 2, 1000, 100),
                  asks(9000, 2, 1000, 1000), asks(1000, 0, 0, 10000), asks(9000, 0, 0, 100000),
                  asks(1000, 1, 500, 1000000, {"V100"})},
      .pods_total = 1111111};
  const FragmentParts parts = fragment_parts(profile, MilliCpu{4000}, devices({400, 1000}), "T4");
  EXPECT_EQ(parts, (FragmentParts{1000, 1000 * 1400, 400 + 100 * 1400, 10 * 1400, 10000 * 1400,
                                  std::int64_t{100000} * 1400, std::int64_t{1000000} * 1400}));
}

// Invariant: tables and definition agree on every node. Strategy: arbitrary profiles of up to eight
// typical pods and nodes of up to eight devices, requests and rests from few values so that they
// meet often.
RC_GTEST_PROP(Fragmentation, TablesAgreeWithTheDefinition, ()) {
  const std::vector<std::string> models{"T4", "V100", "A10"};
  std::vector<TypicalPod> requests;
  const int typical = *rc::gen::inRange(0, 9);
  for (int i = 0; i < typical; ++i) {
    const int gpus = *rc::gen::element(0, 1, 1, 1, 2, 4, 8);
    TypicalPod pod = asks(*rc::gen::inRange(0, 9) * 1000, gpus,
                          gpus == 1 ? *rc::gen::element(100, 250, 500, 999, 1000) : 1000,
                          *rc::gen::inRange(1, 100));
    if (*rc::gen::inRange(0, 3) == 0) pod.gpu_models = {*rc::gen::elementOf(models), "other"};
    requests.push_back(pod);
  }
  const WorkloadProfile profile = typical_pods(requests, 1);
  const FragmentationModel model{profile, models};
  const int gpu_count = *rc::gen::inRange(0, 9);
  GpuDevices left;
  for (int i = 0; i < gpu_count; ++i) {
    left.free[static_cast<std::size_t>(i)] =
        *rc::gen::element<std::int16_t>(0, 99, 100, 250, 300, 500, 750, 999, 1000, 1000);
  }
  const MilliCpu cpu{*rc::gen::inRange(0, 10) * 1000};
  const auto kind = *rc::gen::inRange<std::size_t>(0, models.size());
  FragmentParts parts = fragment_parts(profile, cpu, left, models[kind]);
  const std::int64_t idle = std::accumulate(left.free.begin(), left.free.end(), std::int64_t{0});
  RC_ASSERT(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) ==
            idle * profile.pods_total);
  RC_ASSERT(model.weighted_fragment(cpu, left, gpu_count, GpuModelId{kind}) ==
            idle * profile.pods_total - parts[0]);
}

}  // namespace
}  // namespace orrery
