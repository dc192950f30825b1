#include "orrery/sim/world/world.hpp"

#include <algorithm>

#include "orrery/models/check.hpp"
#include "orrery/models/stream.hpp"

namespace orrery::sim {

NodeId World::add_node() {
  kubelets_.emplace_back();
  return nodes_.emplace_back();
}

PodId World::add_pod(const WorldPod& work) {
  PodId id;
  if (free_pods_.empty()) {
    id = pods_.push_back(work);
  } else {
    id = free_pods_.back();
    free_pods_.pop_back();
    pods_[id] = work;
  }
  pods_[id].uid = ++last_uid_;
  pods_[id].state = PodState::Waiting;
  ++live_pods_;
  return id;
}

void World::remove_pod(PodId id) {
  ORRERY_CHECK(pods_[id].state != PodState::Gone, "a pod ends once");
  if (pods_[id].node) take_off_node(id);
  pods_[id].state = PodState::Gone;
  pods_[id].uid = 0;
  free_pods_.push_back(id);
  --live_pods_;
}

GangId World::add_gang() {
  if (free_gangs_.empty()) return gangs_.push_back(WorldGang{});
  const GangId id = free_gangs_.back();
  free_gangs_.pop_back();
  gangs_[id] = WorldGang{};
  return id;
}

void World::remove_gang(GangId id) {
  gangs_[id].members.clear();
  free_gangs_.push_back(id);
}

void World::put_on_node(PodId pod, NodeId node) {
  WorldPod& row = pods_[pod];
  ORRERY_CHECK(row.node.is_none(), "a pod is on one node");
  row.node = node;
  nodes_[node].pods.push_back(pod);
}

void World::take_off_node(PodId pod) {
  auto& pods = nodes_[pods_[pod].node].pods;
  *std::find(pods.begin(), pods.end(), pod) = pods.back();
  pods.pop_back();
  pods_[pod].node = NodeId{};
}

std::uint64_t World::fingerprint() const {
  std::uint64_t digest = mix_bits(last_uid_);
  const auto add = [&digest](std::uint64_t value) { digest = mix_bits(digest ^ value); };
  for (const WorldPod& pod : pods_) {
    add(pod.uid);
    add(static_cast<std::uint64_t>(pod.state));
    add(pod.node.index());
    add(static_cast<std::uint64_t>(pod.arrival.time_since_epoch().count()));
  }
  for (const WorldNode& node : nodes_) {
    add(static_cast<std::uint64_t>(node.is_up) * 2 + static_cast<std::uint64_t>(node.looks_ready) +
        (node.is_linked ? 0U : 4U));
  }
  return digest;
}

}  // namespace orrery::sim
