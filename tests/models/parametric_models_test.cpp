#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/models/failure.hpp"
#include "orrery/models/fit.hpp"
#include "orrery/models/power.hpp"
#include "orrery/models/price.hpp"
#include "orrery/models/start_up.hpp"

namespace orrery {
namespace {

using namespace literals;
using nlohmann::json;

std::vector<double> draws(const Distribution& distribution, int count) {
  Stream stream(11, Purpose::Test, 3);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(distribution.sample(stream));
  return values;
}

// 50 000 draws; standard errors of the estimates are about 0.8 σ/√n of the parameter (Weibull
// shape: 0.78 k/√n), so 3 % is more than eight of them.
TEST(Fit, RecoversTheParametersOfItsSample) {
  const auto weibull = fit_weibull(draws(Distribution(shape::Weibull{0.7, 30}), 50'000));
  ASSERT_TRUE(weibull);
  const auto& found = std::get<shape::Weibull>(weibull->distribution.shape());
  EXPECT_NEAR(found.shape, 0.7, 0.02);
  EXPECT_NEAR(found.scale, 30, 1);

  const auto normal = fit_log_normal(draws(Distribution(shape::LogNormal{2, 1.5}), 50'000));
  ASSERT_TRUE(normal);
  EXPECT_NEAR(std::get<shape::LogNormal>(normal->distribution.shape()).mu, 2, 0.06);
  EXPECT_NEAR(std::get<shape::LogNormal>(normal->distribution.shape()).sigma, 1.5, 0.05);

  const auto exponential = fit_exponential(draws(Distribution(shape::Exponential{8}), 50'000));
  ASSERT_TRUE(exponential);
  EXPECT_NEAR(exponential->distribution.mean(), 8, 0.25);
}

TEST(Fit, LikelihoodIsThatOfTheDensity) {
  const std::vector<double> sample{0.5, 1, 2, 7};
  const auto fit = fit_weibull(sample);
  ASSERT_TRUE(fit);
  const auto [k, scale] = std::get<shape::Weibull>(fit->distribution.shape());
  double sum = 0;
  for (const double x : sample) {
    sum += std::log(k / scale) + (k - 1) * std::log(x / scale) - std::pow(x / scale, k);
  }
  EXPECT_NEAR(fit->log_likelihood, sum, 1e-6);
}

TEST(Fit, ChoosesTheFamilyThatTheSampleCameFrom) {
  const auto of = [](const Distribution& d) { return fit_best(draws(d, 5000))->distribution; };
  EXPECT_TRUE(
      std::holds_alternative<shape::Weibull>(of(Distribution(shape::Weibull{0.6, 100})).shape()));
  EXPECT_TRUE(
      std::holds_alternative<shape::LogNormal>(of(Distribution(shape::LogNormal{0, 2})).shape()));
  EXPECT_LE(std::abs(of(Distribution(shape::Exponential{5})).mean() - 5), 0.4);
}

TEST(Fit, RefusesSamplesThatFitNothing) {
  EXPECT_FALSE(fit_exponential({}));
  EXPECT_FALSE(fit_exponential(std::vector<double>{1, 0}));
  EXPECT_FALSE(fit_exponential(std::vector<double>{1, -2}));
  EXPECT_FALSE(fit_weibull(std::vector<double>{3, 3, 3}));
  EXPECT_FALSE(fit_log_normal(std::vector<double>{3}));
  EXPECT_TRUE(fit_best(std::vector<double>{3, 3})) << "an exponential needs no spread";
}

TEST(Failure, ReadsModelsOfNodesAndDomains) {
  const auto read = read_failure_models(json::parse(R"({
    "node": {"uptime": {"weibull": {"shape": 0.7, "scale": "30d"}}, "repair": "1h"},
    "rack": {"uptime": {"exponential": {"mean": "365d"}}, "repair": "4h"}})"),
                                        {});
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_TRUE(read->node);
  EXPECT_EQ(read->node->repair.mean(), 3600);
  ASSERT_EQ(read->domains.size(), 1U);
  EXPECT_EQ(read->domains[0].domain, FailureDomain::Rack);
  EXPECT_NEAR(read->domains[0].model.availability(), 365.0 / (365 + 4.0 / 24), 1e-12);
  EXPECT_EQ(*read_failure_models(to_json(*read), {}), *read);
}

TEST(Failure, NamesThePlaceOfAMistake) {
  const auto read =
      read_failure_models(json::parse(R"({"nodes": {"uptime": "1d", "repair": "1h"}})"), {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().at.pointer, "/nodes");
  EXPECT_NE(read.error().hint.find("'node'"), std::string::npos);
  EXPECT_EQ(
      read_failure_models(json::parse(R"({"node": {"uptime": "1d"}})"), {}).error().at.pointer,
      "/node");
  EXPECT_EQ(
      read_failure_model(json::parse(R"({"uptime": "0s", "repair": "1h"})"), {}).error().at.pointer,
      "/uptime");
}

DownInterval interval(int start, int end) {
  return {kTimeZero + std::chrono::seconds{start}, kTimeZero + std::chrono::seconds{end}};
}

TEST(Failure, JoinsIntervalsThatTouchOrOverlap) {
  const auto joined = merged({interval(5, 8), interval(1, 2), interval(7, 9), interval(2, 3),
                              interval(20, 20), interval(5, 6)});
  EXPECT_EQ(joined, (std::vector{interval(1, 3), interval(5, 9)}));
}

TEST(Failure, GivesSamplesWithoutWhatTheLogCutsOff) {
  const OutageLog log{
      {{"a", {interval(0, 2), interval(5, 9), interval(10, 12)}}, {"b", {interval(90, 100)}}},
      100s};
  EXPECT_EQ(log.outage_count(), 4U);
  EXPECT_EQ(log.uptimes(), (std::vector<double>{3, 1}));
  EXPECT_EQ(log.repair_times(), (std::vector<double>{4, 2}));
}

TEST(StartUp, SkipsThePullWithoutShiftingTheDraws) {
  const auto model =
      read_pod_start_up(json::parse(R"({"image_pull": {"uniform": {"min": "10s", "max": "20s"}},
                      "initialise": {"exponential": {"mean": "5s"}}})"),
                        {});
  ASSERT_TRUE(model);
  Stream with(1, Purpose::PodStartUp, 9);
  Stream without(1, Purpose::PodStartUp, 9);
  const Duration warm = model->sample(with, true);
  const Duration cold = model->sample(without, false);
  EXPECT_GE(cold - warm, 10s);
  EXPECT_LE(cold - warm, 20s);
  EXPECT_EQ(with.fingerprint(), without.fingerprint());
  EXPECT_EQ(*read_pod_start_up(to_json(*model), {}), *model);
  EXPECT_FALSE(read_node_start_up(json::object(), {}));
}

TEST(Power, IsLinearInUtilisation) {
  const auto model = read_power_model(json::parse(R"({
    "node": {"idle_watts": 100, "busy_watts": 300},
    "gpu": {"idle_watts": 20, "busy_watts": 250},
    "gpu_by_model": {"A100": {"idle_watts": 50, "busy_watts": 400}}})"),
                                      {});
  ASSERT_TRUE(model) << to_string(model.error());
  EXPECT_EQ(model->node.watts(0.5), 200);
  EXPECT_EQ(model->gpu_range("A100").watts(1), 400);
  EXPECT_EQ(model->gpu_range("T4").watts(0), 20);
  EXPECT_EQ(*read_power_model(to_json(*model), {}), *model);
  const auto bad = read_power_model(
      json::parse(R"({"gpu_by_model": {"A/1": {"idle_watts": 5, "busy_watts": 1}}})"), {});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().at.pointer, "/gpu_by_model/A~11/busy_watts");
}

TEST(Price, AddsUpThePartsOfANode) {
  const auto model = read_price_model(
      json::parse(R"({"node_hour": 1, "cpu_hour": 0.5, "memory_gib_hour": 0.25, "gpu_hour": 2,
                      "gpu_hour_by_model": {"A100": 4}})"),
      {});
  ASSERT_TRUE(model);
  Node node;
  node.cpu = 4_cpu;
  node.memory = 8_GiB;
  node.gpus = 2;
  node.gpu_model = "T4";
  EXPECT_DOUBLE_EQ(model->hour(node), 1 + 2 + 2 + 4);
  node.gpu_model = "A100";
  EXPECT_DOUBLE_EQ(model->hour(node), 1 + 2 + 2 + 8);
  EXPECT_EQ(*read_price_model(to_json(*model), {}), *model);
  EXPECT_FALSE(read_price_model(json::parse(R"({"cpu_hour": -1})"), {}));
}

}  // namespace
}  // namespace orrery
