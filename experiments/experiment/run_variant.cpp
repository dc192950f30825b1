#include "orrery/experiments/experiment/run_variant.hpp"

#include <atomic>
#include <utility>

#include "orrery/models/check.hpp"
#include "orrery/sim/simulation.hpp"

namespace orrery::experiments {

RunFunction simulate_runs_of(const Experiment& experiment) {
  return [&experiment](const RunKey& key, const std::stop_token& stop) -> Result<RunOutcome> {
    const VariantPlan* const plan = experiment.plan(key.variant);
    ORRERY_CHECK(plan != nullptr, "only variants that are planned are run");
    auto setup = make_setup(*plan, key.seed, experiment.registry());
    if (!setup) return failure(std::move(setup.error()));
    std::atomic<bool> is_stopped = false;
    const std::stop_callback forward(stop, [&is_stopped] { is_stopped = true; });
    return sim::run_simulation(std::move(*setup), {.stop = &is_stopped});
  };
}

}  // namespace orrery::experiments
