#include "orrery/policies/placement/kube_default/config_json.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace orrery::policies::kube {
namespace {

using nlohmann::json;

/// A configuration with these members beside its type.
Result<KubeSchedulerConfiguration> read(const std::string& members) {
  json value = json::parse("{" + members + "}");
  value["apiVersion"] = "kubescheduler.config.k8s.io/v1";
  value["kind"] = "KubeSchedulerConfiguration";
  return read_kube_scheduler_configuration(value, {.file = "c"});
}

KubeSchedulerProfile profile(const std::string& members) {
  const auto configuration = read(R"("profiles": [{)" + members + "}]");
  EXPECT_TRUE(configuration) << to_string(configuration.error());
  return configuration ? configuration->profiles.front().profile : KubeSchedulerProfile{};
}

TEST(KubeSchedulerConfiguration, HasUpstreamsDefaults) {
  const auto configuration = read("");
  ASSERT_TRUE(configuration) << to_string(configuration.error());
  KubeSchedulerConfiguration plain;
  plain.profiles.emplace_back();
  EXPECT_EQ(*configuration, plain);
  EXPECT_EQ(plain.profiles.front().scheduler_name, "default-scheduler");
}

TEST(KubeSchedulerConfiguration, ChangesPluginsAtAllPoints) {
  const KubeSchedulerProfile changed = profile(
      R"("plugins": {"multiPoint": {"disabled": [{"name": "ImageLocality"}],
                                    "enabled": [{"name": "TaintToleration", "weight": 7}]}})");
  EXPECT_EQ(changed.weights[Plugin::ImageLocality], 0);
  EXPECT_EQ(changed.weights[Plugin::TaintToleration], 7);
  EXPECT_EQ(changed.weights[Plugin::NodeAffinity], 2);
  EXPECT_TRUE(changed.filters[Plugin::TaintToleration]);
}

TEST(KubeSchedulerConfiguration, TakesAPointOfItsOwnBeforeAllPoints) {
  const KubeSchedulerProfile changed = profile(
      R"("plugins": {"multiPoint": {"disabled": [{"name": "*"}]},
                     "filter": {"enabled": [{"name": "NodeResourcesFit"}]},
                     "score": {"enabled": [{"name": "NodeResourcesFit"}]}})");
  KubeSchedulerProfile expected;
  expected.filters = {};
  expected.filters[Plugin::NodeResourcesFit] = true;
  expected.weights = {};
  expected.weights[Plugin::NodeResourcesFit] = 1;
  expected.preempts = false;
  EXPECT_EQ(changed, expected);
}

TEST(KubeSchedulerConfiguration, DisablesScoresButKeepsFilters) {
  const KubeSchedulerProfile changed =
      profile(R"("plugins": {"score": {"disabled": [{"name": "PodTopologySpread"}]},
                             "postFilter": {"disabled": [{"name": "*"}]}})");
  EXPECT_EQ(changed.weights[Plugin::PodTopologySpread], 0);
  EXPECT_TRUE(changed.filters[Plugin::PodTopologySpread]);
  EXPECT_FALSE(changed.preempts);
}

TEST(KubeSchedulerConfiguration, ReadsArgumentsOfPlugins) {
  const KubeSchedulerProfile changed = profile(R"("pluginConfig": [
      {"name": "NodeResourcesFit", "args": {
         "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "NodeResourcesFitArgs",
         "ignoredResources": ["example.com/foo"],
         "scoringStrategy": {"type": "RequestedToCapacityRatio",
           "resources": [{"name": "nvidia.com/gpu", "weight": 3}],
           "requestedToCapacityRatio": {"shape": [{"utilization": 0, "score": 0},
                                                  {"utilization": 100, "score": 10}]}}}},
      {"name": "PodTopologySpread", "args": {"defaultingType": "List", "defaultConstraints": [
         {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]}},
      {"name": "InterPodAffinity", "args": {"hardPodAffinityWeight": 5}},
      {"name": "NodeAffinity", "args": {"addedAffinity": {
         "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
           {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n"]}]}]}}}},
      {"name": "VolumeBinding", "args": {"bindTimeoutSeconds": 60}},
      {"name": "DefaultPreemption", "args": {"minCandidateNodesAbsolute": 7}}])");
  EXPECT_EQ(changed.fit.type, ScoringStrategy::Type::RequestedToCapacityRatio);
  EXPECT_EQ(changed.fit.resources, (std::vector<ResourceWeight>{{"nvidia.com/gpu", 3}}));
  EXPECT_EQ(changed.fit.shape, (std::vector<ShapePoint>{{0, 0}, {100, 10}}));
  EXPECT_EQ(changed.ignored_resources, std::vector<std::string>{"example.com/foo"});
  EXPECT_FALSE(changed.spreads_by_system_defaults);
  ASSERT_EQ(changed.default_spread.size(), 1U);
  EXPECT_EQ(changed.default_spread[0].topology_key, "zone");
  EXPECT_EQ(changed.hard_pod_affinity_weight, 5);
  ASSERT_EQ(changed.added_affinity.required.size(), 1U);
  EXPECT_TRUE(changed.added_affinity.admits({}, "n"));
  EXPECT_FALSE(changed.added_affinity.admits({}, "m"));
  EXPECT_EQ(changed.candidate_nodes_min, 7);
  EXPECT_EQ(changed.candidate_nodes_percent_min, 10);
}

TEST(KubeSchedulerConfiguration, ReadsWhatConcernsAllProfiles) {
  const auto configuration = read(
      R"("parallelism": 1, "percentageOfNodesToScore": 100, "podInitialBackoffSeconds": 2,
         "podMaxBackoffSeconds": 20, "clientConnection": {"qps": 1000, "burst": 2000},
         "leaderElection": {"leaderElect": false},
         "profiles": [{"schedulerName": "a"}, {"schedulerName": "b",
                                               "percentageOfNodesToScore": 5}])");
  ASSERT_TRUE(configuration) << to_string(configuration.error());
  EXPECT_EQ(configuration->backoff_initial, std::chrono::seconds{2});
  EXPECT_EQ(configuration->backoff_max, std::chrono::seconds{20});
  EXPECT_EQ(configuration->client_qps, 1000);
  EXPECT_EQ(configuration->client_burst, 2000);
  ASSERT_EQ(configuration->profiles.size(), 2U);
  EXPECT_EQ(configuration->profiles[0].profile.percentage_of_nodes_to_score, 100);
  EXPECT_EQ(configuration->profiles[1].profile.percentage_of_nodes_to_score, 5);
}

TEST(KubeSchedulerConfiguration, SaysWhatIsWrongAndWhere) {
  const std::vector<std::pair<std::string, std::string>> rows{
      {R"("paralelism": 3)",
       "c: /paralelism: unknown field 'paralelism' (did you mean "
       "'parallelism'?)"},
      {R"("percentageOfNodesToScore": 101)",
       "c: /percentageOfNodesToScore: found '101', expected a number from 0 to 100"},
      {R"("podInitialBackoffSeconds": 5, "podMaxBackoffSeconds": 4)",
       "c: /podMaxBackoffSeconds: it must not be less than podInitialBackoffSeconds"},
      {R"("extenders": [{"urlPrefix": "x"}])", "c: /extenders: extenders are not simulated"},
      {R"("profiles": [{"plugins": {"score": {"enabled": [{"name": "NodeResourceFit"}]}}}])",
       "c: /profiles/0/plugins/score/enabled/0/name: found 'NodeResourceFit', expected a plugin of "
       "kube-scheduler (did you mean 'NodeResourcesFit'?)"},
      {R"("profiles": [{"plugins": {"filter": {"enabled": [{"name": "ImageLocality"}]}}}])",
       "c: /profiles/0/plugins/filter/enabled/0/name: ImageLocality does not filter nodes"},
      {R"("profiles": [{"schedulerName": "a"}, {"schedulerName": "a"}])",
       "c: /profiles/1/schedulerName: found 'a', expected a name that no other profile has"},
      {R"("profiles": [{"pluginConfig": [{"name": "InterPodAffinity",
                                          "args": {"hardPodAffinityWeight": 200}}]}])",
       "c: /profiles/0/pluginConfig/0/args/hardPodAffinityWeight: found '200', expected a number "
       "from 0 to 100"},
      {R"("profiles": [{"pluginConfig": [{"name": "NodeResourcesFit", "args": {"scoringStrategy":
            {"type": "LeastAlocated"}}}]}])",
       "c: /profiles/0/pluginConfig/0/args/scoringStrategy/type: found 'LeastAlocated', expected a "
       "known name (did you mean 'LeastAllocated' or 'MostAllocated'?)"},
      {R"("profiles": [{"pluginConfig": [{"name": "PodTopologySpread", "args":
            {"defaultConstraints": [{"maxSkew": 1, "topologyKey": "z",
                                     "whenUnsatisfiable": "ScheduleAnyway"}]}}]}])",
       "c: /profiles/0/pluginConfig/0/args/defaultConstraints: own constraints need "
       "defaultingType: List"}};
  for (const auto& [members, expected] : rows) {
    SCOPED_TRACE(members);
    const auto configuration = read(members);
    ASSERT_FALSE(configuration);
    EXPECT_EQ(to_string(configuration.error()), expected);
  }
  const auto other = read_kube_scheduler_configuration(
      json::parse(R"({"apiVersion": "kubescheduler.config.k8s.io/v1beta3",
                      "kind": "KubeSchedulerConfiguration"})"),
      {.file = "c"});
  ASSERT_FALSE(other);
  EXPECT_EQ(to_string(other.error()),
            "c: /apiVersion: found 'kubescheduler.config.k8s.io/v1beta3', expected "
            "kubescheduler.config.k8s.io/v1");
}

}  // namespace
}  // namespace orrery::policies::kube
