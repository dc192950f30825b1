#include "orrery/experiments/explain/explain.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "orrery/models/check.hpp"
#include "orrery/models/quantity_text.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/sim/simulation.hpp"

namespace orrery::experiments {
namespace {

using orchestration::Bind;
using orchestration::Decision;
using orchestration::Wait;
using policies::Explanation;

/// A scheduling cycle, and what it decided about the pod in question.
struct Cycle {
  std::uint64_t number = 0;
  PodId pod;
  bool is_bind = false;
};

/// First run: which cycle was it?
class CycleFinder final : public sim::SchedulerObserver {
 public:
  explicit CycleFinder(std::uint64_t uid) : uid_(uid) {}

  void before_change(const StateChange&, Time) override {}
  void bind_failed(PodId, std::uint64_t, Time) override {}
  void before_cycle(orchestration::ClusterOrchestrator&, Time) override { ++cycles_; }
  void decided(const Decision& decision, Time) override {
    const auto note = [this](PodId pod, std::uint64_t uid, bool is_bind) {
      if (uid == uid_) found = Cycle{.number = cycles_, .pod = pod, .is_bind = is_bind};
    };
    if (const auto* bind = std::get_if<Bind>(&decision)) note(bind->pod, bind->uid, true);
    if (const auto* wait = std::get_if<Wait>(&decision)) note(wait->pod, wait->uid, false);
  }

  std::optional<Cycle> found;

 private:
  std::uint64_t uid_;
  std::uint64_t cycles_ = 0;
};

/// Second run: what did the policy see then? Stops the run there.
class CycleExplainer final : public sim::SchedulerObserver {
 public:
  CycleExplainer(const Cycle& cycle, std::size_t rows_max, std::atomic<bool>& stop)
      : cycle_(cycle), rows_max_(rows_max), stop_(stop) {}

  void before_change(const StateChange&, Time) override {}
  void bind_failed(PodId, std::uint64_t, Time) override {}
  void decided(const Decision&, Time) override {}
  void before_cycle(orchestration::ClusterOrchestrator& scheduler, Time now) override {
    if (++cycles_ != cycle_.number) return;
    const policies::ClusterView view{.state = scheduler.state(), .now = now};
    text = describe(view, scheduler.policy().explain(view, cycle_.pod));
    stop_ = true;
  }

  std::string text;

 private:
  [[nodiscard]] std::string describe(const policies::ClusterView& view, Explanation explanation);
  [[nodiscard]] std::string table(const policies::ClusterView& view,
                                  const Explanation& explanation) const;

  Cycle cycle_;
  std::size_t rows_max_;
  std::atomic<bool>& stop_;
  std::uint64_t cycles_ = 0;
};

std::string request_text(const ClusterState& state, PodId id) {
  const Pod& pod = state.pod(id);
  const PodTemplate& spec = state.pod_template(id);
  std::string text = fmt::format("CPU {}, memory {}", to_text(pod.cpu), to_text(pod.memory));
  if (spec.gpu.count > 0) {
    text += fmt::format(", {} GPU × {} milli", spec.gpu.count, spec.gpu.milli);
  }
  if (pod.gang_size > 1) text += fmt::format(", one of a gang of {}", pod.gang_size);
  return text;
}

std::string CycleExplainer::describe(const policies::ClusterView& view, Explanation explanation) {
  std::string text_of_pod = fmt::format("pod {} ({}) at {:.3f} s\n", view.state.pod(cycle_.pod).uid,
                                        request_text(view.state, cycle_.pod), seconds(view.now));
  const policies::Placement& placement = explanation.placement;
  if (placement.is_bind()) {
    text_of_pod += fmt::format("decision: bind to {}\n", view.state.node_name(placement.node));
  } else {
    text_of_pod += fmt::format("decision: wait, {}\n", to_string(placement.reason));
  }
  std::map<std::string, std::size_t> refused;
  for (const Explanation::Row& row : explanation.rows) {
    if (row.filter != "fits") ++refused[row.filter];
  }
  for (const auto& [filter, nodes] : refused) {
    text_of_pod += fmt::format("{} nodes refused: {}\n", nodes, filter);
  }
  std::stable_sort(explanation.rows.begin(), explanation.rows.end(),
                   [](const Explanation::Row& a, const Explanation::Row& b) {
                     const bool a_fits = a.filter == "fits";
                     const bool b_fits = b.filter == "fits";
                     return a_fits != b_fits ? a_fits : a_fits && a.total > b.total;
                   });
  return text_of_pod + "\n" + table(view, explanation);
}

std::string CycleExplainer::table(const policies::ClusterView& view,
                                  const Explanation& explanation) const {
  std::string text_of_rows = fmt::format("  {:<24} {:<16}", "node", "filter");
  for (const std::string& column : explanation.columns)
    text_of_rows += fmt::format(" {:>18}", column);
  text_of_rows += fmt::format(" {:>14}\n", "total");
  std::size_t printed = 0;
  for (const Explanation::Row& row : explanation.rows) {
    if (rows_max_ > 0 && printed++ == rows_max_) {
      text_of_rows += fmt::format("  … and {} more nodes (--all prints them)\n",
                                  explanation.rows.size() - rows_max_);
      break;
    }
    const bool is_chosen =
        explanation.placement.is_bind() && row.node == explanation.placement.node;
    text_of_rows += fmt::format("{} {:<24} {:<16}", is_chosen ? "→" : " ",
                                view.state.node_name(row.node), row.filter);
    if (row.filter == "fits") {
      for (const double score : row.scores) text_of_rows += fmt::format(" {:>18.6g}", score);
      text_of_rows += fmt::format(" {:>14.6g}", row.total);
    }
    text_of_rows += "\n";
  }
  return text_of_rows;
}

/// One observer for the cluster at `index`, none for the others.
std::vector<sim::SchedulerObserver*> only_for(std::size_t index, std::size_t clusters,
                                              sim::SchedulerObserver* observer) {
  std::vector<sim::SchedulerObserver*> observers(clusters, nullptr);
  observers[index] = observer;
  return observers;
}

struct FoundCycle {
  std::size_t cluster = 0;
  Cycle cycle;
};

Result<FoundCycle> find_cycle(const Experiment& experiment, const ExplainRequest& request) {
  const VariantPlan& plan = *experiment.plan(request.variant);
  std::vector<CycleFinder> finders(plan.clusters.size(), CycleFinder(request.pod));
  std::vector<sim::SchedulerObserver*> observers;
  for (CycleFinder& finder : finders) observers.push_back(&finder);
  auto setup = make_setup(plan, request.seed, experiment.registry());
  if (!setup) return failure(std::move(setup.error()));
  auto outcome = sim::run_simulation(std::move(*setup), {.observers = observers});
  if (!outcome) return failure(std::move(outcome.error()));
  for (std::size_t i = 0; i < finders.size(); ++i) {
    const bool is_wanted = request.cluster.empty() || plan.clusters[i].name == request.cluster;
    if (is_wanted && finders[i].found) return FoundCycle{.cluster = i, .cycle = *finders[i].found};
  }
  return failure(
      {.at = {},
       .message = fmt::format("no scheduler has tried a pod {} in this run", request.pod),
       .hint = "pods are numbered from 1 in the order of their arrival, cluster by "
               "cluster"});
}

}  // namespace

Result<std::string> explain_pod(const Experiment& experiment, const ExplainRequest& request) {
  const VariantPlan* const plan = experiment.plan(request.variant);
  ORRERY_CHECK(plan != nullptr, "a run that is stored has a plan");
  const auto found = find_cycle(experiment, request);
  if (!found) return failure(found.error());
  std::atomic<bool> stop = false;
  CycleExplainer explainer(found->cycle, request.rows_max, stop);
  auto setup = make_setup(*plan, request.seed, experiment.registry());
  if (!setup) return failure(std::move(setup.error()));
  const auto outcome = sim::run_simulation(
      std::move(*setup),
      {.stop = &stop, .observers = only_for(found->cluster, plan->clusters.size(), &explainer)});
  ORRERY_CHECK(!explainer.text.empty(), "a run repeats itself exactly");
  static_cast<void>(outcome);  // stopped on purpose
  return fmt::format("{}, {}", plan->clusters[found->cluster].name, explainer.text);
}

}  // namespace orrery::experiments
