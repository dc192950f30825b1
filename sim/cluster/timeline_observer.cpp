#include "orrery/sim/cluster/timeline_observer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::sim {
namespace {

constexpr std::uint32_t kDecisions = 1;  ///< the track of the scheduler
constexpr std::uint32_t kCondition = 0;  ///< the track of a node's own condition; places follow

}  // namespace

TimelineObserver::TimelineObserver(TimelineWriter& timeline, std::string cluster_name)
    : timeline_(timeline),
      cluster_(std::move(cluster_name)),
      scheduler_(timeline.add_process(cluster_ + " / scheduler")) {
  timeline_.name_track(scheduler_, kDecisions, "decisions");
}

void TimelineObserver::before_change(const StateChange& change, Time now) {
  visit_change([&](const auto& specific) { apply(specific, now); }, change);
}

void TimelineObserver::before_cycle(orchestration::ClusterOrchestrator& /*scheduler*/,
                                    Time /*now*/) {}

void TimelineObserver::bind_failed(PodId pod, std::uint64_t uid, Time now) {
  const auto known = pods_.find(pod);
  if (known == pods_.end() || known->second.pod.uid != uid) return;
  timeline_.instant(scheduler_, kDecisions, "bind refused", now,
                    {{"pod", name_of(known->second.pod)}});
}

void TimelineObserver::decided(const orchestration::Decision& decision, Time now) {
  if (const auto* bind = std::get_if<orchestration::Bind>(&decision)) {
    const nlohmann::json arguments{{"pod", name_of(pods_.at(bind->pod).pod)},
                                   {"node", nodes_.at(bind->node).name}};
    timeline_.instant(scheduler_, kDecisions, "bind", now, arguments);
    return;
  }
  if (const auto* preempt = std::get_if<orchestration::Preempt>(&decision)) {
    const nlohmann::json arguments{{"pod", name_of(pods_.at(preempt->pod).pod)},
                                   {"node", nodes_.at(preempt->node).name},
                                   {"victims", preempt->victims.size()}};
    timeline_.instant(scheduler_, kDecisions, "preempt", now, arguments);
    return;
  }
  const auto& wait = std::get<orchestration::Wait>(decision);
  const nlohmann::json arguments{{"pod", name_of(pods_.at(wait.pod).pod)},
                                 {"reason", to_string(wait.reason)}};
  timeline_.instant(scheduler_, kDecisions, wait.is_final ? "give up" : "wait", now, arguments);
}

void TimelineObserver::apply(const change::TemplateAdded& added, Time /*now*/) {
  templates_.push_back(added.pod_template);
}

void TimelineObserver::apply(const change::NodeAdded& added, Time /*now*/) {
  DrawnNode node{.name = added.node->name};
  node.process = timeline_.add_process(fmt::format("{} / {}", cluster_, node.name));
  timeline_.name_track(node.process, kCondition, "condition");
  nodes_[added.id] = std::move(node);
}

void TimelineObserver::apply(const change::NodeReadyChanged& changed, Time now) {
  DrawnNode& node = nodes_.at(changed.id);
  if (changed.is_ready && !node.is_ready) {
    timeline_.slice(node.process, kCondition, "not ready", node.since, now,
                    nlohmann::json::object());
  }
  node.is_ready = changed.is_ready;
  node.since = now;
}

void TimelineObserver::apply(const change::PodAdded& added, Time now) {
  DrawnPod& pod = pods_[added.id];
  pod = {.pod = added.pod};
  if (added.pod.node) {
    begin_on(pod, added.pod.node, now);
  } else {
    count_waiting(1, now);
  }
}

void TimelineObserver::apply(const change::PodBound& bound, Time now) {
  DrawnPod& pod = pods_.at(bound.id);
  if (pod.node) return;
  count_waiting(-1, now);
  begin_on(pod, bound.node, now);
}

void TimelineObserver::apply(const change::PodStarted& started, Time now) {
  DrawnPod& pod = pods_.at(started.id);
  if (now > pod.since) draw(pod, "started", now);
  pod.has_started = true;
  pod.since = now;
}

void TimelineObserver::apply(const change::PodEnded& ended, Time now) {
  const auto known = pods_.find(ended.id);
  DrawnPod& pod = known->second;
  if (pod.node) {
    end_on(pod, ended.phase == PodPhase::Succeeded ? "succeeded" : "failed", now);
  } else {
    count_waiting(-1, now);
  }
  pods_.erase(known);
}

void TimelineObserver::begin_on(DrawnPod& pod, NodeId id, Time now) {
  DrawnNode& node = nodes_.at(id);
  const auto free = std::find(node.places.begin(), node.places.end(), false);
  const auto place = static_cast<std::uint32_t>(free - node.places.begin());
  if (free == node.places.end()) {
    node.places.push_back(true);
    timeline_.name_track(node.process, place + 1, fmt::format("place {}", place + 1));
  } else {
    *free = true;
  }
  pod.node = id;
  pod.place = place + 1;
  pod.since = now;
  pod.bound = now;
}

void TimelineObserver::end_on(DrawnPod& pod, std::string_view outcome, Time now) {
  draw(pod, outcome, now);
  nodes_.at(pod.node).places[pod.place - 1] = false;
}

void TimelineObserver::draw(const DrawnPod& pod, std::string_view outcome, Time now) {
  const nlohmann::json arguments{{"outcome", outcome},
                                 {"milli_cpu", pod.pod.cpu.count()},
                                 {"memory_bytes", pod.pod.memory.count()},
                                 {"milli_gpu", spec(pod.pod).gpu.total().count()},
                                 {"waited_seconds", seconds(pod.bound - pod.pod.created)}};
  const std::string name = name_of(pod.pod);
  timeline_.slice(nodes_.at(pod.node).process, pod.place,
                  pod.has_started ? name : name + " (starting)", pod.since, now, arguments);
}

void TimelineObserver::count_waiting(std::int64_t delta, Time now) {
  waiting_ += delta;
  timeline_.counter(scheduler_, "waiting pods", now, waiting_);
}

void TimelineObserver::finish(Time end) {
  for (auto& [id, pod] : pods_) {
    if (pod.node) end_on(pod, "still there at the end", end);
  }
  for (auto& [id, node] : nodes_) {
    if (!node.is_ready) {
      timeline_.slice(node.process, kCondition, "not ready", node.since, end,
                      nlohmann::json::object());
    }
  }
}

std::string TimelineObserver::name_of(const Pod& pod) const {
  const std::string& owner = spec(pod).owner;
  return owner.empty() ? fmt::format("pod {}", pod.uid) : fmt::format("{} {}", owner, pod.uid);
}

}  // namespace orrery::sim
