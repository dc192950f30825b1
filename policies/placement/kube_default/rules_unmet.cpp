#include "orrery/policies/placement/kube_default/rules_unmet.hpp"

#include <algorithm>

namespace orrery::policies::kube {
namespace {

bool any_concerns(const std::vector<PodAffinityTerm>& terms, const PodTemplate& pod) {
  return std::any_of(terms.begin(), terms.end(), [&](const PodAffinityTerm& term) {
    return term.concerns(pod.name_space, pod.labels);
  });
}

bool is_spread_with(const PodTemplate& waiting, const PodTemplate& other) {
  if (waiting.name_space != other.name_space) return false;
  return std::any_of(waiting.topology_spread.begin(), waiting.topology_spread.end(),
                     [&](const auto& rule) { return rule.selector.matches(other.labels); });
}

bool helps_by_coming(const PodTemplate& waiting, const PodTemplate& other) {
  return any_concerns(waiting.pod_affinity.required, other) || is_spread_with(waiting, other);
}

bool helps_by_going(const PodTemplate& waiting, const PodTemplate& other) {
  return any_concerns(waiting.pod_anti_affinity.required, other) ||
         any_concerns(other.pod_anti_affinity.required, waiting) || is_spread_with(waiting, other);
}

/// The pod that comes to a node or leaves one by the change; none by most changes.
struct Move {
  PodId pod;
  bool is_coming = false;
};

Move move_by(const StateChange& change) {
  if (const auto* assumed = std::get_if<change::PodAssumed>(&change)) return {assumed->id, true};
  if (const auto* bound = std::get_if<change::PodBound>(&change)) return {bound->id, true};
  if (const auto* ended = std::get_if<change::PodEnded>(&change)) return {ended->id, false};
  if (const auto* ending = std::get_if<change::PodTerminating>(&change)) return {ending->id, false};
  if (const auto* forgotten = std::get_if<change::PodForgotten>(&change)) {
    return {forgotten->id, false};
  }
  return {};
}

}  // namespace

std::vector<PodId> RulesUnmet::helped_by(const ClusterState& state, const StateChange& change) {
  std::vector<PodId> helped;
  if (waiting_.empty()) return helped;
  const Move move = move_by(change);
  if (move.pod.is_none()) return helped;
  const PodTemplate& other = state.pod_template(move.pod);
  for (auto one = waiting_.begin(); one != waiting_.end();) {
    const auto [pod, uid] = *one;
    if (state.pod(pod).uid != uid || state.pod(pod).node) {
      one = waiting_.erase(one);  // it waits no more
      continue;
    }
    const PodTemplate& waiting = state.pod_template(pod);
    const bool helps =
        move.is_coming ? helps_by_coming(waiting, other) : helps_by_going(waiting, other);
    if (helps) helped.push_back(pod);
    one = helps ? waiting_.erase(one) : std::next(one);
  }
  return helped;
}

}  // namespace orrery::policies::kube
