#include "orrery/experiments/explain/never_ran.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orrery/models/check.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/sim/simulation.hpp"

namespace orrery::experiments {
namespace {

using orchestration::Bind;
using orchestration::ClusterOrchestrator;
using orchestration::Decision;
using orchestration::Wait;

/// "no feasible node (2 × insufficient cpu, 1 × node cordoned)".
std::string reason_of(ClusterOrchestrator& scheduler, PodId pod, const std::string& said,
                      Time now) {
  const policies::ClusterView view{.state = scheduler.state(), .now = now};
  std::map<std::string, std::size_t> refused;
  for (const auto& row : scheduler.policy().explain(view, pod).rows) {
    if (row.filter != "fits") ++refused[row.filter];
  }
  std::vector<std::string> parts;
  for (const auto& [filter, nodes] : refused)
    parts.push_back(fmt::format("{} × {}", nodes, filter));
  return parts.empty() ? said : fmt::format("{} ({})", said, fmt::join(parts, ", "));
}

struct Waiting {
  PodId pod;
  std::string why;
  bool is_over = false;  ///< given up: its row is gone
};

/// Follows which pods wait, and why at last.
class WaitingObserver final : public sim::SchedulerObserver {
 public:
  void run_ends(Time end) override {
    for (auto& [uid, waiting] : waiting_) {
      if (waiting.is_over || scheduler_ == nullptr) continue;
      waiting.why = reason_of(*scheduler_, waiting.pod, waiting.why, end);
    }
  }
  void before_change(const StateChange& change, Time) override {
    const auto* const added = std::get_if<change::PodAdded>(&change);
    if (added == nullptr || added->pod.node) return;
    waiting_[added->pod.uid] = {.pod = added->id, .why = "not tried yet"};
  }
  void before_cycle(ClusterOrchestrator& scheduler, Time) override { scheduler_ = &scheduler; }
  void bind_failed(PodId pod, std::uint64_t uid, Time) override {
    waiting_[uid] = {.pod = pod, .why = "the API server refused to bind it"};
  }
  void decided(const Decision& decision, Time now) override {
    if (const auto* const bind = std::get_if<Bind>(&decision)) {
      waiting_.erase(bind->uid);
      return;
    }
    const auto* const wait = std::get_if<Wait>(&decision);
    if (wait == nullptr) return;  // a preemption: its Wait follows
    Waiting& waiting = waiting_[wait->uid];
    waiting = {
        .pod = wait->pod, .why = std::string(to_string(wait->reason)), .is_over = wait->is_final};
    if (wait->is_final) waiting.why = reason_of(*scheduler_, wait->pod, waiting.why, now);
  }

  [[nodiscard]] const std::map<std::uint64_t, Waiting>& waiting() const { return waiting_; }

 private:
  std::map<std::uint64_t, Waiting> waiting_;  // by uid
  ClusterOrchestrator* scheduler_ = nullptr;
};

}  // namespace

Result<std::vector<NeverRan>> pods_that_never_ran(const Experiment& experiment, std::size_t variant,
                                                  std::uint64_t seed) {
  const VariantPlan* const plan = experiment.plan(variant);
  ORRERY_CHECK(plan != nullptr, "a variant with a plan");
  std::vector<WaitingObserver> observers(plan->clusters.size());
  std::vector<sim::SchedulerObserver*> views;
  for (WaitingObserver& observer : observers) views.push_back(&observer);
  auto setup = make_setup(*plan, seed, experiment.registry());
  if (!setup) return failure(std::move(setup.error()));
  const auto outcome = sim::run_simulation(std::move(*setup), {.observers = views});
  if (!outcome) return failure(outcome.error());
  std::vector<NeverRan> pods;
  for (std::size_t i = 0; i < observers.size(); ++i) {
    const ClusterPlan& cluster = plan->clusters[i];
    for (const auto& [uid, waiting] : observers[i].waiting()) {
      const bool has_name = cluster.manifests && uid <= cluster.manifests->names.size();
      pods.push_back({.cluster = cluster.name,
                      .uid = uid,
                      .name = has_name ? cluster.manifests->names[uid - 1] : std::string(),
                      .why = waiting.why});
    }
    if (!cluster.manifests) continue;
    for (const std::string& gated : cluster.manifests->gated) {
      pods.push_back({.cluster = cluster.name, .uid = 0, .name = gated, .why = "scheduling gates"});
    }
  }
  return pods;
}

std::string to_text(const std::vector<NeverRan>& pods, std::size_t rows_max) {
  if (pods.empty()) return "";
  std::string text =
      fmt::format("{} {} never ran:\n", pods.size(), pods.size() > 1 ? "pods" : "pod");
  std::size_t printed = 0;
  for (const NeverRan& pod : pods) {
    if (rows_max > 0 && printed++ == rows_max) {
      text += fmt::format("  … and {} more\n", pods.size() - rows_max);
      break;
    }
    const std::string name = pod.name.empty() ? fmt::format("pod {}", pod.uid) : pod.name;
    text += fmt::format("  {:<16} {:<28} {}\n", pod.cluster, name, pod.why);
  }
  return text;
}

}  // namespace orrery::experiments
