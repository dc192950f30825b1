#include "orrery/experiments/setup/nodes_section.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/setup/readers.hpp"
#include "orrery/models/gpu.hpp"
#include "orrery/models/json_fields.hpp"
#include "orrery/models/power.hpp"
#include "orrery/models/price.hpp"
#include "orrery/traces/openb.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;

/// What the members of a group say, before its nodes are made.
struct Group {
  Node node;  ///< name with "{}" for the node's number
  std::int64_t count = 1;
  std::vector<std::string> zones;
  std::int64_t rack_size = 0;  ///< 0: no racks
  std::string openb;           ///< a node list instead of `node` and `count`
  PowerModel power;
  PriceModel price;
};

Result<std::int32_t> read_pods(const json& value, const Location& at) {
  return read_between(value, at, 1, 1'000'000).map([](std::int64_t pods) {
    return static_cast<std::int32_t>(pods);
  });
}

Result<std::int32_t> read_gpus(const json& value, const Location& at) {
  return read_between(value, at, 0, kGpusPerNodeMax).map([](std::int64_t gpus) {
    return static_cast<std::int32_t>(gpus);
  });
}

Result<std::int64_t> read_node_count(const json& value, const Location& at) {
  return read_between(value, at, 1, 10'000'000);
}

Result<Group> read_group(const json& value, const Location& at) {
  Group group;
  JsonFields fields(value, at);
  if (fields.has("openb")) {
    fields.required("openb", group.openb, read_string);
  } else {
    fields.required("name", group.node.name, read_string);
    fields.optional("count", group.count, read_node_count);
    fields.required("cpu", group.node.cpu, read_cpu);
    fields.required("memory", group.node.memory, read_bytes);
    fields.optional("ephemeral_storage", group.node.ephemeral_storage, read_bytes);
    fields.optional("pods", group.node.pods, read_pods);
    fields.optional("gpus", group.node.gpus, read_gpus);
    fields.optional("gpu_model", group.node.gpu_model, read_string);
    fields.optional("extended", group.node.extended, read_extended);
    fields.optional("labels", group.node.labels, read_labels);
    fields.optional("taints", group.node.taints, read_taints);
    fields.optional("zones", group.zones, read_strings);
    fields.optional("rack_size", group.rack_size, read_node_count);
  }
  fields.optional("power", group.power, read_power_model);
  fields.optional("price", group.price, read_price_model);
  if (fields.ok() && group.node.gpus > 0 && group.node.gpu_model.empty()) {
    group.node.gpu_model = "GPU";
  }
  return fields.finish(std::move(group));
}

std::string numbered(const std::string& name, std::int64_t number, std::int64_t count) {
  const std::size_t place = name.find("{}");
  if (place != std::string::npos) {
    return name.substr(0, place) + std::to_string(number) + name.substr(place + 2);
  }
  return count == 1 ? name : fmt::format("{}-{}", name, number);
}

/// Zones take turns, rack by rack where there are racks.
Node node_of(const Group& group, std::int64_t number) {
  Node node = group.node;
  node.name = numbered(group.node.name, number, group.count);
  const std::int64_t rack = group.rack_size > 0 ? number / group.rack_size : number;
  if (!group.zones.empty())
    node.zone = group.zones[static_cast<std::size_t>(rack) % group.zones.size()];
  if (group.rack_size > 0)
    node.rack = fmt::format("{}/rack-{}", numbered(group.node.name, 0, 1), rack);
  return node;
}

Result<std::vector<Node>> nodes_of(const Group& group, const Location& at, SetupContext& context) {
  std::vector<Node> nodes;
  if (!group.openb.empty()) {
    const auto path = find_trace(context, "openb", group.openb, child(at, "openb"));
    if (!path) return failure(path.error());
    auto list = context.store.openb_nodes(*path);
    if (!list) return failure(std::move(list.error()));
    return **list;
  }
  nodes.reserve(static_cast<std::size_t>(group.count));
  for (std::int64_t number = 0; number < group.count; ++number) {
    nodes.push_back(node_of(group, number));
  }
  return nodes;
}

}  // namespace

Result<NodesPlan> read_nodes(const json& groups, const Location& at, SetupContext& context) {
  if (!groups.is_array() || groups.empty()) {
    return json_mismatch(groups, at, "a list of at least one group of nodes");
  }
  NodesPlan plan;
  std::set<std::string> names;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Location place = child(at, i);
    const auto group = read_group(groups[i], place);
    if (!group) return failure(group.error());
    auto nodes = nodes_of(*group, place, context);
    if (!nodes) return failure(std::move(nodes.error()));
    for (Node& node : *nodes) {
      if (!names.insert(node.name).second) {
        return failure({.at = child(place, "name"),
                        .message = "",
                        .found = node.name,
                        .expected = "a name that no other node of the cluster has",
                        .hint = "{} in a name stands for the node's number in its group"});
      }
      plan.rates.push_back(sim::node_rates(node, group->power, group->price));
      plan.nodes.push_back(std::move(node));
    }
  }
  return plan;
}

}  // namespace orrery::experiments
