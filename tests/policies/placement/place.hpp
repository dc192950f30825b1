#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/policies/registry.hpp"
#include "orrery/tests/support/cluster_builder.hpp"

namespace orrery::test {

/// A policy as a document names it, told of everything in `cluster`.
inline std::unique_ptr<policies::PlacementPolicy> policy_in(
    const NamedCluster& cluster, const nlohmann::json& document,
    std::shared_ptr<const WorkloadProfile> profile = nullptr, std::uint64_t seed = 1) {
  const policies::PolicyRegistry registry = policies::with_builtin_policies();
  auto made = policies::make_placement(
      document, {}, {.seed = seed, .profile = std::move(profile), .registry = registry});
  if (!made) throw std::runtime_error(to_string(made.error()));
  policies::introduce(**made, {.state = cluster.state, .now = kTimeZero});
  return std::move(*made);
}

/// The name of the node that the policy chooses for `pod`; empty when it must wait.
inline std::string place(const NamedCluster& cluster, const nlohmann::json& document,
                         const std::string& pod,
                         std::shared_ptr<const WorkloadProfile> profile = nullptr) {
  const policies::Placement placement =
      policy_in(cluster, document, std::move(profile))
          ->place({.state = cluster.state, .now = kTimeZero}, cluster.pod(pod));
  return placement.is_bind() ? cluster.state.node_name(placement.node) : "";
}

/// The total that the policy's explanation gives to `node` for `pod`.
inline double total(const NamedCluster& cluster, const nlohmann::json& document,
                    const std::string& pod, const std::string& node,
                    std::shared_ptr<const WorkloadProfile> profile = nullptr) {
  return policy_in(cluster, document, std::move(profile))
      ->explain({.state = cluster.state, .now = kTimeZero}, cluster.pod(pod))
      .rows.at(cluster.node(node).index())
      .total;
}

}  // namespace orrery::test
