#include "orrery/experiments/experiment/experiment.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/experiment/library.hpp"
#include "orrery/experiments/experiment/run_variant.hpp"
#include "orrery/experiments/setup/variant_plan.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// One node, one kind of pod: what a first document looks like.
json small_document() {
  return json::parse(R"({
    "orrery": 1,
    "name": "small",
    "seeds": {"first": 1, "count": 2},
    "clusters": [{"name": "one",
                  "nodes": [{"name": "node-{}", "count": 2, "cpu": 4, "memory": "8GiB"}],
                  "scheduler": {"policy": "first-fit"}}],
    "workloads": [{"synthetic": {"count": 20, "arrivals": "1/s",
                   "classes": [{"name": "pod", "cpu": 1, "memory": "1GiB", "duration": "3s"}]}}]
  })");
}

Result<Experiment> load(const json& document, const LoadOptions& options = {}) {
  return Experiment::parse(document.dump(1), "e.json", options);
}

std::string error_of(const json& document, const LoadOptions& options = {}) {
  const auto experiment = load(document, options);
  return experiment ? "loaded" : to_string(experiment.error());
}

TEST(Experiment, RunsASmallDocument) {
  const auto experiment = load(small_document()).value();
  ASSERT_EQ(experiment.runs().size(), 2U);
  const auto outcome = simulate_runs_of(experiment)(experiment.runs()[0], {}).value();
  const auto completed =
      std::find_if(outcome.metrics.begin(), outcome.metrics.end(),
                   [](const MetricValue& metric) { return metric.name == "pods_completed"; });
  ASSERT_NE(completed, outcome.metrics.end());
  EXPECT_EQ(completed->value, 20);
  EXPECT_GT(outcome.events, 20U);
}

TEST(Experiment, LetsFailuresFollowTheirNodesWhenTheOrderIsShuffled) {
  json document = small_document();
  json& cluster = document["clusters"][0];
  cluster["node_order"] = "shuffled";
  cluster["nodes"][0]["count"] = 12;
  cluster["nodes"][0]["rack_size"] = 4;
  const json model = {{"uptime", "1h"}, {"repair", "1m"}};
  cluster["failures"] = json::array({{{"nodes", "node-0"}, {"node", model}}, {{"rack", model}}});
  document["horizon"] = "1d";
  const auto experiment = load(document).value();
  const auto setup = make_setup(*experiment.plan(0), 3, experiment.registry()).value();
  const auto& nodes = setup.clusters.front().nodes;
  const sim::FailurePlan& failures = setup.clusters.front().failures;
  ASSERT_EQ(failures.random.size(), 1U);
  const NodeId moved = failures.random.front().nodes.front();
  EXPECT_NE(moved, NodeId{0}) << "the seed must move the node, or the test shows nothing";
  EXPECT_EQ(nodes[moved.index()]->name, "node-0");
  ASSERT_EQ(failures.groups.size(), 3U);
  for (const sim::GroupFailures& group : failures.groups) {
    ASSERT_EQ(group.nodes.size(), 4U);
    const std::string& rack = nodes[group.nodes.front().index()]->rack;
    for (const NodeId id : group.nodes) EXPECT_EQ(nodes[id.index()]->rack, rack);
  }
}

TEST(Experiment, RunsTheSameTwice) {
  const auto experiment = load(small_document()).value();
  const RunFunction run = simulate_runs_of(experiment);
  const auto first = run(experiment.runs()[0], {}).value();
  const auto second = run(experiment.runs()[0], {}).value();
  const auto other = run(experiment.runs()[1], {}).value();
  EXPECT_EQ(first.fingerprint, second.fingerprint);
  EXPECT_NE(first.fingerprint, other.fingerprint);
}

TEST(Experiment, TakesSeedsFromTheCommandLine) {
  EXPECT_THAT(load(small_document(), {.first_seed = 7}).value().seeds(),
              testing::ElementsAre(7U, 8U));
  EXPECT_THAT(load(small_document(), {.replications = 3}).value().seeds(),
              testing::ElementsAre(1U, 2U, 3U));
}

TEST(Experiment, KeepsItsIdentityWhenOnlySeedsOrPresentationChange) {
  const std::string digest = load(small_document()).value().record().document_digest;
  json changed = small_document();
  changed["seeds"] = {5, 6, 7};
  changed["description"] = "other words";
  changed["metrics"] = {"waiting*"};
  EXPECT_EQ(load(changed).value().record().document_digest, digest);
  EXPECT_NE(load(small_document(), {.settings = {"/horizon=1h"}}).value().record().document_digest,
            digest);
}

struct BadDocument {
  const char* name;
  const char* pointer;
  json value;
  const char* message;
};

/// Each row puts one wrong value into a document that is right otherwise.
const std::vector<BadDocument>& bad_documents() {
  static const std::vector<BadDocument> cases = {
      {"newer format", "/orrery", 2, "/orrery: found '2', expected 1"},
      {"no seeds", "/seeds", json::array(), "/seeds"},
      {"equal seeds", "/seeds", {1, 1}, "seeds that all differ"},
      {"zero replications", "/seeds/count", 0, "/seeds/count"},
      {"unknown member", "/horizont", "1d", "did you mean 'horizon'?"},
      {"zero horizon", "/horizon", "0s", "/horizon: found '0s', expected a span of virtual time "},
      {"negative horizon", "/horizon", "-1d", "/horizon"},
      {"no clusters", "/clusters", json::array(), "at least one cluster"},
      {"no nodes", "/clusters/0/nodes", json::array(), "at least one group of nodes"},
      {"negative size", "/clusters/0/nodes/0/memory", "-8GiB", "/clusters/0/nodes/0/memory"},
      {"negative count", "/clusters/0/nodes/0/count", -1, "from 1 to"},
      {"too many GPUs", "/clusters/0/nodes/0/gpus", 17, "from 0 to 16"},
      {"equal node names",
       "/clusters/0/nodes/1",
       {{"name", "node-1"}, {"cpu", 1}, {"memory", "1GiB"}},
       "a name that no other node of the cluster has"},
      {"unknown policy", "/clusters/0/scheduler/policy", "frist-fit", "did you mean 'first-fit'"},
      {"unknown parameter",
       "/clusters/0/scheduler/policy",
       {{"name", "first-fit"}, {"speed", 3}},
       "/clusters/0/scheduler/policy/speed"},
      {"unknown queue", "/clusters/0/scheduler/queue", "lifo", "did you mean 'fifo'?"},
      {"backoff upside down",
       "/clusters/0/scheduler/backoff",
       {{"initial", "10s"}, {"max", "1s"}},
       "/clusters/0/scheduler/backoff/max"},
      {"unknown node in failures",
       "/clusters/0/failures",
       {{"nodes", "gpu-*"}, {"node", {{"uptime", "1d"}, {"repair", "1h"}}}},
       "no node of the cluster has such a name"},
      {"no racks to fail",
       "/clusters/0/failures",
       {{"rack", {{"uptime", "1d"}, {"repair", "1h"}}}},
       "none of these nodes names its rack"},
      {"unknown workload", "/workloads/0", {{"synthetik", {}}}, "did you mean 'synthetic'?"},
      {"unknown cluster of a workload", "/workloads/0/clusters", {"on"}, "did you mean 'one'?"},
      {"bad duration", "/workloads/0/synthetic/classes/0/duration", "3 parsecs", "/duration"},
      {"bad taint", "/clusters/0/nodes/0/taints", {"x=y"}, "dedicated=training:NoSchedule"},
      {"absent trace",
       "/workloads/0",
       {{"openb", {{"pods", "nowhere/openb_pod_list_x.csv"}}}},
       "this trace file is not there"},
      {"unknown baseline", "/baseline", "fgd", "no variant is called 'fgd'"},
      {"warm-up without rest", "/warm_up", "9d", "the warm-up is as long as the horizon"},
      {"wrong warm-up", "/warm_up", "mser", "/warm_up"},
      {"fork without a seed", "/fork", {{"at", "5s"}}, "seed"},
      {"fork at no time", "/fork", {{"at", "noon"}, {"seed", 1}}, "/fork/at"},
      {"fork in an unknown cluster",
       "/fork",
       {{"at", "5s"}, {"seed", 1}, {"policies", {{"on", "random"}}}},
       "did you mean 'one'?"},
      {"fork from an unknown policy",
       "/fork",
       {{"at", "5s"}, {"seed", 1}, {"policies", {{"one", "randon"}}}},
       "did you mean 'random'"},
  };
  return cases;
}

TEST(Experiment, PointsAtWhatIsWrong) {
  for (const BadDocument& bad : bad_documents()) {
    json document = small_document();
    if (std::string(bad.pointer) == "/warm_up") document["horizon"] = "2d";
    document[json::json_pointer(bad.pointer)] = bad.value;
    const std::string message = error_of(document);
    EXPECT_THAT(message, HasSubstr(bad.message)) << bad.name;
    EXPECT_THAT(message, HasSubstr("e.json:")) << bad.name << ": the line is missing";
  }
}

TEST(Experiment, ForksBeforeItsEndAndMeasuresFromThere) {
  json document = small_document();
  document["horizon"] = "1m";
  document["fork"] = {{"at", "1m"}, {"seed", 1}};
  EXPECT_THAT(error_of(document), HasSubstr("/fork/at: the run is over by then"));
  document["fork"]["at"] = "5s";
  document["warm_up"] = "mser-5";
  EXPECT_THAT(error_of(document), HasSubstr("/warm_up: a fork is measured from its beginning on"));
  document["warm_up"] = "55s";
  EXPECT_THAT(error_of(document), HasSubstr("the warm-up is as long as the horizon"));
  document["warm_up"] = "50s";
  EXPECT_EQ(error_of(document), "loaded");
}

TEST(Experiment, ForksIntoOtherFuturesOfSeveralWorkloadsToo) {
  json document = small_document();
  document["workloads"].push_back(document["workloads"][0]);
  document["fork"] = {{"at", "5s"}, {"seed", 1}};
  const auto experiment = load(document).value();
  const auto run = [&](std::uint64_t seed) {
    return simulate_runs_of(experiment)({.variant = 0, .seed = seed}, {}).value().fingerprint;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

TEST(Experiment, NeedsWhatItCannotDoWithout) {
  for (const char* member : {"orrery", "name", "clusters", "workloads"}) {
    json document = small_document();
    document.erase(member);
    EXPECT_THAT(error_of(document), HasSubstr(member));
  }
}

TEST(Experiment, RefusesARunWithoutEnd) {
  json document = small_document();
  document["workloads"][0]["synthetic"]["classes"][0]["duration"] = "never";
  EXPECT_EQ(error_of(document), "loaded");
  document["clusters"][0]["failures"] = {{"node", {{"uptime", "1d"}, {"repair", "1h"}}}};
  EXPECT_THAT(error_of(document), HasSubstr("the run would never end"));
  document["horizon"] = "1d";
  EXPECT_EQ(error_of(document), "loaded");
}

TEST(Experiment, PointsIntoTheVariantThatIsWrong) {
  json document = small_document();
  document["variants"] = {{{"name", "a"}, {"set", {{"/clusters/0/scheduler/policy", "fgdd"}}}}};
  const std::string message = error_of(document);
  EXPECT_THAT(message, HasSubstr("/variants/0/set/~1clusters~10~1scheduler~1policy"));
  EXPECT_THAT(message, HasSubstr("did you mean 'fgd'?"));
}

TEST(Experiment, SelectsVariantsByPattern) {
  json document = small_document();
  document["matrix"]["axes"]["policy"] = {
      {"best-fit", {{"/clusters/0/scheduler/policy", "best-fit"}}},
      {"first-fit", {{"/clusters/0/scheduler/policy", "first-fit"}}},
      {"random", {{"/clusters/0/scheduler/policy", "random"}}}};
  EXPECT_EQ(load(document, {.only = {"*-fit"}}).value().selected_count(), 2U);
  EXPECT_EQ(load(document, {.only = {"*-fit"}}).value().variant_count(), 3U);
  EXPECT_THAT(error_of(document, {.only = {"randon"}}), HasSubstr("did you mean 'random'?"));
}

TEST(Experiment, LeavesOutVariantsWithoutFilesOnlyWhenToldTo) {
  json document = small_document();
  document["variants"] = {
      {{"name", "there"}},
      {{"name", "absent"}, {"set", {{"/workloads/0", {{"openb", {{"pods", "no/x.csv"}}}}}}}}};
  EXPECT_THAT(error_of(document), HasSubstr("this trace file is not there"));
  document["leave_out_missing"] = true;
  const auto experiment = load(document).value();
  EXPECT_EQ(experiment.selected_count(), 1U);
  ASSERT_EQ(experiment.notices().size(), 1U);
  EXPECT_THAT(experiment.notices()[0], HasSubstr("no/x.csv"));
  EXPECT_THAT(error_of(document, {.only = {"absent"}}), HasSubstr("this trace file is not there"));
}

TEST(Library, HoldsDocumentsThatLoad) {
  for (const LibraryEntry& entry : library()) {
    const auto experiment = Experiment::load(std::string(entry.name));
    if (experiment) {
      EXPECT_EQ(experiment->name(), entry.name);
      EXPECT_GT(experiment->runs().size(), 0U);
    } else {  // real traces may be absent, nothing else may be wrong
      EXPECT_THAT(to_string(experiment.error()), HasSubstr("this trace file is not there"));
    }
  }
  EXPECT_TRUE(Experiment::load("quickstart").has_value());
  EXPECT_THAT(to_string(Experiment::load("quickstrt").error()),
              HasSubstr("did you mean 'quickstart'?"));
}

TEST(Library, NamesTheStudysSeventeenListsSixMoreAndSixPolicies) {
  const json document = json::parse(find_in_library("openb-study")->text);
  EXPECT_EQ(document["matrix"]["axes"]["pods"].size(), 17U + 6U);
  EXPECT_EQ(document["matrix"]["axes"]["policy"].size(), 6U);
}

}  // namespace
}  // namespace orrery::experiments
