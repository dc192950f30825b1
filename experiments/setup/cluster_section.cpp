#include "orrery/experiments/setup/cluster_section.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/experiments/setup/failures_section.hpp"
#include "orrery/experiments/setup/kubernetes_section.hpp"
#include "orrery/experiments/setup/readers.hpp"
#include "orrery/models/json_fields.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;

Result<bool> read_node_order(const json& value, const Location& at) {
  return read_choice(value, at, {"file", "shuffled"}).map([](std::size_t i) { return i == 1; });
}

Result<double> read_share(const json& value, const Location& at) {
  auto share = read_not_negative(value, at);
  if (share && *share > 1) return json_mismatch(value, at, "a share from 0 to 1");
  return share;
}

/// What only a cluster that is simulated as Kubernetes can show.
std::optional<Error> missing_kubernetes(const ClusterPlan& plan, const JsonFields& fields) {
  if (plan.kubernetes) return std::nullopt;
  const bool by_script =
      std::any_of(plan.incidents.begin(), plan.incidents.end(), needs_kubernetes);
  if (!by_script && !plan.failures.has_partitions()) return std::nullopt;
  return Error{.at = fields.at(by_script ? "incidents" : "failures"),
               .message = "only Kubernetes tells a node that is cut off from one that is down",
               .found = "",
               .expected = "",
               .hint = "give the cluster \"kubernetes\": \"1.36\""};
}

Result<ClusterPlan> read_cluster(const json& value, const Location& at, SetupContext& context) {
  ClusterPlan plan;
  JsonFields fields(value, at);
  std::string region;  // belongs to the mesh
  fields.required("name", plan.name, read_string);
  fields.optional("region", region, read_string);
  if (fields.has("manifests")) {
    fields.required("manifests", plan.manifests, [&](const json& path, const Location& place) {
      return read_manifests_member(path, place, value, context);
    });
    if (plan.manifests) plan.nodes = plan.manifests->nodes;
    static_cast<void>(fields.find("ignore_unknown"));
    if (fields.has("nodes")) {
      return failure({.at = fields.at("nodes"),
                      .message = "nodes come from manifests or from groups, not from both"});
    }
  } else {
    fields.required("nodes", plan.nodes, [&](const json& groups, const Location& place) {
      return read_nodes(groups, place, context);
    });
    static_cast<void>(fields.find("manifests"));  // so that it is suggested
  }
  fields.optional("node_order", plan.is_shuffled, read_node_order);
  fields.required("scheduler", plan.scheduler, [&](const json& scheduler, const Location& place) {
    return read_scheduler(scheduler, place, context);
  });
  fields.optional("delays", plan.delays, read_delays);
  fields.optional("failures", plan.failures, [&](const json& failures, const Location& place) {
    return read_failures(failures, place, plan.nodes.nodes, context);
  });
  fields.optional("kubernetes", plan.kubernetes, [](const json& setup, const Location& place) {
    return read_kubernetes(setup, place).map([](const sim::KubernetesSetup& read) {
      return std::optional(read);
    });
  });
  fields.optional("incidents", plan.incidents, [&](const json& script, const Location& place) {
    return read_incidents(
        script, place, plan.nodes.nodes,
        plan.kubernetes ? plan.kubernetes->deployments : std::vector<Deployment>{});
  });
  if (auto missing = missing_kubernetes(plan, fields)) fields.fail(std::move(*missing));
  fields.optional("replace_lost_pods", plan.replaces_lost_pods, read_bool);
  fields.optional("typical_pods", plan.typical_share, read_share);
  return fields.finish(std::move(plan));
}

}  // namespace

Result<std::vector<ClusterPlan>> read_clusters(const json& value, const Location& at,
                                               SetupContext& context) {
  auto clusters = read_list(value, at, [&](const json& cluster, const Location& place) {
    return read_cluster(cluster, place, context);
  });
  if (!clusters) return clusters;
  if (clusters->empty()) return json_mismatch(value, at, "at least one cluster");
  std::set<std::string> names;
  for (std::size_t i = 0; i < clusters->size(); ++i) {
    if (names.insert((*clusters)[i].name).second) continue;
    return json_mismatch(value[i]["name"], child(child(at, i), "name"),
                         "a name that no other cluster has");
  }
  return clusters;
}

Result<Mesh> read_mesh_section(const json& clusters, const json& mesh, const Location& at) {
  json whole = mesh.is_object() ? mesh : json::object();
  whole["clusters"] = json::array();
  for (const json& cluster : clusters) {
    json entry = {{"name", cluster.at("name")}};
    if (cluster.contains("region")) entry["region"] = cluster["region"];
    whole["clusters"].push_back(std::move(entry));
  }
  // Until clusters work together, a mesh without links only says where they are.
  if (mesh.is_null() && clusters.size() > 1) whole["default"] = {{"latency", "10ms"}};
  if (!mesh.is_null() && !mesh.is_object()) return json_mismatch(mesh, at, "an object");
  return read_mesh(whole, at);
}

}  // namespace orrery::experiments
