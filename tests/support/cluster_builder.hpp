#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/models/cluster_state.hpp"

namespace orrery::test {

/// What a test says of a pod: its row and its template in one; the builder interns the template.
struct PodSpec {
  MilliCpu cpu{};
  Bytes memory{};
  GpuRequest gpu{};
  std::vector<std::string> gpu_models{};
  Bytes ephemeral_storage{};
  std::map<std::string, std::int64_t> extended{};
  std::int32_t priority = 0;
  std::string owner{};
  Labels labels{};
  Labels node_selector{};
  NodeAffinity affinity{};
  std::vector<Toleration> tolerations{};
  GangId gang{};
  std::uint16_t gang_size = 1;
  Time created{};
  Duration estimated_duration{};
  std::string name_space = "default";
  PodAffinity pod_affinity{};
  PodAffinity pod_anti_affinity{};
  std::vector<TopologySpreadConstraint> topology_spread{};
  LabelSelector default_spread_selector{};
  std::vector<HostPort> host_ports{};
  std::vector<std::string> images{};
  bool preempts = true;
};

[[nodiscard]] PodTemplate template_of(const PodSpec& spec);

/// A cluster whose nodes and pods are called by name. An unknown name throws std::out_of_range.
class NamedCluster {
 public:
  ClusterState state;

  [[nodiscard]] NodeId node(std::string_view name) const;
  [[nodiscard]] PodId pod(std::string_view name) const;
  [[nodiscard]] const Pod& pod_row(std::string_view name) const { return state.pod(pod(name)); }

 private:
  friend class ClusterBuilder;
  std::map<std::string, NodeId, std::less<>> nodes_;
  std::map<std::string, PodId, std::less<>> pods_;
};

/// Builds a ClusterState that reads like the situation, through apply() only, so that what cannot
/// be real (a node over-committed) fails in the builder:
///
///   const auto cluster = ClusterBuilder{}
///       .node("roomy", {.cpu = 8000_m})
///       .node("snug", {.cpu = 2000_m})
///       .running("db", "roomy", {.cpu = 500_m})
///       .pending("web", {.cpu = 1500_m})
///       .build();
///
/// Ids are given in the order of the calls, uids from 1.
class ClusterBuilder {
 public:
  /// The node's name is set by the builder; what is left out of `node` is zero, but for its pods.
  ClusterBuilder& node(const std::string& name, Node node);
  ClusterBuilder& not_ready(std::string_view name);
  ClusterBuilder& cordoned(std::string_view name);

  ClusterBuilder& pending(const std::string& name, const PodSpec& spec);
  /// A pod that runs on `node`, on the devices that best fit takes.
  ClusterBuilder& running(const std::string& name, std::string_view node, const PodSpec& spec);
  /// As above, on the devices named.
  ClusterBuilder& running(const std::string& name, std::string_view node, const PodSpec& spec,
                          GpuDeviceMask devices);

  [[nodiscard]] NamedCluster build() const { return cluster_; }

 private:
  PodTemplateId intern(const PodSpec& spec);

  NamedCluster cluster_;
};

}  // namespace orrery::test
