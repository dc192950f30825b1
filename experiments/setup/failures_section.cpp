#include "orrery/experiments/setup/failures_section.hpp"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/document/variants.hpp"
#include "orrery/experiments/setup/readers.hpp"
#include "orrery/models/failure.hpp"
#include "orrery/models/json_fields.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;

struct Replay {
  std::string format;  ///< "lanl", "grid5000" or "outages"
  std::string file;
  traces::FailureLogOptions options;
};

struct Entry {
  std::string nodes = "*";
  sim::OutageKind kind = sim::OutageKind::Crash;
  FailureModels models;
  std::optional<Replay> replay;
};

Result<std::optional<std::int64_t>> read_unix_seconds(const json& value, const Location& at) {
  return read_integer(value, at).map(
      [](std::int64_t seconds) { return std::optional<std::int64_t>(seconds); });
}

Result<std::optional<Replay>> read_replay(const json& value, const Location& at) {
  Replay replay;
  JsonFields fields(value, at);
  replay.format = fields.has("grid5000") ? "grid5000" : fields.has("outages") ? "outages" : "lanl";
  fields.required(replay.format, replay.file, read_string);
  if (replay.format == "outages") {
    return fields.finish(std::optional<Replay>(std::move(replay)));
  }
  fields.optional("select", replay.options.select, read_strings);
  fields.optional("from", replay.options.from, read_unix_seconds);
  fields.optional("until", replay.options.until, read_unix_seconds);
  return fields.finish(std::optional<Replay>(std::move(replay)));
}

Result<sim::OutageKind> read_kind(const json& value, const Location& at) {
  return read_choice(value, at, {"crash", "partition"}).map([](std::size_t i) {
    return i == 0 ? sim::OutageKind::Crash : sim::OutageKind::Partition;
  });
}

Result<Entry> read_entry(const json& value, const Location& at) {
  Entry entry;
  JsonFields fields(value, at);
  fields.optional("nodes", entry.nodes, read_string);
  fields.optional("kind", entry.kind, read_kind);
  fields.optional("replay", entry.replay, read_replay);
  json models = json::object();
  for (const char* kind : {"node", "rack", "zone", "cluster"}) {
    if (const json* const model = fields.find(kind)) models[kind] = *model;
  }
  auto read = read_failure_models(models, at);
  if (!read) {
    fields.fail(std::move(read.error()));
  } else {
    entry.models = std::move(*read);
  }
  return fields.finish(std::move(entry));
}

std::vector<NodeId> matching_nodes(const std::string& pattern, const std::vector<Node>& nodes) {
  std::vector<NodeId> matching;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (matches(pattern, nodes[i].name)) matching.emplace_back(i);
  }
  return matching;
}

/// The nodes of each rack or zone, by its name; the whole cluster is one domain.
std::map<std::string, std::vector<NodeId>> domains_of(FailureDomain domain,
                                                      const std::vector<NodeId>& among,
                                                      const std::vector<Node>& nodes) {
  std::map<std::string, std::vector<NodeId>> domains;
  for (const NodeId id : among) {
    const Node& node = nodes[id.index()];
    switch (domain) {
      case FailureDomain::Rack:
        if (!node.rack.empty()) domains[node.rack].push_back(id);
        break;
      case FailureDomain::Zone:
        if (!node.zone.empty()) domains[node.zone].push_back(id);
        break;
      case FailureDomain::Cluster:
        domains[""].push_back(id);
        break;
    }
  }
  return domains;
}

/// A domain's stream is keyed by its name, so that adding another shifts nobody's draws.
std::uint64_t group_key(FailureDomain domain, const std::string& name) {
  std::uint64_t key = static_cast<std::uint64_t>(domain) + 1;
  for (const char c : name) key = mix_bits(key ^ static_cast<unsigned char>(c));
  return key;
}

Result<void> add_domains(const Entry& entry, const Location& at, const std::vector<NodeId>& among,
                         const std::vector<Node>& nodes, sim::FailurePlan& plan) {
  for (const DomainFailureModel& domain : entry.models.domains) {
    const auto groups = domains_of(domain.domain, among, nodes);
    if (groups.empty()) {
      return failure(
          {.at = child(at, to_string(domain.domain)),
           .message = fmt::format("none of these nodes names its {}", to_string(domain.domain)),
           .hint = "give the node groups zones or a rack_size"});
    }
    for (const auto& [name, members] : groups) {
      plan.groups.push_back({.nodes = members,
                             .group = group_key(domain.domain, name),
                             .model = domain.model,
                             .kind = entry.kind});
    }
  }
  return {};
}

/// Each outage goes to the node that it names.
Result<void> add_outages(const Replay& replay, sim::OutageKind kind, const Location& at,
                         const std::vector<NodeId>& among, const std::vector<Node>& nodes,
                         SetupContext& context, sim::FailurePlan& plan) {
  const auto path = find_trace(context, "outages", replay.file, child(at, "outages"));
  if (!path) return failure(path.error());
  const auto log = context.store.outages(*path, context.on_bad_row);
  if (!log) return failure(log.error());
  std::map<std::string, NodeId, std::less<>> by_name;
  for (const NodeId node : among) by_name.emplace(nodes[node.index()].name, node);
  for (const NodeOutages& outages : (*log)->outages.nodes) {
    const auto found = by_name.find(outages.node);
    if (found == by_name.end()) {
      std::vector<std::string> names;
      for (const auto& [name, node] : by_name) names.push_back(name);
      return failure({.at = {.file = (*log)->name},
                      .message = "an outage of a node that is not there",
                      .found = outages.node,
                      .expected = "the name of one of the cluster's nodes",
                      .hint = suggest(outages.node, names)});
    }
    plan.replayed.push_back({.node = found->second, .outages = outages.down, .kind = kind});
  }
  return {};
}

Result<void> add_replay(const Replay& replay, sim::OutageKind kind, const Location& at,
                        const std::vector<NodeId>& among, SetupContext& context,
                        sim::FailurePlan& plan) {
  const auto path =
      find_trace(context, "failures-" + replay.format, replay.file, child(at, replay.format));
  if (!path) return failure(path.error());
  traces::FailureLogOptions options = replay.options;
  options.on_bad_row = context.on_bad_row;
  const auto log = replay.format == "lanl" ? context.store.lanl_failures(*path, options)
                                           : context.store.grid5000_failures(*path, options);
  if (!log) return failure(log.error());
  const std::vector<NodeOutages>& outages = (*log)->outages.nodes;
  if (outages.empty()) {
    return failure({.at = at,
                    .message = fmt::format("no node of {} is selected", replay.file),
                    .hint = "leave out select, from and until to take them all"});
  }
  for (std::size_t i = 0; i < among.size(); ++i) {
    const std::vector<DownInterval>& down = outages[i % outages.size()].down;
    if (down.empty()) continue;
    plan.replayed.push_back({.node = among[i], .outages = down, .kind = kind});
  }
  return {};
}

Result<void> add_entry(const Entry& entry, const Location& at, const std::vector<Node>& nodes,
                       SetupContext& context, sim::FailurePlan& plan) {
  const std::vector<NodeId> among = matching_nodes(entry.nodes, nodes);
  if (among.empty()) {
    return failure({.at = child(at, "nodes"),
                    .message = "no node of the cluster has such a name",
                    .found = entry.nodes,
                    .expected = "the names of nodes, with * for any text",
                    .hint = nodes.empty() ? "" : fmt::format("such as {}", nodes.front().name)});
  }
  if (entry.models.node) {
    plan.random.push_back({.nodes = among, .model = *entry.models.node, .kind = entry.kind});
  }
  if (auto added = add_domains(entry, at, among, nodes, plan); !added) return added;
  if (!entry.replay) return {};
  if (entry.replay->format == "outages") {
    return add_outages(*entry.replay, entry.kind, child(at, "replay"), among, nodes, context, plan);
  }
  return add_replay(*entry.replay, entry.kind, child(at, "replay"), among, context, plan);
}

/// Two laws for one node would share its random streams.
Result<void> check_one_law_per_node(const sim::FailurePlan& plan, std::size_t node_count,
                                    const Location& at) {
  std::array has_law = {std::vector<bool>(node_count, false), std::vector<bool>(node_count, false)};
  for (const sim::RandomFailures& random : plan.random) {
    std::vector<bool>& of_kind = has_law[static_cast<std::size_t>(random.kind)];
    for (const NodeId node : random.nodes) {
      if (of_kind[node.index()]) {
        return failure({.at = at,
                        .message = "two entries say how the same node fails by itself",
                        .hint = "make their \"nodes\" patterns differ"});
      }
      of_kind[node.index()] = true;
    }
  }
  return {};
}

}  // namespace

Result<sim::FailurePlan> read_failures(const json& value, const Location& at,
                                       const std::vector<Node>& nodes, SetupContext& context) {
  sim::FailurePlan plan;
  const bool is_list = value.is_array();
  const std::size_t count = is_list ? value.size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    const Location place = is_list ? child(at, i) : at;
    const auto entry = read_entry(is_list ? value[i] : value, place);
    if (!entry) return failure(entry.error());
    if (auto added = add_entry(*entry, place, nodes, context, plan); !added) {
      return failure(std::move(added.error()));
    }
  }
  if (auto checked = check_one_law_per_node(plan, nodes.size(), at); !checked) {
    return failure(std::move(checked.error()));
  }
  return plan;
}

}  // namespace orrery::experiments
