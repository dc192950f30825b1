#include "orrery/policies/plugin.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/tests/support/cluster_builder.hpp"

namespace orrery::policies {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using namespace orrery::literals;

std::filesystem::path plugin(const std::string& name) {
  return std::filesystem::path{ORRERY_PLUGIN_DIR} / (name + ".so");
}

std::string error_of(const std::filesystem::path& library) {
  PolicyRegistry registry = with_builtin_policies();
  const Result<void> loaded =
      load_policies(registry, library, {.file = "run.json", .pointer = "/plugins/0"});
  return loaded ? "" : to_string(loaded.error());
}

test::NamedCluster some_cluster() {
  return test::ClusterBuilder{}
      .node("busy", {.cpu = 64_cpu, .memory = 64_GiB})
      .node("quiet", {.cpu = 64_cpu, .memory = 64_GiB})
      .running("one", "busy", {.cpu = 1_cpu})
      .pending("web", {.cpu = 1_cpu})
      .build();
}

TEST(Plugin, AddsAPolicyThatAnExperimentCanName) {
  PolicyRegistry registry = with_builtin_policies();
  ASSERT_TRUE(load_policies(registry, plugin("quietest_node"), {}));
  const auto policy =
      make_placement(json{{"name", "quietest-node"}, {"pods_max", 1}}, {}, {.registry = registry});
  ASSERT_TRUE(policy) << to_string(policy.error());
  const test::NamedCluster cluster = some_cluster();
  const Placement placement =
      (*policy)->place({.state = cluster.state, .now = kTimeZero}, cluster.pod("web"));
  EXPECT_EQ(placement.node, cluster.node("quiet"));
}

TEST(Plugin, AddsAScorerThatFilterScoreComposes) {
  PolicyRegistry registry = with_builtin_policies();
  ASSERT_TRUE(load_policies(registry, plugin("quietest_node"), {}));
  const auto policy =
      make_placement(json::parse(R"({"name": "filter-score", "scorers": ["few-pods"]})"), {},
                     {.registry = registry});
  ASSERT_TRUE(policy) << to_string(policy.error());
  const test::NamedCluster cluster = some_cluster();
  const ClusterView view{.state = cluster.state, .now = kTimeZero};
  introduce(**policy, view);
  EXPECT_EQ((*policy)->place(view, cluster.pod("web")).node, cluster.node("quiet"));
}

TEST(Plugin, ChecksTheParametersOfItsPolicies) {
  PolicyRegistry registry = with_builtin_policies();
  ASSERT_TRUE(load_policies(registry, plugin("quietest_node"), {}));
  const auto valid =
      validate_placement(json{{"name", "quietest-node"}, {"pods_max", 0}}, {}, registry);
  ASSERT_FALSE(valid);
  EXPECT_EQ(valid.error().at.pointer, "/pods_max");
}

TEST(Plugin, StaysLoadedAsLongAsACopyOfTheRegistry) {
  PolicyRegistry copy;
  {
    PolicyRegistry registry;
    ASSERT_TRUE(load_policies(registry, plugin("quietest_node"), {}));
    copy = registry;
  }
  EXPECT_TRUE(make_placement("quietest-node", {}, {.registry = copy}));
}

TEST(Plugin, SaysWhyALibraryCannotBeLoaded) {
  EXPECT_THAT(error_of("/no/such/library.so"),
              HasSubstr("run.json: /plugins/0: cannot load policies: there is no such file: found "
                        "'/no/such/library.so'"));
  EXPECT_THAT(error_of(std::filesystem::path{ORRERY_SOURCE_DIR} / "LICENSE"),
              HasSubstr("is it a shared library of this machine?"));
  EXPECT_THAT(error_of(plugin("no_plugin")), HasSubstr("the library registers no policies"));
  EXPECT_THAT(error_of(plugin("other_version")),
              HasSubstr("it was built for 'orrery 0.0.1, some compiler', this is 'orrery " +
                        std::string{ORRERY_PROJECT_VERSION} + ", "));
}

TEST(Plugin, LeavesTheRegistryAloneWhenANameIsTaken) {
  PolicyRegistry registry;
  ASSERT_TRUE(load_policies(registry, plugin("quietest_node"), {}));
  const Result<void> again = load_policies(registry, plugin("quietest_node"), {});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("'quietest-node' is registered twice"));
  EXPECT_EQ(registry.list().size(), 2U);
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Plugin, IsTheExampleOfTheGuide) {
  const std::filesystem::path source{ORRERY_SOURCE_DIR};
  const std::string example = text_of(source / "tests/policies/plugin/quietest_node.cpp");
  ASSERT_FALSE(example.empty());
  EXPECT_THAT(text_of(source / "docs/writing-a-policy.md"),
              HasSubstr("```cpp\n" + example + "```\n"));
}

}  // namespace
}  // namespace orrery::policies
