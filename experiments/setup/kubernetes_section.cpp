#include "orrery/experiments/setup/kubernetes_section.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/document/variants.hpp"
#include "orrery/experiments/setup/readers.hpp"
#include "orrery/models/json_fields.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;
using sim::Incident;

constexpr std::array kIncidents = {std::pair{"crash", Incident::Kind::Crash},
                                   std::pair{"repair", Incident::Kind::Repair},
                                   std::pair{"partition", Incident::Kind::Partition},
                                   std::pair{"heal", Incident::Kind::Heal},
                                   std::pair{"cordon", Incident::Kind::Cordon},
                                   std::pair{"uncordon", Incident::Kind::Uncordon},
                                   std::pair{"out_of_service", Incident::Kind::OutOfService}};

Result<std::string> read_version(const json& value, const Location& at) {
  const std::vector<std::string> versions = {"1.36"};
  return read_choice(value, at, versions).map([&](std::size_t i) { return versions[i]; });
}

Result<Duration> read_period(const json& value, const Location& at) {
  auto period = read_duration(value, at);
  if (period && *period == Duration::zero()) return json_mismatch(value, at, "a span above zero");
  return period;
}

Result<float> read_threshold(const json& value, const Location& at) {
  const auto share = read_not_negative(value, at);
  if (!share) return failure(share.error());
  if (*share > 1) return json_mismatch(value, at, "a share from 0 to 1");
  return static_cast<float>(*share);
}

Result<int> read_nodes_or_calls(const json& value, const Location& at) {
  constexpr std::int64_t kMost = 1'000'000;
  return read_between(value, at, 1, kMost).map([](std::int64_t n) { return static_cast<int>(n); });
}

Result<std::vector<NodeId>> read_node_names(const json& value, const Location& at,
                                            const std::vector<Node>& nodes) {
  const auto patterns = read_strings(value, at);
  if (!patterns) return failure(patterns.error());
  std::vector<bool> is_meant(nodes.size(), false);
  for (std::size_t i = 0; i < patterns->size(); ++i) {
    bool has_match = false;
    for (std::size_t node = 0; node < nodes.size(); ++node) {
      if (!matches((*patterns)[i], nodes[node].name)) continue;
      is_meant[node] = has_match = true;
    }
    if (has_match) continue;
    return failure({.at = child(at, i),
                    .message = "no node of the cluster has such a name",
                    .found = (*patterns)[i],
                    .expected = "the names of nodes, with * for any text",
                    .hint = nodes.empty() ? "" : fmt::format("such as {}", nodes.front().name)});
  }
  std::vector<NodeId> meant;
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    if (is_meant[node]) meant.emplace_back(node);
  }
  return meant;
}

/// An entry may let several things happen at once: one incident each.
Result<std::vector<Incident>> read_incident(const json& value, const Location& at,
                                            const std::vector<Node>& nodes) {
  std::vector<Incident> incidents;
  Time when{};
  JsonFields fields(value, at);
  fields.required("at", when, read_instant);
  for (const auto& [name, kind] : kIncidents) {
    if (!fields.has(name)) {
      static_cast<void>(fields.find(name));  // makes it known
      continue;
    }
    Incident incident{.at = when, .kind = kind, .nodes = {}};
    fields.required(name, incident.nodes, [&](const json& names, const Location& place) {
      return read_node_names(names, place, nodes);
    });
    incidents.push_back(std::move(incident));
  }
  auto read = fields.finish(std::move(incidents));
  if (!read || !read->empty()) return read;
  return failure(
      {.at = at,
       .message = "an incident in which nothing happens",
       .found = "",
       .expected = "crash, repair, partition, heal, cordon, uncordon or out_of_service"});
}

}  // namespace

Result<sim::KubernetesSetup> read_kubernetes(const json& value, const Location& at) {
  sim::KubernetesSetup setup;
  if (value.is_string()) {
    auto version = read_version(value, at);
    if (!version) return failure(std::move(version.error()));
    setup.version = std::move(*version);
    return setup;
  }
  JsonFields fields(value, at);
  sim::NodeLifecycleConfig& nodes = setup.nodes;
  fields.optional("version", setup.version, read_version);
  fields.optional("node_lease_renewal", nodes.lease_renewal, read_period);
  fields.optional("node_monitor_period", nodes.monitor_period, read_period);
  fields.optional("node_monitor_grace_period", nodes.grace_period, read_period);
  fields.optional("node_eviction_rate", nodes.eviction_rate, read_not_negative);
  fields.optional("secondary_node_eviction_rate", nodes.secondary_eviction_rate, read_not_negative);
  fields.optional("large_cluster_size_threshold", nodes.large_zone, read_nodes_or_calls);
  fields.optional("unhealthy_zone_threshold", nodes.unhealthy_threshold, read_threshold);
  fields.optional("default_toleration", nodes.default_toleration, read_duration);
  fields.optional("kube_api_qps", setup.controller_client.calls_per_second, read_positive);
  fields.optional("kube_api_burst", setup.controller_client.burst, read_nodes_or_calls);
  fields.optional("shutdown", setup.shutdown, read_duration);
  return fields.finish(std::move(setup));
}

Result<std::vector<Incident>> read_incidents(const json& value, const Location& at,
                                             const std::vector<Node>& nodes) {
  const auto entries = read_list(value, at, [&](const json& entry, const Location& place) {
    return read_incident(entry, place, nodes);
  });
  if (!entries) return failure(entries.error());
  std::vector<Incident> incidents;
  for (const std::vector<Incident>& entry : *entries) {
    incidents.insert(incidents.end(), entry.begin(), entry.end());
  }
  std::stable_sort(incidents.begin(), incidents.end(),
                   [](const Incident& a, const Incident& b) { return a.at < b.at; });
  return incidents;
}

bool needs_kubernetes(const Incident& incident) {
  switch (incident.kind) {
    case Incident::Kind::Crash:
    case Incident::Kind::Repair:
    case Incident::Kind::Cordon:
    case Incident::Kind::Uncordon:
      return false;
    case Incident::Kind::Partition:
    case Incident::Kind::Heal:
    case Incident::Kind::OutOfService:
      return true;
  }
  return false;
}

}  // namespace orrery::experiments
