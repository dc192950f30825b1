#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/experiments/setup/context.hpp"
#include "orrery/experiments/setup/nodes_section.hpp"
#include "orrery/models/result.hpp"
#include "orrery/sim/cluster/cluster_setup.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::experiments {

/// A cluster as its manifests say it is. Immutable, shared by all runs.
struct ManifestsPlan {
  NodesPlan nodes;
  std::vector<NodeId> not_ready;
  std::vector<NodeId> cordoned;
  std::vector<sim::BoundPod> bound;           ///< `node` by the order of the manifests
  std::vector<traces::WorkloadItem> pending;  ///< arrive at the start
  std::vector<std::string> names;  ///< "NAMESPACE/NAME" of the bound pods, then of the pending ones
  std::vector<std::string> gated;  ///< pods that wait for somebody to take their gates away
  bool has_endless_pods = false;
};

/// The member "manifests" of `cluster`, a file or folder, relative to the working directory or else
/// to the document; "ignore_unknown": true counts objects of unknown kinds instead of refusing
/// them. Errors: those of the manifests, a node whose bound pods do not fit, no node.
[[nodiscard]] Result<std::shared_ptr<const ManifestsPlan>> read_manifests_member(
    const nlohmann::json& path, const Location& at, const nlohmann::json& cluster,
    SetupContext& context);

/// The pods that are not bound, all at the start of the run.
[[nodiscard]] std::unique_ptr<traces::WorkloadSource> pending_pods(
    std::shared_ptr<const ManifestsPlan> plan);

}  // namespace orrery::experiments
