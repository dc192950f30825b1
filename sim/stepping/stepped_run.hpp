#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/run_outcome.hpp"
#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/sim/simulation.hpp"
#include "orrery/sim/stepping/fiber.hpp"

namespace orrery::sim {

class ClusterSimulation;

/// A run in which the caller, not a policy, places the pods of one cluster: the simulation goes on
/// to the next pod that can be placed and stops there. It is run_simulation() on a fiber, so the
/// same placements give the same outcome to the last bit.
///
/// Clusters run one after another (they send each other no messages yet): those before this one are
/// simulated before its first decision, those behind it after its last. Destroying an unfinished
/// run gives it up.
class SteppedRun {
 public:
  enum class Stop : std::uint8_t {
    Decision,  ///< pod() can be placed: call place() or wait(), then advance()
    Breath,    ///< nothing to do but to advance() again: a chance to look for Ctrl-C
    End,       ///< all is over but the figures: finish()
  };

  /// The policy that `setup` has for `cluster` is dropped; of a fork, the one that goes on from
  /// there, so that the first decision is one of the future.
  SteppedRun(SimulationSetup setup, ClusterId cluster);
  SteppedRun(const SteppedRun&) = delete;
  SteppedRun& operator=(const SteppedRun&) = delete;
  ~SteppedRun();

  /// Simulates up to the next stop. Errors: those of run_simulation(); nothing may be called
  /// afterwards. A CheckFailure passes through.
  [[nodiscard]] Result<Stop> advance();
  /// After Stop::End.
  [[nodiscard]] Result<RunOutcome> finish();

  /// The answer to a decision; without one the pod waits. The pod must fit on `node`.
  void place(NodeId node);
  /// The pod waits by choice until room is freed on any node; where the scheduler never retries it
  /// is given up.
  void wait();

  /// At a decision: the pod, which fits on at least one node.
  [[nodiscard]] PodId pod() const { return pod_; }
  /// The cluster as its scheduler sees it, at a decision and at the end.
  [[nodiscard]] policies::ClusterView view() const;
  /// Pods and gangs that wait in the scheduler's queue, without this one.
  [[nodiscard]] std::size_t waiting() const;
  /// Each of named_totals() for the cluster so far, from the end of a fixed warm-up on, at a
  /// decision and at the end.
  void read_totals(std::vector<double>& values) const;
  /// Does the cluster measure fragmentation?
  [[nodiscard]] bool has_fragmentation() const;

 private:
  class Observer;
  class Policy;

  policies::Placement ask(const policies::ClusterView& view, PodId pod);
  void stop_at(Stop stop);

  std::atomic<bool> is_given_up_{false};
  std::optional<Result<RunOutcome>> outcome_;
  std::vector<std::unique_ptr<Observer>> observers_;
  ClusterSimulation* cluster_ = nullptr;  ///< while the simulation lasts
  Stop stop_ = Stop::Breath;
  Time now_{};
  PodId pod_;
  policies::Placement answer_;
  Fiber fiber_;  // last: what runs on it uses the rest
};

}  // namespace orrery::sim
