#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/orchestration/cluster/cluster_orchestrator.hpp"
#include "orrery/policies/registry.hpp"
#include "orrery/tests/support/cluster_builder.hpp"

namespace orrery::test {

inline std::unique_ptr<policies::PlacementPolicy> placement(const std::string& name) {
  const policies::PolicyRegistry registry = policies::with_builtin_policies();
  return policies::make_placement(nlohmann::json(name), {}, {.seed = 1, .registry = registry})
      .value();
}

/// Back-off is a matter of its own: most situations are told without it.
inline orchestration::SchedulerConfig without_backoff() { return {.backoff_initial = {}}; }

/// Plays the API server to one scheduler: gives ids and uids, and runs cycles until there is
/// nothing to do. Ids of pods that ended are used again, last ended first.
class SchedulerDriver {
 public:
  explicit SchedulerDriver(
      orchestration::SchedulerConfig config = without_backoff(),
      std::unique_ptr<policies::PlacementPolicy> policy = placement("first-fit"))
      : scheduler(config, std::move(policy)) {}

  Time now = kTimeZero;
  orchestration::ClusterOrchestrator scheduler;

  NodeId node(Node node) {
    const NodeId id{state().node_count()};
    node.name = "n" + std::to_string(id.index());
    tell(change::NodeAdded{id, std::make_shared<const Node>(std::move(node))});
    return id;
  }

  /// A pod of `spec`, created now.
  PodId pod(const PodSpec& spec) {
    const PodTemplateId shared{state().template_count()};
    tell(change::TemplateAdded{shared, std::make_shared<const PodTemplate>(template_of(spec))});
    PodId id{state().pods().size()};
    if (!free_ids_.empty()) {
      id = free_ids_.back();
      free_ids_.pop_back();
    }
    tell(change::PodAdded{id,
                          {.uid = ++last_uid_,
                           .cpu = spec.cpu,
                           .memory = spec.memory,
                           .created = now,
                           .estimated_duration = spec.estimated_duration,
                           .pod_template = shared,
                           .gang = spec.gang,
                           .gang_size = spec.gang_size}});
    return id;
  }

  void end(PodId pod, PodPhase phase = PodPhase::Succeeded) {
    tell(change::PodEnded{pod, phase});
    free_ids_.push_back(pod);
  }

  void tell(const StateChange& change) { scheduler.observe(change, now); }

  /// The API server has committed the binding.
  void confirm(const orchestration::Bind& bind) {
    tell(change::PodBound{bind.pod, bind.node, bind.devices});
  }
  void refuse(const orchestration::Bind& bind) { scheduler.bind_failed(bind.pod, bind.uid, now); }

  std::vector<orchestration::Decision> cycle() {
    std::vector<orchestration::Decision> decisions;
    scheduler.schedule_next(now, decisions);
    return decisions;
  }
  /// Cycles until there is no work; binds are not confirmed.
  std::vector<orchestration::Decision> run() {
    std::vector<orchestration::Decision> decisions;
    while (scheduler.has_work(now)) scheduler.schedule_next(now, decisions);
    return decisions;
  }
  /// As run(), with each bind confirmed.
  std::vector<orchestration::Decision> run_and_confirm() {
    const std::vector<orchestration::Decision> decisions = run();
    for (const auto& decision : decisions) {
      if (const auto* bind = std::get_if<orchestration::Bind>(&decision)) confirm(*bind);
    }
    return decisions;
  }

  [[nodiscard]] const ClusterState& state() const { return scheduler.state(); }
  [[nodiscard]] const Pod& row(PodId pod) const { return state().pod(pod); }

 private:
  std::vector<PodId> free_ids_;
  std::uint64_t last_uid_ = 0;
};

/// Decisions as a test writes them: "p1>n0", "p2 waits (no feasible node)", "p3 given up (…)".
inline std::string words(const orchestration::Decision& decision) {
  if (const auto* bind = std::get_if<orchestration::Bind>(&decision)) {
    return "p" + std::to_string(bind->pod.index()) + ">n" + std::to_string(bind->node.index());
  }
  if (const auto* preempt = std::get_if<orchestration::Preempt>(&decision)) {
    std::string text = "p" + std::to_string(preempt->pod.index()) + " preempts on n" +
                       std::to_string(preempt->node.index()) + ":";
    for (const auto& victim : preempt->victims) text += " p" + std::to_string(victim.pod.index());
    return text;
  }
  const auto& wait = std::get<orchestration::Wait>(decision);
  return "p" + std::to_string(wait.pod.index()) + (wait.is_final ? " given up (" : " waits (") +
         std::string(policies::to_string(wait.reason)) + ")";
}

inline std::vector<std::string> words(const std::vector<orchestration::Decision>& decisions) {
  std::vector<std::string> list;
  for (const auto& decision : decisions) list.push_back(words(decision));
  return list;
}

}  // namespace orrery::test
