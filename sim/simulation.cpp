#include "orrery/sim/simulation.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "orrery/models/stream.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/sim/engine/mesh_engine.hpp"
#include "orrery/sim/outcome.hpp"

namespace orrery::sim {
namespace {

using Clusters = std::vector<std::unique_ptr<ClusterSimulation>>;

WindowPlan window_plan(const SimulationSetup& setup) {
  WindowPlan plan{.begin = kTimeZero,
                  .horizon = setup.horizon,
                  .points = setup.series_points,
                  .node_rows = setup.node_rows};
  if (setup.fork) plan.begin = setup.fork->at;
  if (setup.warm_up.kind == WarmUpRule::Kind::Fixed) {
    plan.begin = saturating_add(plan.begin, setup.warm_up.span);
  }
  return plan;
}

Clusters make_clusters(SimulationSetup& setup, const RunHooks& hooks, MeshEngine& mesh) {
  const WindowPlan plan = window_plan(setup);
  Clusters clusters;
  for (std::size_t i = 0; i < setup.clusters.size(); ++i) {
    clusters.push_back(std::make_unique<ClusterSimulation>(
        mesh.engine(PlaceId{i}), std::move(setup.clusters[i]), ClusterId{i}, setup.seed, plan,
        !setup.load_marks.empty()));
    if (i < hooks.observers.size()) clusters.back()->observe_with(hooks.observers[i]);
    clusters.back()->start();
  }
  return clusters;
}

Error stopped() {
  return {.at = {}, .message = kRunStopped, .found = {}, .expected = {}, .hint = {}};
}

Error nothing_to_measure(const SimulationSetup& setup, Time end, Time begin) {
  if (setup.fork) {
    return {.at = {},
            .message = fmt::format("nothing was left to happen after {} s, when the run is forked",
                                   seconds(setup.fork->at)),
            .hint = "fork it earlier"};
  }
  return {.at = {},
          .message = fmt::format("the run ended at {} s, before its warm-up of {} s was over",
                                 seconds(end), seconds(begin)),
          .hint = "shorten the warm-up, or give the run more work"};
}

RunEnd run_all(SimulationSetup& setup, MeshEngine& mesh, const Clusters& clusters) {
  if (setup.fork) {
    Fork& fork = *setup.fork;
    if (mesh.run_until(fork.at) == RunEnd::Stopped) return RunEnd::Stopped;
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      clusters[i]->fork(std::move(fork.policies[i]), fork.seed);
    }
  }
  return setup.horizon == kTimeMax ? mesh.run() : mesh.run_until(setup.horizon);
}

}  // namespace

Result<RunOutcome> run_simulation(SimulationSetup setup, const RunHooks& hooks) {
  // Clusters send each other no messages yet, so nothing bounds how far one may run ahead.
  auto made = MeshEngine::make({.places = setup.clusters.size(),
                                .look_ahead = Duration::max(),
                                .threads = std::max(1U, hooks.threads)},
                               {});
  if (!made) return failure(std::move(made.error()));
  MeshEngine& mesh = **made;
  if (hooks.stop != nullptr) mesh.watch_stop(*hooks.stop);
  const Clusters clusters = make_clusters(setup, hooks, mesh);
  const RunEnd how = run_all(setup, mesh, clusters);
  for (const auto& cluster : clusters) {
    if (cluster->workload_error()) return failure(*cluster->workload_error());
  }
  if (how == RunEnd::Stopped) return failure(stopped());

  Time end = setup.horizon;
  if (end == kTimeMax) {
    end = kTimeZero;
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      end = std::max(end, mesh.engine(PlaceId{i}).now());
    }
  }
  const Time begin = window_plan(setup).begin;
  if (begin > kTimeZero && end <= begin) return failure(nothing_to_measure(setup, end, begin));
  for (SchedulerObserver* const observer : hooks.observers) {
    if (observer != nullptr) observer->run_ends(end);
  }
  RunOutcome outcome = outcome_of(setup, clusters, end);
  outcome.simulated_end = end;
  outcome.events = mesh.event_count();
  for (const auto& cluster : clusters) {
    outcome.fingerprint = mix_bits(outcome.fingerprint ^ cluster->fingerprint());
  }
  return outcome;
}

}  // namespace orrery::sim
