#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/tests/policies/placement/kube_default/situation.hpp"
#include "orrery/tests/support/row_name.hpp"

namespace orrery::policies {
namespace {

using test::ClusterBuilder;
using test::kHost;
using test::kZone;
using test::machine;
using test::NamedCluster;
using test::near;
using test::PodSpec;
using test::Scheduler;
using testing::ElementsAre;
using testing::UnorderedElementsAre;
using namespace orrery::literals;

/// What is said of the node "there" for the pod "web", in the words of kube-scheduler's events.
std::string said(const NamedCluster& cluster) { return Scheduler{cluster}.filter("web", "there"); }

ClusterBuilder one_node(Node node = machine("there", "z")) {
  return ClusterBuilder{}.node("there", std::move(node));
}

TEST(KubeDefaultFilters, NameEveryResourceThatLacks) {
  EXPECT_EQ(said(one_node().pending("web", {.cpu = 9_cpu, .memory = 17_GiB}).build()),
            "Insufficient cpu, Insufficient memory");
  EXPECT_EQ(said(one_node()
                     .running("full", "there", {.cpu = 8_cpu, .ephemeral_storage = 99_GiB})
                     .pending("web", {.ephemeral_storage = 2_GiB})
                     .build()),
            "Insufficient ephemeral-storage");
  EXPECT_EQ(said(one_node().pending("web", {.extended = {{"example.com/dongle", 1}}}).build()),
            "Insufficient example.com/dongle");
}

TEST(KubeDefaultFilters, CountPodsBeforeAnythingElse) {
  Node small = machine("there");
  small.pods = 1;
  EXPECT_EQ(said(one_node(small).running("a", "there", {}).pending("web", {}).build()),
            "Too many pods");
}

TEST(KubeDefaultFilters, LetTolerationsOverrideTaintsAndCordons) {
  Node tainted = machine("there");
  tainted.taints = {{.key = "gpu", .value = "yes", .effect = TaintEffect::NoSchedule}};
  EXPECT_EQ(said(one_node(tainted).pending("web", {}).build()), "node(s) had untolerated taint(s)");
  EXPECT_EQ(said(one_node(tainted)
                     .pending("web", {.tolerations = {{.key = "gpu", .value = "yes"}}})
                     .build()),
            "fits");
  const Toleration all{.op = Toleration::Operator::Exists};
  EXPECT_EQ(said(one_node().cordoned("there").pending("web", {}).build()),
            "node(s) were unschedulable");
  EXPECT_EQ(said(one_node().cordoned("there").pending("web", {.tolerations = {all}}).build()),
            "fits");
}

TEST(KubeDefaultFilters, AskForTheNodesThatAffinityNames) {
  const LabelRequirement other{.key = "metadata.name", .values = {"elsewhere"}, .of_field = true};
  EXPECT_EQ(said(one_node().pending("web", {.affinity = {.required = {{other}}}}).build()),
            "node(s) didn't satisfy plugin(s) [NodeAffinity]");
  const LabelRequirement zone{.key = kZone, .values = {"y"}};
  EXPECT_EQ(said(one_node().pending("web", {.affinity = {.required = {{zone}}}}).build()),
            "node(s) didn't match Pod's node affinity/selector");
}

struct Ports {
  const char* name;
  HostPort used;
  HostPort wanted;
  bool conflict;
};

class HostPorts : public testing::TestWithParam<Ports> {};

TEST_P(HostPorts, ConflictAsOnOneMachine) {
  const auto cluster = one_node()
                           .running("other", "there", {.host_ports = {GetParam().used}})
                           .pending("web", {.host_ports = {GetParam().wanted}})
                           .build();
  EXPECT_EQ(said(cluster), GetParam().conflict
                               ? "node(s) didn't have free ports for the requested pod ports"
                               : "fits");
}

INSTANTIATE_TEST_SUITE_P(Table, HostPorts,
                         testing::Values(Ports{"Same", {.port = 80}, {.port = 80}, true},
                                         Ports{"OtherPort", {.port = 80}, {.port = 81}, false},
                                         Ports{"OtherProtocol",
                                               {.port = 80},
                                               {.protocol = Protocol::UDP, .port = 80},
                                               false},
                                         Ports{"OneAddressEach",
                                               {.address = "10.0.0.1", .port = 80},
                                               {.address = "10.0.0.2", .port = 80},
                                               false},
                                         Ports{"AllAddresses",
                                               {.address = "0.0.0.0", .port = 80},
                                               {.address = "10.0.0.2", .port = 80},
                                               true}),
                         test::RowName{});

ClusterBuilder two_zones() {
  return ClusterBuilder{}
      .node("a1", machine("a1", "a"))
      .node("a2", machine("a2", "a"))
      .node("b1", machine("b1", "b"));
}

const Labels kDb{{"app", "db"}};
const Labels kWeb{{"app", "web"}};

TEST(KubeDefaultFilters, PutAPodWhereItsCompanyIs) {
  const auto cluster = two_zones()
                           .running("db", "a1", {.labels = kDb})
                           .pending("web", {.pod_affinity = {.required = {near(kDb, kZone)}}})
                           .build();
  EXPECT_EQ(Scheduler{cluster}.filter("web", "a2"), "fits");
  EXPECT_EQ(Scheduler{cluster}.filter("web", "b1"), "node(s) didn't match pod affinity rules");
}

TEST(KubeDefaultFilters, LetTheFirstOfASeriesBegin) {
  const PodSpec alike{.labels = kWeb, .pod_affinity = {.required = {near(kWeb, kZone)}}};
  EXPECT_EQ(Scheduler{two_zones().pending("web", alike).build()}.filter("web", "b1"), "fits");
  PodSpec lonely = alike;
  lonely.labels = kDb;  // it does not match its own rule
  EXPECT_EQ(Scheduler{two_zones().pending("web", lonely).build()}.filter("web", "b1"),
            "node(s) didn't match pod affinity rules");
}

TEST(KubeDefaultFilters, KeepApartWhatEitherSideKeepsApart) {
  const PodAffinity apart{.required = {near(kDb, kZone)}};
  const auto asked = two_zones()
                         .running("db", "a1", {.labels = kDb})
                         .pending("web", {.pod_anti_affinity = apart})
                         .build();
  EXPECT_EQ(Scheduler{asked}.filter("web", "a2"), "node(s) didn't match pod anti-affinity rules");
  const auto answered = two_zones()
                            .running("hermit", "a1", {.pod_anti_affinity = apart})
                            .pending("web", {.labels = kDb})
                            .build();
  EXPECT_EQ(Scheduler{answered}.filter("web", "a2"),
            "node(s) didn't satisfy existing pods anti-affinity rules");
  EXPECT_EQ(Scheduler{answered}.filter("web", "b1"), "fits");
}

TEST(KubeDefaultFilters, MeanTheNamespacesThatATermNames) {
  PodAffinityTerm blue = near(kDb, kZone);
  blue.namespaces = {"blue"};
  const auto cluster = two_zones()
                           .running("here", "a1", {.labels = kDb})
                           .running("there", "b1", {.labels = kDb, .name_space = "blue"})
                           .pending("web", {.pod_anti_affinity = {.required = {blue}}})
                           .build();
  EXPECT_EQ(Scheduler{cluster}.filter("web", "a1"), "fits");
  EXPECT_EQ(Scheduler{cluster}.filter("web", "b1"), "node(s) didn't match pod anti-affinity rules");
}

TopologySpreadConstraint spread_over(const std::string& key) {
  return {.topology_key = key, .selector = LabelSelector::all_of(kWeb)};
}

TEST(KubeDefaultFilters, SpreadOverDomains) {
  const auto cluster =
      two_zones()
          .node("nowhere", machine("nowhere"))
          .running("first", "a1", {.labels = kWeb})
          .pending("web", {.labels = kWeb, .topology_spread = {spread_over(kZone)}})
          .build();
  Scheduler scheduler{cluster};
  EXPECT_EQ(scheduler.filter("web", "a2"), "node(s) didn't match pod topology spread constraints");
  EXPECT_EQ(scheduler.filter("web", "b1"), "fits");
  EXPECT_EQ(scheduler.filter("web", "nowhere"),
            "node(s) didn't match pod topology spread constraints (missing required label)");
}

TEST(KubeDefaultFilters, CountNoTerminatingPodsWhenSpreading) {
  NamedCluster cluster =
      two_zones()
          .running("first", "a1", {.labels = kWeb})
          .pending("web", {.labels = kWeb, .topology_spread = {spread_over(kZone)}})
          .build();
  cluster.state.apply(change::PodTerminating{.id = cluster.pod("first")});
  EXPECT_EQ(Scheduler{cluster}.filter("web", "a2"), "fits");
}

TEST(KubeDefaultFilters, TreatTooFewDomainsAsIfOneWereEmpty) {
  TopologySpreadConstraint three = spread_over(kZone);
  three.min_domains = 3;
  const auto cluster = two_zones()
                           .running("first", "a1", {.labels = kWeb})
                           .running("second", "b1", {.labels = kWeb})
                           .pending("web", {.labels = kWeb, .topology_spread = {three}})
                           .build();
  EXPECT_EQ(Scheduler{cluster}.filter("web", "b1"),
            "node(s) didn't match pod topology spread constraints");
}

TEST(KubeDefaultFilters, LeaveNodesThatThePodCannotUseOutOfTheSpread) {
  TopologySpreadConstraint all = spread_over(kZone);
  const PodSpec picky{.labels = kWeb, .node_selector = {{"disk", "ssd"}}, .topology_spread = {all}};
  const auto make = [&](const PodSpec& pod) {
    return ClusterBuilder{}
        .node("a1", machine("a1", "a", {{"disk", "ssd"}}))
        .node("b1", machine("b1", "b", {{"disk", "hdd"}}))
        .running("first", "a1", {.labels = kWeb})
        .pending("web", pod)
        .build();
  };
  EXPECT_EQ(Scheduler{make(picky)}.filter("web", "a1"), "fits");  // zone b does not count
  PodSpec strict = picky;
  strict.topology_spread[0].honors_affinity = false;
  EXPECT_EQ(Scheduler{make(strict)}.filter("web", "a1"),
            "node(s) didn't match pod topology spread constraints");
}

TEST(KubeDefaultFilters, YieldToNominatedPodsOfEqualOrHigherPriority) {
  NamedCluster cluster = one_node()
                             .pending("nominated", {.cpu = 6_cpu, .priority = 5})
                             .pending("web", {.cpu = 4_cpu, .priority = 5})
                             .pending("urgent", {.cpu = 4_cpu, .priority = 6})
                             .build();
  cluster.state.apply(
      change::PodNominated{.id = cluster.pod("nominated"), .node = cluster.node("there")});
  EXPECT_EQ(Scheduler{cluster}.filter("web", "there"), "Insufficient cpu");
  EXPECT_EQ(Scheduler{cluster}.filter("urgent", "there"), "fits");
  EXPECT_EQ(Scheduler{cluster}.filter("nominated", "there"), "fits");
}

TEST(KubeDefaultFilters, CountNominatedPodsIntoTheSpread) {
  const PodSpec web{.labels = kWeb, .topology_spread = {spread_over(kZone)}};
  NamedCluster cluster = two_zones()
                             .running("one", "a1", {.labels = kWeb})
                             .running("two", "b1", {.labels = kWeb})
                             .running("three", "b1", {.labels = kWeb})
                             .pending("nominated", web)
                             .pending("web", web)
                             .build();
  cluster.state.apply(
      change::PodNominated{.id = cluster.pod("nominated"), .node = cluster.node("a1")});
  // Two in each zone, the nominated pod included: a third is one more than in the emptiest.
  EXPECT_EQ(Scheduler{cluster}.filter("web", "a1"), "fits");
  cluster.state.apply(change::PodEnded{.id = cluster.pod("three")});
  EXPECT_EQ(Scheduler{cluster}.filter("web", "a1"),
            "node(s) didn't match pod topology spread constraints");
}

TEST(KubeDefaultSearch, LooksAtZonesInTurnAndGoesOnWhereItStopped) {
  ClusterBuilder builder;
  for (int i = 0; i < 200; ++i) {
    const std::string name = "n" + std::to_string(i);
    builder.node(name, machine(name, i < 150 ? "a" : "b"));
  }
  for (int i = 0; i < 3; ++i) builder.pending("p" + std::to_string(i), {.cpu = 1_cpu});
  const NamedCluster cluster = builder.build();
  kube::KubeSchedulerProfile profile;
  profile.percentage_of_nodes_to_score = 1;  // 100 at least
  Scheduler scheduler{cluster, profile};
  const auto found = [&](const std::string& pod) {
    std::vector<std::size_t> nodes;
    const auto why = scheduler.policy().explain(scheduler.view(), cluster.pod(pod));
    for (const auto& row : why.rows) {
      if (!row.scores.empty()) nodes.push_back(row.node.index());
    }
    return nodes;
  };
  // Zones a and b take turns for 50 nodes each.
  const std::vector<std::size_t> first = found("p0");
  ASSERT_EQ(first.size(), 100U);
  EXPECT_EQ(first[49], 49U);
  EXPECT_EQ(first[50], 150U);
  scheduler.policy().place(scheduler.view(), cluster.pod("p0"));
  // What is left of zone a.
  const std::vector<std::size_t> second = found("p1");
  ASSERT_EQ(second.size(), 100U);
  EXPECT_EQ(second.front(), 50U);
  EXPECT_EQ(second.back(), 149U);
}

TEST(KubeDefaultSearch, TakesTheNominatedNodeIfItFits) {
  NamedCluster cluster =
      two_zones().running("busy", "a2", {.cpu = 7_cpu}).pending("web", {.cpu = 1_cpu}).build();
  EXPECT_THAT(Scheduler{cluster}.best("web"), UnorderedElementsAre("a1", "b1"));
  cluster.state.apply(change::PodNominated{.id = cluster.pod("web"), .node = cluster.node("a2")});
  EXPECT_THAT(Scheduler{cluster}.best("web"), ElementsAre("a2"));
}

}  // namespace
}  // namespace orrery::policies
