#include "orrery/traces/kubernetes/manifests.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "orrery/tests/support/scratch_path.hpp"

namespace orrery::traces::kubernetes {
namespace {

namespace fs = std::filesystem;
const fs::path kFolder = ORRERY_SOURCE_DIR "/tests/traces/kubernetes";

std::string content(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<Manifests> read(const std::string& text, OnUnknownKind on_unknown = OnUnknownKind::Fail) {
  auto file = DocumentFile::parse(text, "t.yaml");
  if (!file) return failure(file.error());
  std::vector<DocumentFile> files;
  files.push_back(std::move(*file));
  return read_manifests(std::move(files), on_unknown);
}

/// What is said about every file of bad/, in the order of their names; ORRERY_UPDATE_GOLDEN=1
/// writes bad.golden anew.
TEST(Manifests, SayWhatIsWrongAndWhere) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kFolder / "bad")) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::string said;
  for (const fs::path& path : paths) {
    auto file = DocumentFile::parse(content(path), path.filename().string());
    ASSERT_TRUE(file) << path << to_string(file.error());
    std::vector<DocumentFile> files;
    files.push_back(std::move(*file));
    const auto manifests = read_manifests(std::move(files));
    said +=
        manifests ? path.filename().string() + " is taken\n" : to_string(manifests.error()) + "\n";
  }
  const fs::path golden = kFolder / "bad.golden";
  if (std::getenv("ORRERY_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << said;
  EXPECT_EQ(said, content(golden));
}

TEST(Manifests, CountWhatIsNotSimulatedWhenAsked) {
  const std::string text =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n"
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap}\n"
      "- {apiVersion: apps/v1, kind: DaemonSet}\n";
  const auto manifests = read(text, OnUnknownKind::Count);
  ASSERT_TRUE(manifests) << to_string(manifests.error());
  EXPECT_EQ(manifests->ignored,
            (std::map<std::string, std::uint64_t>{{"apps/v1 DaemonSet", 1}, {"v1 ConfigMap", 2}}));
}

TEST(Manifests, TakeAListOfOneKindWhoseItemsDoNotRepeatIt) {
  const auto manifests = read(
      "{\"apiVersion\": \"v1\", \"kind\": \"NodeList\", \"items\": [{\"metadata\": {\"name\": "
      "\"n\","
      " \"creationTimestamp\": null}, \"status\": {\"capacity\": {\"cpu\": \"2\"}, \"new\": 1}}]}");
  ASSERT_TRUE(manifests) << to_string(manifests.error());
  ASSERT_EQ(manifests->nodes.size(), 1U);
  EXPECT_EQ(manifests->nodes[0].node.pods, kPodsPerNodeDefault);
}

TEST(Manifests, KnowWhenANodeIsNotReadyOrCordoned) {
  const auto manifests = read(
      "apiVersion: v1\nkind: Node\nmetadata: {name: a}\nspec: {unschedulable: true}\n"
      "status:\n  allocatable: {cpu: 1}\n  capacity: {cpu: 2}\n"
      "  conditions: [{type: Ready, status: Unknown}]\n");
  ASSERT_TRUE(manifests) << to_string(manifests.error());
  EXPECT_EQ(manifests->nodes[0].node.cpu, MilliCpu{1000});
  EXPECT_FALSE(manifests->nodes[0].is_ready);
  EXPECT_TRUE(manifests->nodes[0].is_cordoned);
}

TEST(Manifests, ReadAFolderInTheOrderOfNames) {
  const fs::path folder = test::scratch_path("manifests");
  fs::create_directories(folder / "b");
  const auto node = [](const std::string& name) {
    return "apiVersion: v1\nkind: Node\nmetadata: {name: " + name +
           "}\nstatus: {capacity: {cpu: 1}}\n";
  };
  std::ofstream(folder / "c.yml") << node("third");
  std::ofstream(folder / "b" / "x.yaml") << node("second");
  std::ofstream(folder / "a.yaml") << node("first");
  std::ofstream(folder / "README.md") << "no manifest";
  const auto manifests = read_manifests(folder.string());
  ASSERT_TRUE(manifests) << to_string(manifests.error());
  std::vector<std::string> names;
  for (const NodeObject& one : manifests->nodes) names.push_back(one.node.name);
  EXPECT_EQ(names, (std::vector<std::string>{"first", "second", "third"}));
}

TEST(Manifests, SayWhenThereAreNone) {
  const fs::path folder = test::scratch_path("empty");
  fs::create_directories(folder);
  const auto none = read_manifests(folder.string());
  ASSERT_FALSE(none);
  EXPECT_EQ(to_string(none.error()), folder.string() +
                                         ": there are no manifests: expected files "
                                         "*.yaml, *.yml or *.json");
  EXPECT_FALSE(read_manifests((folder / "absent").string()));
}

}  // namespace
}  // namespace orrery::traces::kubernetes
