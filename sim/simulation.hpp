#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/models/result.hpp"
#include "orrery/models/run_outcome.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/cluster/cluster_setup.hpp"

namespace orrery::sim {

class SchedulerObserver;

/// How much of the beginning of a run is left out of its figures.
struct WarmUpRule {
  enum class Kind : std::uint8_t {
    None,
    Fixed,  ///< the first `span`
    Mser5,  ///< found by MSER-5 on the number of running pods, window by window
  };
  Kind kind = Kind::None;
  Duration span{};
  friend bool operator==(const WarmUpRule&, const WarmUpRule&) = default;
};

/// A run whose future from `at` on is another than the one that its seed and its policies give: all
/// that happens up to and including `at` is the history that several such runs share. Figures are
/// measured from `at` on, and a fixed warm-up counts from there.
struct Fork {
  Time at;
  std::uint64_t seed = 0;  ///< of the future; the run's own seed: nothing is drawn anew
  /// One a cluster: who decides from then on. Null: the policy that is there goes on.
  std::vector<std::unique_ptr<policies::PlacementPolicy>> policies;
};

/// One run: the clusters with all that happens to them, and what is measured.
struct SimulationSetup {
  std::uint64_t seed = 0;
  std::vector<ClusterSetup> clusters;
  Time horizon = kTimeMax;  ///< the run ends here at the latest; kTimeMax: when all work is done
  WarmUpRule warm_up;
  std::size_t series_points = 200;
  std::size_t node_rows = 0;    ///< of the heat map of each cluster's nodes; 0: none is kept
  std::vector<int> load_marks;  ///< percent of arrived GPU load to report; empty: no load curve
  std::optional<Fork> fork;
};

/// What run_simulation() may be handed besides the setup; nothing of it changes a result.
struct RunHooks {
  const std::atomic<bool>* stop = nullptr;  ///< set: give up, RunStopped
  unsigned threads = 1;                     ///< clusters that run side by side
  /// One for each cluster by position, or null: sees what the scheduler hears and decides.
  std::vector<SchedulerObserver*> observers;
};

/// Why there is no outcome although nothing was wrong: somebody asked to stop.
inline constexpr const char* kRunStopped = "the run was stopped";

/// Runs to the end. Errors: what the workload reported, or kRunStopped as the message. A
/// CheckFailure of ours passes through, with the cluster and the virtual time added to its text.
[[nodiscard]] Result<RunOutcome> run_simulation(SimulationSetup setup, const RunHooks& hooks = {});

}  // namespace orrery::sim
