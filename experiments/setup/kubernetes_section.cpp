#include "orrery/experiments/setup/kubernetes_section.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
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

Result<IntOrPercent> read_int_or_percent(const json& value, const Location& at) {
  constexpr std::int64_t kMost = 1'000'000;
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  if (text.empty()) {
    return read_between(value, at, 0, kMost).map([](std::int64_t n) {
      return IntOrPercent{.value = static_cast<std::int32_t>(n)};
    });
  }
  std::int32_t percent = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc{} || percent < 0 || std::string(end, text.data() + text.size()) != "%") {
    return json_mismatch(value, at, "a number, or a percentage such as 25%");
  }
  return IntOrPercent{.value = percent, .is_percent = true};
}

Result<std::int32_t> read_replicas(const json& value, const Location& at) {
  constexpr std::int64_t kMost = 1'000'000;
  return read_between(value, at, 0, kMost).map([](std::int64_t n) {
    return static_cast<std::int32_t>(n);
  });
}

Result<Deployment> read_deployment(const json& value, const Location& at) {
  Deployment deployment;
  JsonFields fields(value, at);
  fields.required("name", deployment.name.name, read_string);
  fields.required("replicas", deployment.replicas, read_replicas);
  fields.required("cpu", deployment.pod.cpu, read_cpu);
  fields.required("memory", deployment.pod.memory, read_bytes);
  fields.optional("labels", deployment.pod.placement.labels, read_labels);
  fields.optional("recreates", deployment.recreates, read_bool);
  fields.optional("max_surge", deployment.surge_max, read_int_or_percent);
  fields.optional("max_unavailable", deployment.unavailable_max, read_int_or_percent);
  fields.optional("min_ready", deployment.ready_min, read_duration);
  if (deployment.pod.placement.labels.empty()) {
    deployment.pod.placement.labels["app"] = deployment.name.name;
  }
  return fields.finish(std::move(deployment));
}

Result<std::vector<Deployment>> read_deployments(const json& value, const Location& at) {
  auto deployments = read_list(value, at, read_deployment);
  if (!deployments) return deployments;
  std::set<std::string> names;
  for (std::size_t i = 0; i < deployments->size(); ++i) {
    if (names.insert((*deployments)[i].name.name).second) continue;
    return json_mismatch(value[i]["name"], child(child(at, i), "name"),
                         "a name that no other deployment has");
  }
  return deployments;
}

Result<std::size_t> find_deployment(const std::string& name, const Location& at,
                                    const std::vector<Deployment>& deployments) {
  std::vector<std::string> names;
  for (const Deployment& one : deployments) names.push_back(one.name.name);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  return failure({.at = at,
                  .message = "the cluster has no such deployment",
                  .found = name,
                  .expected = "the name of one of kubernetes.deployments",
                  .hint = suggest(name, names)});
}

/// {"web": 50}
Result<std::vector<Incident>> read_scale(const json& value, const Location& at,
                                         const std::vector<Deployment>& deployments) {
  if (!value.is_object()) return json_mismatch(value, at, "an object from deployments to replicas");
  std::vector<Incident> incidents;
  for (const auto& [name, count] : value.items()) {
    const auto deployment = find_deployment(name, child(at, name), deployments);
    if (!deployment) return failure(deployment.error());
    const auto replicas = read_replicas(count, child(at, name));
    if (!replicas) return failure(replicas.error());
    incidents.push_back(
        {.kind = Incident::Kind::Scale, .deployment = *deployment, .replicas = *replicas});
  }
  return incidents;
}

/// ["web"]
Result<std::vector<Incident>> read_rollout(const json& value, const Location& at,
                                           const std::vector<Deployment>& deployments) {
  const auto names = read_strings(value, at);
  if (!names) return failure(names.error());
  std::vector<Incident> incidents;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const auto deployment = find_deployment((*names)[i], child(at, i), deployments);
    if (!deployment) return failure(deployment.error());
    incidents.push_back({.kind = Incident::Kind::Rollout, .deployment = *deployment});
  }
  return incidents;
}

/// An entry may let several things happen at once: one incident each.
Result<std::vector<Incident>> read_incident(const json& value, const Location& at,
                                            const std::vector<Node>& nodes,
                                            const std::vector<Deployment>& deployments) {
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
  std::vector<Incident> changes;
  for (const auto& [name, read_changes] :
       {std::pair{"scale", &read_scale}, std::pair{"rollout", &read_rollout}}) {
    changes.clear();
    fields.optional(name, changes,
                    [&, read = read_changes](const json& one, const Location& place) {
                      return read(one, place, deployments);
                    });
    for (Incident& change : changes) {
      change.at = when;
      incidents.push_back(change);
    }
  }
  auto read = fields.finish(std::move(incidents));
  if (!read || !read->empty()) return read;
  return failure({.at = at,
                  .message = "an incident in which nothing happens",
                  .found = "",
                  .expected =
                      "crash, repair, partition, heal, cordon, uncordon, out_of_service, scale or "
                      "rollout"});
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
  fields.optional("deployments", setup.deployments, read_deployments);
  return fields.finish(std::move(setup));
}

Result<std::vector<Incident>> read_incidents(const json& value, const Location& at,
                                             const std::vector<Node>& nodes,
                                             const std::vector<Deployment>& deployments) {
  const auto entries = read_list(value, at, [&](const json& entry, const Location& place) {
    return read_incident(entry, place, nodes, deployments);
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
    case Incident::Kind::Scale:
    case Incident::Kind::Rollout:
      return true;
  }
  return false;
}

}  // namespace orrery::experiments
