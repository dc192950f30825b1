#include "orrery/sim/stepping/stepped_run.hpp"

#include <utility>

#include "orrery/models/check.hpp"
#include "orrery/policies/placement/binding.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/sim/stepping/named_totals.hpp"

namespace orrery::sim {

using policies::ClusterView;
using policies::Placement;
using policies::WaitReason;

/// Lets the run stop now and then, and at the end.
class SteppedRun::Observer final : public SchedulerObserver {
 public:
  Observer(SteppedRun& run, bool is_stepped) : run_(run), is_stepped_(is_stepped) {}

  void run_begins(ClusterSimulation& cluster) override {
    if (is_stepped_) run_.cluster_ = &cluster;
  }
  void run_ends(Time end) override {
    if (!is_stepped_) return;
    run_.now_ = end;
    run_.stop_at(Stop::End);
    run_.cluster_ = nullptr;
  }
  void before_change(const StateChange&, Time) override { breathe(); }
  void before_cycle(orchestration::ClusterOrchestrator&, Time) override { breathe(); }
  void bind_failed(PodId, std::uint64_t, Time) override {}
  void decided(const orchestration::Decision&, Time) override {}

 private:
  /// A few milliseconds' worth of changes and scheduling cycles.
  static constexpr std::uint32_t kBetweenBreaths = 8192;

  void breathe() {
    if (++seen_ % kBetweenBreaths == 0) run_.stop_at(Stop::Breath);
  }

  SteppedRun& run_;
  bool is_stepped_;
  std::uint32_t seen_ = 0;
};

/// Asks whoever steps the run. Pods that fit nowhere wait without a question.
class SteppedRun::Policy final : public policies::PlacementPolicy {
 public:
  explicit Policy(SteppedRun& run) : run_(run) {}
  Placement place(const ClusterView& view, PodId pod) override { return run_.ask(view, pod); }

 private:
  SteppedRun& run_;
};

namespace {

bool fits_somewhere(const ClusterView& view, PodId pod) {
  const Pod& row = view.state.pod(pod);
  for (std::size_t i = 0; i < view.state.node_count(); ++i) {
    if (view.state.fits(NodeId{i}, row)) return true;
  }
  return false;
}

}  // namespace

SteppedRun::SteppedRun(SimulationSetup setup, ClusterId cluster)
    : fiber_(
          [this, setup = std::make_shared<SimulationSetup>(std::move(setup)), cluster]() mutable {
            auto& policy = setup->fork ? setup->fork->policies[cluster.index()]
                                       : setup->clusters[cluster.index()].policy;
            policy = std::make_unique<Policy>(*this);
            RunHooks hooks{.stop = &is_given_up_};
            for (std::size_t i = 0; i < setup->clusters.size(); ++i) {
              observers_.push_back(std::make_unique<Observer>(*this, ClusterId{i} == cluster));
              hooks.observers.push_back(observers_.back().get());
            }
            outcome_ = run_simulation(std::move(*setup), hooks);
          }) {}

SteppedRun::~SteppedRun() {
  if (!fiber_.is_started()) return;
  is_given_up_ = true;  // the simulation stops after the event that it is in, and asks nothing more
  try {
    while (!fiber_.is_done()) fiber_.resume();
  } catch (const CheckFailure&) {  // nobody wants to know any more
  }
}

Result<SteppedRun::Stop> SteppedRun::advance() {
  if (fiber_.resume()) return stop_;
  ORRERY_CHECK(outcome_.has_value() && !outcome_->has_value(), "a run stops before its figures");
  return failure(std::move(outcome_->error()));
}

Result<RunOutcome> SteppedRun::finish() {
  while (fiber_.resume()) {
  }
  return std::move(*outcome_);
}

void SteppedRun::place(NodeId node) {
  const ClusterView seen = view();
  answer_ = policies::bind_best_fit(seen.state, seen.state.pod(pod_), node);
}

void SteppedRun::wait() { answer_ = Placement::wait(WaitReason::PolicyChoice); }

ClusterView SteppedRun::view() const {
  ORRERY_CHECK(cluster_ != nullptr, "a run that has not begun or is over shows no cluster");
  return {.state = cluster_->orchestrator().state(), .now = now_};
}

std::size_t SteppedRun::waiting() const { return cluster_->orchestrator().waiting(); }

void SteppedRun::read_totals(std::vector<double>& values) const {
  ORRERY_CHECK(cluster_ != nullptr, "a run that has not begun or is over has no totals");
  const MetricTotals totals = cluster_->metrics().recorder().totals(now_);
  values.clear();
  for (const NamedTotal& total : named_totals()) {
    values.push_back(total.value(totals, cluster_->metrics().fragment_weight()));
  }
}

bool SteppedRun::has_fragmentation() const {
  ORRERY_CHECK(cluster_ != nullptr, "a run that has not begun or is over shows no cluster");
  return cluster_->metrics().fragment_weight() > 0;
}

Placement SteppedRun::ask(const ClusterView& view, PodId pod) {
  if (is_given_up_ || !fits_somewhere(view, pod)) {
    return Placement::wait(WaitReason::NoFeasibleNode);
  }
  now_ = view.now;
  pod_ = pod;
  wait();
  stop_at(Stop::Decision);
  return std::exchange(answer_, Placement{});
}

void SteppedRun::stop_at(Stop stop) {
  if (is_given_up_) return;
  stop_ = stop;
  fiber_.suspend();
}

}  // namespace orrery::sim
