#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/node.hpp"

namespace orrery::policies::kube {

using TopologyKeyId = Id<struct TopologyKeyTag>;

/// Which nodes have the same value of a label: each key that somebody asks for becomes a column of
/// domain numbers, dense from 0.
class Topology {
 public:
  static constexpr std::int32_t kNoDomain = -1;

  /// The number of a key; its column is made the first time it is asked for. O(nodes) then.
  TopologyKeyId key(const std::string& name);
  void add_node(NodeId node, std::shared_ptr<const Node> info);

  /// The node's domain, kNoDomain when it lacks the label.
  [[nodiscard]] std::int32_t domain(TopologyKeyId key, NodeId node) const {
    return columns_[key].domain[node];
  }
  [[nodiscard]] std::size_t domain_count(TopologyKeyId key) const {
    return columns_[key].by_value.size();
  }
  [[nodiscard]] bool is_hostname(TopologyKeyId key) const { return columns_[key].is_hostname; }

 private:
  struct Column {
    std::string name;
    bool is_hostname = false;
    IdVector<NodeId, std::int32_t> domain;
    std::map<std::string, std::int32_t, std::less<>> by_value;
  };
  static void append(Column& column, const Node& node);

  std::map<std::string, TopologyKeyId, std::less<>> keys_;
  IdVector<TopologyKeyId, Column> columns_;
  IdVector<NodeId, std::shared_ptr<const Node>> nodes_;
};

}  // namespace orrery::policies::kube
