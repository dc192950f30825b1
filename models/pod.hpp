#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "orrery/models/gpu.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/models/labels.hpp"
#include "orrery/models/placement_rules.hpp"
#include "orrery/models/units.hpp"

namespace orrery {

/// core/v1 PodPhase, as the API server last reported it.
enum class PodPhase : std::uint8_t { Pending, Running, Succeeded, Failed };

/// What many pods have in common: everything about a request but the CPU and memory, which traces
/// vary pod by pod. Interned per cluster, so a pod's row stays small.
struct PodTemplate {
  std::string name_space = "default";
  std::string owner;  ///< block or job, or the virtual cluster of a trace; may be empty
  Labels labels;
  std::int32_t priority = 0;  ///< higher goes first (core/v1 PriorityClass value)
  GpuRequest gpu;
  std::vector<std::string> gpu_models;  ///< admissible models; empty means any
  Bytes ephemeral_storage;
  std::map<std::string, std::int64_t> extended;  ///< named extended resources, whole units
  Labels node_selector;
  NodeAffinity affinity;
  std::vector<Toleration> tolerations;
  PodAffinity pod_affinity;
  PodAffinity pod_anti_affinity;
  std::vector<TopologySpreadConstraint> topology_spread;
  /// What the Services and the ReplicaSet or StatefulSet of the pod select, together: the selector
  /// of the scheduler's default spreading. Empty: it is spread by its own constraints only.
  LabelSelector default_spread_selector;
  std::vector<HostPort> host_ports;
  std::vector<std::string> images;  ///< of its containers, init containers included, with tags
  bool preempts = true;             ///< preemptionPolicy is not Never
  /// What scorers add to the requests, because a container names none for CPU or memory
  /// (pkg/scheduler/util/pod_resources.go). They take a pod that requests nothing for one container
  /// that names none.
  MilliCpu cpu_unnamed;
  Bytes memory_unnamed;

  friend bool operator==(const PodTemplate&, const PodTemplate&) = default;
};

/// One pod as the API server knows it. A row of ClusterState: keep it within one cache line.
struct Pod {
  std::uint64_t uid = 0;  ///< unique in the run, never reused; ids are reused after the pod's end
  MilliCpu cpu;
  Bytes memory;
  Time created;
  Duration estimated_duration{};  ///< the user's estimate of the service time; zero when unknown
  PodTemplateId pod_template;
  GangId gang;                  ///< none for a pod of its own
  std::uint16_t gang_size = 1;  ///< pods that the gang needs before any of them may start
  GpuDeviceMask devices;        ///< devices held on `node`
  NodeId node;                  ///< none until assumed or bound
  PodPhase phase = PodPhase::Pending;
  bool is_assumed = false;      ///< reserved in the scheduler's cache, not yet bound
  bool is_terminating = false;  ///< deleted, but still there (metadata.deletionTimestamp)

  friend bool operator==(const Pod&, const Pod&) = default;
};
static_assert(sizeof(Pod) <= 64);

}  // namespace orrery
