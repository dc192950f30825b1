#include "orrery/policies/placement/kube_default/node_index.hpp"

#include <algorithm>
#include <utility>

namespace orrery::policies::kube {
namespace {

constexpr std::int64_t kUnnamedCpu = 100;
constexpr std::int64_t kUnnamedMemory = 200LL << 20;

std::string label_or_empty(const Node& node, const char* key) {
  const auto found = node.labels.find(key);
  return found == node.labels.end() ? "" : found->second;
}

/// Region and zone (k8s.io/component-helpers node/topology/helpers.go).
std::string zone_key(const Node& node) {
  const std::string zone = label_or_empty(node, "topology.kubernetes.io/zone");
  return label_or_empty(node, "topology.kubernetes.io/region") + '\0' +
         (zone.empty() ? node.zone : zone);
}

}  // namespace

NonZeroRequest NonZeroRequest::of(const Pod& pod, const PodTemplate& spec) {
  NonZeroRequest request{.cpu = (pod.cpu + spec.cpu_unnamed).count(),
                         .memory = (pod.memory + spec.memory_unnamed).count()};
  if (request.cpu == 0) request.cpu = kUnnamedCpu;
  if (request.memory == 0) request.memory = kUnnamedMemory;
  return request;
}

void NodeIndex::add_node(NodeId node, const Node& info) {
  rows_.emplace_back();
  non_zero_.emplace_back();
  const std::string name = zone_key(info);
  const auto known = std::find_if(zones_.begin(), zones_.end(),
                                  [&](const Zone& zone) { return zone.name == name; });
  if (known == zones_.end()) {
    zones_.push_back({.name = name, .nodes = {node}});
  } else {
    known->nodes.push_back(node);
  }
  hold_images(node, info);
  ++node_count_;
  is_order_old_ = true;
}

void NodeIndex::hold_images(NodeId node, const Node& info) {
  std::vector<std::uint32_t>& held = rows_[node].images;
  for (const NodeImage& one : info.images) {
    const auto [image, is_new] = images_.try_emplace(one.name);
    if (is_new) image->second = {.id = images_seen_++, .size = one.size.count(), .nodes = 0};
    if (std::find(held.begin(), held.end(), image->second.id) != held.end()) continue;
    ++image->second.nodes;
    held.push_back(image->second.id);
  }
  std::sort(held.begin(), held.end());
}

void NodeIndex::remove_node(NodeId node, const Node& info) {
  for (auto zone = zones_.begin(); zone != zones_.end(); ++zone) {
    if (std::erase(zone->nodes, node) == 0) continue;
    if (zone->nodes.empty()) zones_.erase(zone);
    break;
  }
  for (const NodeImage& one : info.images) {
    const auto image = images_.find(one.name);
    if (image == images_.end() || !holds(node, image->second.id)) continue;
    std::erase(rows_[node].images, image->second.id);
    if (--image->second.nodes == 0) images_.erase(image);
  }
  --node_count_;
  is_order_old_ = true;
  rows_[node].is_removed = true;
}

std::span<const NodeId> NodeIndex::order() {
  if (!std::exchange(is_order_old_, false)) return order_;
  order_.clear();
  std::size_t longest = 0;
  for (const Zone& zone : zones_) longest = std::max(longest, zone.nodes.size());
  for (std::size_t turn = 0; turn < longest; ++turn) {
    for (const Zone& zone : zones_) {
      if (turn < zone.nodes.size()) order_.push_back(zone.nodes[turn]);
    }
  }
  return order_;
}

bool NodeIndex::add_pod(NodeId node, PodId pod, const Pod& row, const PodTemplate& spec) {
  std::vector<PodId>& pods = rows_[node].pods;
  if (rows_[node].is_removed || std::find(pods.begin(), pods.end(), pod) != pods.end()) {
    return false;
  }
  pods.push_back(pod);
  const NonZeroRequest request = NonZeroRequest::of(row, spec);
  non_zero_[node].cpu += request.cpu;
  non_zero_[node].memory += request.memory;
  for (const HostPort& port : spec.host_ports) rows_[node].ports.push_back(port);
  return true;
}

bool NodeIndex::remove_pod(NodeId node, PodId pod, const Pod& row, const PodTemplate& spec) {
  std::vector<PodId>& pods = rows_[node].pods;
  const auto found = std::find(pods.begin(), pods.end(), pod);
  if (found == pods.end()) return false;
  pods.erase(found);
  const NonZeroRequest request = NonZeroRequest::of(row, spec);
  non_zero_[node].cpu -= request.cpu;
  non_zero_[node].memory -= request.memory;
  for (const HostPort& port : spec.host_ports) {
    std::vector<HostPort>& ports = rows_[node].ports;
    const auto used = std::find(ports.begin(), ports.end(), port);
    if (used != ports.end()) ports.erase(used);
  }
  return true;
}

std::vector<NodeIndex::HeldImage> NodeIndex::held(const std::vector<std::string>& names) const {
  std::vector<HeldImage> found;
  for (const std::string& name : names) {
    const auto image = images_.find(name);
    if (image == images_.end()) continue;
    const double share =
        static_cast<double>(image->second.nodes) / static_cast<double>(node_count_);
    found.push_back({.id = image->second.id,
                     .scaled_size = static_cast<std::int64_t>(
                         static_cast<double>(image->second.size) * share)});
  }
  return found;
}

bool NodeIndex::holds(NodeId node, std::uint32_t image) const {
  const std::vector<std::uint32_t>& images = rows_[node].images;
  return std::binary_search(images.begin(), images.end(), image);
}

}  // namespace orrery::policies::kube
