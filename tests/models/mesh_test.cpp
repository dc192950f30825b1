#include "orrery/models/mesh.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace orrery {
namespace {

using namespace literals;
using nlohmann::json;

Mesh three_clusters() {
  const auto mesh = read_mesh(json::parse(R"({
    "clusters": [{"name": "berlin", "region": "eu"}, {"name": "paris", "region": "eu"},
                 {"name": "ohio", "region": "us"}],
    "default": {"latency": "8ms", "bandwidth": "10Gbit/s"},
    "links": [{"from": "paris", "to": "ohio", "latency": "30ms", "one_way": true},
              {"from": "eu", "to": "us", "latency": "40ms", "bandwidth": "1GB/s"}]})"),
                              {});
  EXPECT_TRUE(mesh) << to_string(mesh.error());
  return mesh.value_or(Mesh{});
}

TEST(Mesh, LinksOfClustersOverrideThoseOfRegionsAndTheDefault) {
  const Mesh mesh = three_clusters();
  const ClusterId berlin = mesh.find_cluster("berlin");
  const ClusterId paris = mesh.find_cluster("paris");
  const ClusterId ohio = mesh.find_cluster("ohio");
  EXPECT_EQ(mesh.latency({.from = berlin, .to = paris}), 8ms);
  EXPECT_EQ(mesh.latency({.from = berlin, .to = ohio}), 40ms);
  EXPECT_EQ(mesh.latency({.from = paris, .to = ohio}), 30ms);
  EXPECT_EQ(mesh.latency({.from = ohio, .to = paris}), 40ms);
  EXPECT_EQ(mesh.latency({.from = ohio, .to = ohio}), 0ms);
  EXPECT_EQ(mesh.latency_min(), 8ms);
  EXPECT_EQ(mesh.region_name(mesh.cluster(ohio).region), "us");
}

TEST(Mesh, TransfersTakeLatencyAndTheTimeOfTheBytes) {
  const Mesh mesh = three_clusters();
  const Route route{.from = mesh.find_cluster("berlin"), .to = mesh.find_cluster("ohio")};
  EXPECT_EQ(mesh.transfer_time(route, Bytes{2'000'000'000}), 2s + 40ms);
  EXPECT_EQ(mesh.transfer_time(route, Bytes{0}), 40ms);
  EXPECT_EQ((Link{.latency = 1ms, .bytes_per_second = 3}.transfer_time(Bytes{1})),
            1ms + 333'333'334ns);
  EXPECT_EQ((Link{.latency = 1ms, .bytes_per_second = 1}.transfer_time(Bytes{INT64_MAX})),
            Duration::max());
  EXPECT_EQ(mesh.transfer_time({.from = route.from, .to = route.from}, 1_GiB), 0ns);
}

TEST(Mesh, OneClusterHasNoLatency) {
  const auto mesh = read_mesh(json::parse(R"({"clusters": [{"name": "only"}]})"), {});
  ASSERT_TRUE(mesh);
  EXPECT_EQ(mesh->latency_min(), Duration::max());
}

TEST(Mesh, NamesThePlaceOfEachMistake) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"clusters": []})", "/clusters"},
      {R"({"clusters": [{"name": "a"}, {"name": "a"}]})", "/clusters/1/name"},
      {R"({"clusters": [{"name": "a"}, {"name": "b"}]})", ""},
      {R"({"clusters": [{"name": ""}]})", "/clusters/0/name"},
      {R"({"clusters": [{"name": "a"}, {"name": "b"}], "default": {"latency": "0s"}})",
       "/default/latency"},
      {R"({"clusters": [{"name": "a"}, {"name": "b"}], "default": {"latency": "1ms"},
           "links": [{"from": "a", "to": "c", "latency": "1ms"}]})",
       "/links/0/to"},
      {R"({"clusters": [{"name": "a"}, {"name": "b"}], "default": {"latency": "1ms"},
           "links": [{"from": "a", "to": "a", "latency": "1ms"}]})",
       "/links/0"},
      {R"({"clusters": [{"name": "a"}, {"name": "b"}],
           "links": [{"from": "a", "to": "b", "latency": "1ms", "bandwidth": "0B/s"}]})",
       "/links/0/bandwidth"}};
  for (const auto& [text, pointer] : cases) {
    SCOPED_TRACE(text);
    const auto mesh = read_mesh(json::parse(text), {});
    ASSERT_FALSE(mesh);
    EXPECT_EQ(mesh.error().at.pointer, pointer) << to_string(mesh.error());
  }
}

}  // namespace
}  // namespace orrery
