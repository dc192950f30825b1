#include "orrery/policies/placement/filter_score.hpp"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "orrery/tests/policies/placement/place.hpp"

namespace orrery::policies {
namespace {

using nlohmann::json;
using test::ClusterBuilder;
using namespace orrery::literals;

Node shape(MilliCpu cpu, Bytes memory, std::int32_t gpus = 0) {
  Node node;
  node.cpu = cpu;
  node.memory = memory;
  node.gpus = gpus;
  node.gpu_model = gpus > 0 ? "T4" : "";
  return node;
}

test::NamedCluster some_cluster() {
  return ClusterBuilder{}
      .node("busy", shape(10_cpu, 100_GiB))
      .node("free", shape(10_cpu, 100_GiB))
      .node("gpu", shape(10_cpu, 100_GiB, 4))
      .running("db", "busy", {.cpu = 5_cpu, .memory = 10_GiB})
      .running("train", "gpu", {.cpu = 1_cpu, .memory = 10_GiB, .gpu = {.count = 2}})
      .pending("web", {.cpu = 1_cpu, .memory = 30_GiB})
      .pending("large", {.cpu = 5_cpu, .memory = 20_GiB})
      .build();
}

TEST(Scorers, ScoreAsKubernetesDoesWithoutCutting) {
  const auto cluster = some_cluster();
  struct Case {
    const char* policy;
    const char* node;
    double score;
  };
  for (const Case& c : {
           Case{R"("least-allocated")", "busy", (40.0 + 60.0) / 2},
           Case{R"("least-allocated")", "free", (90.0 + 70.0) / 2},
           Case{R"("most-allocated")", "busy", 50},
           Case{R"("balanced-allocation")", "busy", 100 - (60.0 - 40.0) / 2},
           Case{R"("balanced-allocation")", "free", 100 - (30.0 - 10.0) / 2},
           Case{R"({"name": "least-allocated", "cpu_weight": 3})", "busy", (3 * 40.0 + 60.0) / 4},
           // Shares left: CPU 0.8, memory 0.6, GPU 0.5.
           Case{R"({"name": "least-allocated", "gpu_weight": 2})", "gpu", (80 + 60 + 2 * 50) / 4.0},
           // A node without GPUs is judged by the rest.
           Case{R"({"name": "least-allocated", "gpu_weight": 2})", "free", 80},
           Case{R"({"name": "balanced-allocation", "gpu_weight": 1})", "gpu", 100 - 12.4722},
           Case{R"({"name": "balanced-allocation", "gpu_weight": 1})", "free", 90},
       }) {
    EXPECT_NEAR(test::total(cluster, json::parse(c.policy), "web", c.node), c.score, 1e-4)
        << c.policy << c.node;
  }
}

TEST(FilterScore, AddsUpWeightedScores) {
  const auto cluster = some_cluster();
  const json document = json::parse(
      R"({"name": "filter-score", "scorers": [{"name": "least-allocated", "weight": 2},
                                              {"name": "balanced-allocation", "weight": 0.5}]})");
  const auto policy = test::policy_in(cluster, document);
  const Explanation explanation =
      policy->explain({.state = cluster.state, .now = kTimeZero}, cluster.pod("web"));
  EXPECT_EQ(explanation.columns,
            (std::vector<std::string>{"least-allocated", "balanced-allocation"}));
  const Explanation::Row& row = explanation.rows.at(cluster.node("busy").index());
  ASSERT_EQ(row.scores.size(), 2U);
  EXPECT_NEAR(row.scores[0], 50, 1e-4);
  EXPECT_NEAR(row.scores[1], 90, 1e-4);
  EXPECT_NEAR(row.total, 2 * 50 + 0.5 * 90, 1e-4);
}

TEST(FilterScore, NamesTheFilterThatRefusesANode) {
  const auto cluster = some_cluster();
  const json document = json::parse(
      R"({"name": "filter-score", "filters": ["spare-gpu-nodes", {"name": "headroom",
          "percent": 20}], "scorers": ["most-allocated"]})");
  const auto policy = test::policy_in(cluster, document);
  const Explanation explanation =
      policy->explain({.state = cluster.state, .now = kTimeZero}, cluster.pod("large"));
  EXPECT_EQ(explanation.rows.at(0).filter, "headroom");
  EXPECT_EQ(explanation.rows.at(1).filter, "fits");
  EXPECT_EQ(explanation.rows.at(2).filter, "spare-gpu-nodes");
  EXPECT_EQ(explanation.placement.node, cluster.node("free"));
}

TEST(FilterScore, WithoutScorersTakesTheFirstNodeThatFits) {
  EXPECT_EQ(test::place(some_cluster(), json{{"name", "filter-score"}, {"scorers", json::array()}},
                        "web"),
            "busy");
}

/// Scores of all kinds, as a careless scorer might give them.
class Careless final : public Scorer {
 public:
  float score(const AskedOf&, NodeId node) const override {
    constexpr float kScores[] = {-50.0F, std::numeric_limits<float>::quiet_NaN(), 0.25F, 0.25F};
    return kScores[node.index() % 4];
  }
};

TEST(FilterScore, CountsNegativeScoresAndNotANumberAsNothing) {
  ClusterBuilder builder;
  for (int i = 0; i < 2000; ++i) builder.node("n" + std::to_string(i), shape(10_cpu, 1_GiB));
  const auto cluster = builder.pending("p", {.cpu = 1_cpu}).build();
  std::vector<FilterScore::WeightedScorer> scorers;
  scorers.push_back({.name = "careless", .weight = 1, .scorer = std::make_unique<Careless>()});
  FilterScore policy{{}, std::move(scorers)};
  const ClusterView view{.state = cluster.state, .now = kTimeZero};
  introduce(policy, view);
  EXPECT_EQ(policy.place(view, cluster.pod("p")).node, NodeId{2});
}

TEST(FilterScore, FindsTheBestNodeInAnySlice) {
  for (const int best : {0, 511, 512, 1023, 1024, 1299}) {
    ClusterBuilder builder;
    for (int i = 0; i < 1300; ++i) {
      builder.node("n" + std::to_string(i), shape(i == best ? 20_cpu : 10_cpu, 1_GiB));
    }
    const auto cluster = builder.pending("p", {.cpu = 1_cpu}).build();
    EXPECT_EQ(test::place(cluster, "least-allocated", "p"), "n" + std::to_string(best));
  }
}

}  // namespace
}  // namespace orrery::policies
