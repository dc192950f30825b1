// The same objects as somebody applies them and as a real API server gave them back
// (shop/record.py): what we make of the first must be what the server made of them.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "orrery/traces/kubernetes/expansion.hpp"
#include "orrery/traces/kubernetes/manifests.hpp"

namespace orrery::traces::kubernetes {
namespace {

constexpr std::int64_t kMi = std::int64_t{1} << 20;

std::string folder(const std::string& name) {
  return std::string(ORRERY_SOURCE_DIR "/tests/traces/kubernetes/shop/") + name;
}

Manifests read(const std::string& name) {
  auto manifests = read_manifests(folder(name));
  EXPECT_TRUE(manifests) << to_string(manifests.error());
  return manifests ? std::move(*manifests) : Manifests{};
}

const PodObject& pod_of(const std::vector<PodObject>& pods, const std::string& owner) {
  const auto found = std::find_if(pods.begin(), pods.end(), [&](const PodObject& pod) {
    return pod.pod.placement.owner == owner;
  });
  EXPECT_NE(found, pods.end()) << owner;
  return *found;
}

/// Without what only exists once controllers have made the pod: labels that they and the binding
/// add, and selectors of them.
PodTemplate without_hash(PodTemplate placement) {
  const auto is_added = [](const std::string& key) {
    return key == "pod-template-hash" || key == "controller-revision-hash" ||
           key == "topology.kubernetes.io/zone" || key.starts_with("apps.kubernetes.io/") ||
           key.starts_with("statefulset.kubernetes.io/");
  };
  const auto clean = [&](LabelSelector& selector) {
    std::erase_if(selector.requirements, [&](const auto& one) { return is_added(one.key); });
  };
  std::erase_if(placement.labels, [&](const auto& label) { return is_added(label.first); });
  clean(placement.default_spread_selector);
  for (auto& one : placement.pod_anti_affinity.required) clean(one.selector);
  for (auto& one : placement.topology_spread) clean(one.selector);
  return placement;
}

TEST(Shop, ReadsTheNodesOfARealServer) {
  const Manifests shop = read("recorded");
  ASSERT_EQ(shop.nodes.size(), 3U);
  const NodeObject& first = shop.nodes[0];
  EXPECT_EQ(first.node.name, "node-0");
  EXPECT_EQ(first.node.cpu, MilliCpu{7910});
  EXPECT_EQ(first.node.memory, Bytes{32768 * kMi});
  EXPECT_EQ(first.node.ephemeral_storage, Bytes{102400 * kMi});
  EXPECT_EQ(first.node.pods, 110);
  EXPECT_EQ(first.node.gpus, 0);
  EXPECT_EQ(first.node.zone, "zone-0");
  EXPECT_EQ(first.node.labels.at("disk"), "ssd");
  EXPECT_TRUE(first.is_ready);
  ASSERT_EQ(first.node.images.size(), 2U);
  EXPECT_EQ(first.node.images[1], (NodeImage{"registry.example/web:2.4", Bytes{210'000'000}}));
  const Node& second = shop.nodes[1].node;
  EXPECT_EQ(second.gpus, 4);
  EXPECT_EQ(second.gpu_model, "NVIDIA-L4");
  EXPECT_EQ(second.extended.at("example.com/fpga"), 1);
  ASSERT_EQ(second.taints.size(), 1U);
  EXPECT_EQ(second.taints[0], (Taint{"gpu", "l4", TaintEffect::PreferNoSchedule}));
}

TEST(Shop, MakesOfATemplateWhatTheServerMade) {
  const auto applied = pods_at_start(read("applied"));
  const Manifests recorded = read("recorded");
  for (const std::string owner : {"web", "store"}) {
    SCOPED_TRACE(owner);
    const PodBlueprint ours = pod_of(applied, owner).pod;
    const PodBlueprint theirs = pod_of(recorded.pods, owner).pod;
    EXPECT_EQ(ours.cpu, theirs.cpu);
    EXPECT_EQ(ours.memory, theirs.memory);
    EXPECT_EQ(ours.spec, theirs.spec);
    EXPECT_EQ(without_hash(ours.placement), without_hash(theirs.placement));
  }
}

TEST(Shop, KnowsThePodsThatThereAre) {
  const Manifests shop = read("recorded");
  const auto pods = pods_at_start(shop);
  EXPECT_EQ(shop.pods.size(), 11U);
  EXPECT_EQ(pods.size(), 6U) << "five of the job have succeeded; no controller lacks any";
  const PodObject& gated = pods.front();
  EXPECT_EQ(gated.name, (ObjectName{"default", "gated"}));
  EXPECT_TRUE(gated.is_gated);
  EXPECT_EQ(gated.node, "");
  const PodObject& web = pod_of(pods, "web");
  EXPECT_EQ(web.controller.kind, "ReplicaSet");
  EXPECT_TRUE(web.node.starts_with("node-"));
  EXPECT_EQ(web.phase, PodPhase::Running);
  EXPECT_TRUE(shop.jobs.front().is_finished);
}

TEST(Shop, AddsUpRequestsAsTheSchedulerDoes) {
  const auto pods = pods_at_start(read("applied"));
  const PodBlueprint& web = pod_of(pods, "web").pod;
  // The init container with 1 CPU runs before the sidecar; 250m + 100m run together.
  EXPECT_EQ(web.cpu, MilliCpu{1000});
  EXPECT_EQ(web.memory, Bytes{320 * kMi});
  // Scorers count 100m and 200 MiB for the log container, but the init container is still more.
  EXPECT_EQ(web.placement.cpu_unnamed, MilliCpu{0});
  EXPECT_EQ(web.placement.memory_unnamed, Bytes{200 * kMi});
  EXPECT_EQ(web.placement.ephemeral_storage, Bytes{1024 * kMi});
  EXPECT_EQ(web.spec.containers[0].pre_stop_sleep, std::chrono::seconds{5});
  EXPECT_EQ(web.spec.termination_grace, std::chrono::seconds{45});

  const PodBlueprint& report = pod_of(pods, "report").pod;
  EXPECT_EQ(report.placement.gpu.count, 1);
  EXPECT_EQ(report.cpu, MilliCpu{2000});
  EXPECT_EQ(report.spec.run_time, std::chrono::minutes{20});
}

TEST(Shop, ResolvesWhatPodsRefTo) {
  const auto pods = pods_at_start(read("applied"));
  const PodTemplate& web = pod_of(pods, "web").pod.placement;
  EXPECT_EQ(web.priority, 100'000);
  EXPECT_TRUE(web.preempts);
  EXPECT_EQ(pod_of(pods, "store").pod.placement.priority, -10) << "the default class";
  EXPECT_FALSE(pod_of(pods, "store").pod.placement.preempts);
  ASSERT_EQ(web.tolerations.size(), 2U);
  EXPECT_EQ(web.tolerations[0].lasts, std::chrono::seconds{30});
  EXPECT_EQ(web.tolerations[1].key, "node.kubernetes.io/not-ready");
  EXPECT_EQ(web.tolerations[1].lasts, std::chrono::seconds{300});
  EXPECT_EQ(web.pod_anti_affinity.preferred[0].term.namespaces, std::vector<std::string>{"shop"});
  EXPECT_EQ(web.pod_anti_affinity.required[0].namespaces, std::vector<std::string>{"shop"});
  EXPECT_TRUE(web.default_spread_selector.matches({{"app", "web"}}));
  EXPECT_FALSE(web.default_spread_selector.matches({{"app", "store"}}));
  EXPECT_EQ(web.images,
            (std::vector<std::string>{"registry.example/migrate:7", "registry.example/proxy:latest",
                                      "registry.example/web:2.4", "registry.example/log:latest"}));
  ASSERT_EQ(web.host_ports.size(), 1U);
  EXPECT_EQ(web.host_ports[0].port, 15'000);
}

TEST(Shop, KeepsWhatControllersNeed) {
  const Manifests shop = read("applied");
  const Deployment& web = shop.deployments.at(0);
  EXPECT_EQ(web.surge_max, (IntOrPercent{1, false}));
  EXPECT_EQ(web.unavailable_max, (IntOrPercent{0, false}));
  EXPECT_EQ(web.progress_deadline, std::chrono::seconds{600});
  EXPECT_EQ(shop.budgets.at(0).available_min, (IntOrPercent{50, true}));
  EXPECT_EQ(shop.budgets.at(0).available_min->rounded_up(3), 2);
  EXPECT_EQ(shop.autoscalers.at(0).target, (ControllerReference{"Deployment", "web"}));
  EXPECT_NE(shop.autoscalers.at(0).spec.find("\"averageUtilization\":70"), std::string::npos);
  EXPECT_EQ(shop.jobs.at(0).completions, 5);
  EXPECT_TRUE(shop.jobs.at(0).is_indexed);
  EXPECT_TRUE(shop.stateful_sets.at(0).is_parallel);
  EXPECT_EQ(shop.priority_classes.at(1).value, -10);
}

}  // namespace
}  // namespace orrery::traces::kubernetes
