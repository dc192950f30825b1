#include "orrery/sim/simulation.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "orrery/models/check.hpp"
#include "orrery/models/stream.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/sim/engine/engine.hpp"
#include "orrery/sim/outcome.hpp"

namespace orrery::sim {
namespace {

WindowPlan window_plan(const SimulationSetup& setup) {
  WindowPlan plan{.begin = kTimeZero, .horizon = setup.horizon, .points = setup.series_points};
  if (setup.warm_up.kind == WarmUpRule::Kind::Fixed) plan.begin = kTimeZero + setup.warm_up.span;
  return plan;
}

/// Adds where and when to a bug's report.
[[noreturn]] void rethrow_with_place(const CheckFailure& bug, const std::string& cluster,
                                     std::uint64_t seed, Time now) {
  throw CheckFailure(fmt::format("{} [cluster {}, seed {}, virtual time {:.9f} s]", bug.what(),
                                 cluster, seed, seconds(now)));
}

}  // namespace

Result<RunOutcome> run_simulation(SimulationSetup setup, const RunHooks& hooks) {
  const WindowPlan plan = window_plan(setup);
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<std::unique_ptr<ClusterSimulation>> clusters;
  for (std::size_t i = 0; i < setup.clusters.size(); ++i) {
    engines.push_back(std::make_unique<Engine>());
    if (hooks.stop != nullptr) engines.back()->watch_stop(*hooks.stop);
    clusters.push_back(std::make_unique<ClusterSimulation>(
        *engines.back(), std::move(setup.clusters[i]), ClusterId{i}, setup.seed, plan,
        !setup.load_marks.empty()));
    if (i < hooks.observers.size()) clusters.back()->observe_with(hooks.observers[i]);
  }
  Time end = kTimeZero;
  std::uint64_t events = 0;
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    Engine& engine = *engines[i];
    try {
      clusters[i]->start();
      if (setup.horizon == kTimeMax) {
        engine.run();
      } else {
        engine.run_until(setup.horizon);
      }
    } catch (const CheckFailure& bug) {
      rethrow_with_place(bug, clusters[i]->setup().name, setup.seed, engine.now());
    }
    if (clusters[i]->workload_error()) return failure(*clusters[i]->workload_error());
    if (hooks.stop != nullptr && hooks.stop->load()) {
      return failure(
          Error{.at = {}, .message = kRunStopped, .found = {}, .expected = {}, .hint = {}});
    }
    end = std::max(end, engine.now());
    events += engine.event_count();
  }
  RunOutcome outcome = outcome_of(setup, clusters, end);
  outcome.simulated_end = end;
  outcome.events = events;
  for (const auto& cluster : clusters) {
    outcome.fingerprint = mix_bits(outcome.fingerprint ^ cluster->fingerprint());
  }
  return outcome;
}

}  // namespace orrery::sim
