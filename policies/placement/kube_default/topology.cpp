#include "orrery/policies/placement/kube_default/topology.hpp"

#include <utility>

#include "orrery/models/check.hpp"

namespace orrery::policies::kube {

TopologyKeyId Topology::key(const std::string& name) {
  const auto known = keys_.find(name);
  if (known != keys_.end()) return known->second;
  const TopologyKeyId id = columns_.push_back({.name = name,
                                               .is_hostname = name == "kubernetes.io/hostname",
                                               .domain = {},
                                               .by_value = {}});
  for (const auto& node : nodes_) append(columns_[id], *node);
  keys_.emplace(name, id);
  return id;
}

void Topology::add_node(NodeId node, std::shared_ptr<const Node> info) {
  ORRERY_CHECK(node.index() == nodes_.size(), "nodes are added in the order of ids");
  for (Column& column : columns_) append(column, *info);
  nodes_.push_back(std::move(info));
}

void Topology::append(Column& column, const Node& node) {
  const auto label = node.labels.find(column.name);
  if (label == node.labels.end()) {
    column.domain.push_back(kNoDomain);
    return;
  }
  const auto next = static_cast<std::int32_t>(column.by_value.size());
  column.domain.push_back(column.by_value.try_emplace(label->second, next).first->second);
}

}  // namespace orrery::policies::kube
