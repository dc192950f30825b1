#include "orrery/experiments/experiment/run_variant.hpp"

#include <atomic>
#include <cctype>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "orrery/models/check.hpp"
#include "orrery/orchestration/journal/journal_writer.hpp"
#include "orrery/sim/cluster/journal_observer.hpp"
#include "orrery/sim/cluster/timeline_observer.hpp"
#include "orrery/sim/simulation.hpp"

namespace orrery::experiments {
namespace {

using orchestration::JournalWriter;

/// The journals of one run, one a cluster.
class RunJournals {
 public:
  /// `prefix` is the path up to the cluster's name. Before the setup is handed to the simulation.
  [[nodiscard]] Result<void> open(const sim::SimulationSetup& setup, const VariantPlan& plan,
                                  const std::string& prefix) {
    for (std::size_t i = 0; i < setup.clusters.size(); ++i) {
      const sim::ClusterSetup& cluster = setup.clusters[i];
      auto writer = JournalWriter::create(
          fmt::format("{}-{}.journal", prefix, file_name_of(cluster.name)),
          sim::journal_header(cluster, ClusterId{i}, setup.seed,
                              plan.clusters[i].scheduler.policy_json, cluster.profile.get()));
      if (!writer) return failure(std::move(writer.error()));
      writers_.push_back(std::move(*writer));
      observers_.push_back(std::make_unique<sim::JournalObserver>(*writers_.back()));
    }
    return {};
  }

  [[nodiscard]] std::vector<sim::SchedulerObserver*> observers() const {
    std::vector<sim::SchedulerObserver*> observers;
    for (const auto& observer : observers_) observers.push_back(observer.get());
    return observers;
  }

  [[nodiscard]] Result<void> close() {
    for (const auto& writer : writers_) {
      if (auto closed = writer->close(); !closed) return closed;
    }
    return {};
  }

 private:
  std::vector<std::unique_ptr<JournalWriter>> writers_;
  std::vector<std::unique_ptr<sim::JournalObserver>> observers_;
};

Result<sim::SimulationSetup> setup_of(const Experiment& experiment, const RunKey& key) {
  const VariantPlan* const plan = experiment.plan(key.variant);
  ORRERY_CHECK(plan != nullptr, "only variants that are planned are run");
  return make_setup(*plan, key.seed, experiment.registry());
}

Result<RunOutcome> simulate(sim::SimulationSetup setup, const std::stop_token& stop,
                            std::vector<sim::SchedulerObserver*> observers) {
  std::atomic<bool> is_stopped = false;
  const std::stop_callback forward(stop, [&is_stopped] { is_stopped = true; });
  return sim::run_simulation(std::move(setup),
                             {.stop = &is_stopped, .observers = std::move(observers)});
}

}  // namespace

RunFunction simulate_runs_of(const Experiment& experiment) {
  return [&experiment](const RunKey& key, const std::stop_token& stop) -> Result<RunOutcome> {
    auto setup = setup_of(experiment, key);
    if (!setup) return failure(std::move(setup.error()));
    return simulate(std::move(*setup), stop, {});
  };
}

RunFunction journal_runs_of(const Experiment& experiment, std::string folder) {
  return [&experiment, folder = std::move(folder)](
             const RunKey& key, const std::stop_token& stop) -> Result<RunOutcome> {
    auto setup = setup_of(experiment, key);
    if (!setup) return failure(std::move(setup.error()));
    if (setup->fork) {
      return failure({.at = {}, .message = "a journal tells of one policy, and a fork has two"});
    }
    const std::string name = file_name_of(experiment.record().variants[key.variant].name);
    RunJournals journals;
    if (auto opened = journals.open(*setup, *experiment.plan(key.variant),
                                    fmt::format("{}/{}-{}", folder, name, key.seed));
        !opened) {
      return failure(std::move(opened.error()));
    }
    auto outcome = simulate(std::move(*setup), stop, journals.observers());
    if (!outcome) return outcome;
    if (auto closed = journals.close(); !closed) return failure(std::move(closed.error()));
    return outcome;
  };
}

RunFunction timeline_run_of(const Experiment& experiment, std::string path) {
  return [&experiment, path = std::move(path)](const RunKey& key,
                                               const std::stop_token& stop) -> Result<RunOutcome> {
    auto setup = setup_of(experiment, key);
    if (!setup) return failure(std::move(setup.error()));
    auto timeline = sim::TimelineWriter::create(path);
    if (!timeline) return failure(std::move(timeline.error()));
    std::vector<std::unique_ptr<sim::TimelineObserver>> drawn;
    std::vector<sim::SchedulerObserver*> observers;
    for (const sim::ClusterSetup& cluster : setup->clusters) {
      drawn.push_back(std::make_unique<sim::TimelineObserver>(**timeline, cluster.name));
      observers.push_back(drawn.back().get());
    }
    auto outcome = simulate(std::move(*setup), stop, std::move(observers));
    if (!outcome) return outcome;
    for (const auto& cluster : drawn) cluster->finish(outcome->simulated_end);
    if (auto closed = (*timeline)->close(); !closed) return failure(std::move(closed.error()));
    return outcome;
  };
}

std::string file_name_of(const std::string& name) {
  std::string file;
  for (const char c : name) {
    const bool is_plain =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
    file += is_plain ? c : '-';
  }
  return file;
}

}  // namespace orrery::experiments
