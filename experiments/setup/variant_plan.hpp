#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/experiments/document/variants.hpp"
#include "orrery/experiments/setup/context.hpp"
#include "orrery/experiments/setup/fork_section.hpp"
#include "orrery/experiments/setup/manifests_section.hpp"
#include "orrery/experiments/setup/nodes_section.hpp"
#include "orrery/experiments/setup/scheduler_section.hpp"
#include "orrery/experiments/setup/workload_section.hpp"
#include "orrery/models/mesh.hpp"
#include "orrery/models/result.hpp"
#include "orrery/sim/simulation.hpp"

namespace orrery::experiments {

/// One cluster of a variant, read and checked.
struct ClusterPlan {
  std::string name;
  NodesPlan nodes;
  std::shared_ptr<const ManifestsPlan> manifests;  ///< where the nodes come from; null: groups
  bool is_shuffled = false;                        ///< the nodes' order is drawn with the seed
  SchedulerPlan scheduler;
  sim::ClusterDelays delays;
  sim::FailurePlan failures;
  std::vector<sim::Incident> incidents;
  std::optional<sim::KubernetesSetup> kubernetes;
  bool replaces_lost_pods = true;
  double typical_share = 0;  ///< of the pods whose requests policies and measures know; 0: none
};

/// What is kept of a run over virtual time.
struct SeriesPlan {
  std::size_t points = 200;
  std::size_t node_rows = 0;  ///< of the heat map of each cluster's nodes; 0: none
};

/// Everything that one variant says, read and checked once and shared by its runs. Immutable.
struct VariantPlan {
  std::vector<ClusterPlan> clusters;
  Mesh mesh;
  std::vector<WorkloadPlan> workloads;
  Time horizon = kTimeMax;
  sim::WarmUpRule warm_up;
  SeriesPlan series;
  std::vector<int> load_marks;
  std::optional<ForkPlan> fork;
};

/// Reads a variant's document. Every error points at the place to mend.
[[nodiscard]] Result<std::shared_ptr<const VariantPlan>> plan_variant(const Document& document,
                                                                      SetupContext& context);

/// A fresh simulation of the variant under `seed`; of a fork, the seed of the future. Errors: what
/// the plan could not know, such as a trace that breaks on the way.
[[nodiscard]] Result<sim::SimulationSetup> make_setup(const VariantPlan& plan, std::uint64_t seed,
                                                      const policies::PolicyRegistry& registry);

}  // namespace orrery::experiments
