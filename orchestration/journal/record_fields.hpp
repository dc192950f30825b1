#pragma once

#include <concepts>
#include <type_traits>

#include "orrery/models/state_change.hpp"
#include "orrery/orchestration/cluster/decision.hpp"
#include "orrery/orchestration/journal/journal_record.hpp"

/// Which fields a journal holds of each thing, and in which order: one list for writing and
/// reading. A change here is a new version of the format (docs/journal-format.md).
namespace orrery::orchestration::fields {

template <class T, class Wanted>
concept Is = std::same_as<std::remove_const_t<T>, Wanted>;

template <Is<Taint> T, class Visit>
void each(T& taint, Visit& visit) {
  visit(taint.key), visit(taint.value), visit(taint.effect);
}

template <Is<Toleration> T, class Visit>
void each(T& toleration, Visit& visit) {
  visit(toleration.key), visit(toleration.op), visit(toleration.value);
  visit(toleration.any_effect), visit(toleration.effect), visit(toleration.lasts);
}

template <Is<LabelRequirement> T, class Visit>
void each(T& requirement, Visit& visit) {
  visit(requirement.key), visit(requirement.op), visit(requirement.values);
  visit(requirement.of_field);
}

template <Is<LabelSelector> T, class Visit>
void each(T& selector, Visit& visit) {
  visit(selector.requirements), visit(selector.selects_nothing);
}

template <Is<PodAffinityTerm> T, class Visit>
void each(T& term, Visit& visit) {
  visit(term.selector), visit(term.topology_key), visit(term.namespaces);
  visit(term.in_all_namespaces);
}

template <Is<WeightedPodAffinityTerm> T, class Visit>
void each(T& weighted, Visit& visit) {
  visit(weighted.weight), visit(weighted.term);
}

template <Is<PodAffinity> T, class Visit>
void each(T& affinity, Visit& visit) {
  visit(affinity.required), visit(affinity.preferred);
}

template <Is<TopologySpreadConstraint> T, class Visit>
void each(T& constraint, Visit& visit) {
  visit(constraint.max_skew), visit(constraint.topology_key);
  visit(constraint.when_unsatisfiable), visit(constraint.selector);
  visit(constraint.min_domains), visit(constraint.honors_affinity);
  visit(constraint.honors_taints);
}

template <Is<HostPort> T, class Visit>
void each(T& host_port, Visit& visit) {
  visit(host_port.address), visit(host_port.protocol), visit(host_port.port);
}

template <Is<NodeImage> T, class Visit>
void each(T& image, Visit& visit) {
  visit(image.name), visit(image.size);
}

template <Is<PreferredTerm> T, class Visit>
void each(T& preferred, Visit& visit) {
  visit(preferred.weight), visit(preferred.term);
}

template <Is<NodeAffinity> T, class Visit>
void each(T& affinity, Visit& visit) {
  visit(affinity.required), visit(affinity.preferred);
}

template <Is<GpuRequest> T, class Visit>
void each(T& request, Visit& visit) {
  visit(request.count), visit(request.milli);
}

template <Is<Node> T, class Visit>
void each(T& node, Visit& visit) {
  visit(node.name), visit(node.cpu), visit(node.memory), visit(node.ephemeral_storage);
  visit(node.pods), visit(node.gpus), visit(node.gpu_model), visit(node.extended);
  visit(node.labels), visit(node.taints), visit(node.zone), visit(node.rack);
  visit(node.images);
}

template <Is<PodTemplate> T, class Visit>
void each(T& pod, Visit& visit) {
  visit(pod.name_space);
  visit(pod.owner), visit(pod.labels), visit(pod.priority), visit(pod.gpu), visit(pod.gpu_models);
  visit(pod.ephemeral_storage), visit(pod.extended), visit(pod.node_selector);
  visit(pod.affinity), visit(pod.tolerations), visit(pod.pod_affinity);
  visit(pod.pod_anti_affinity), visit(pod.topology_spread), visit(pod.default_spread_selector);
  visit(pod.host_ports), visit(pod.images), visit(pod.preempts);
  visit(pod.cpu_unnamed), visit(pod.memory_unnamed);
}

template <Is<Pod> T, class Visit>
void each(T& pod, Visit& visit) {
  visit(pod.uid), visit(pod.cpu), visit(pod.memory), visit(pod.created);
  visit(pod.estimated_duration), visit(pod.pod_template), visit(pod.gang), visit(pod.gang_size);
  visit(pod.devices), visit(pod.node), visit(pod.phase), visit(pod.is_assumed);
  visit(pod.is_terminating);
}

template <Is<change::TemplateAdded> T, class Visit>
void each(T& added, Visit& visit) {
  visit(added.id), visit(added.pod_template);
}

template <Is<change::NodeAdded> T, class Visit>
void each(T& added, Visit& visit) {
  visit(added.id), visit(added.node);
}

template <Is<change::NodeReadyChanged> T, class Visit>
void each(T& changed, Visit& visit) {
  visit(changed.id), visit(changed.is_ready);
}

template <Is<change::NodeCordonChanged> T, class Visit>
void each(T& changed, Visit& visit) {
  visit(changed.id), visit(changed.is_cordoned);
}

template <Is<change::NodeTaintsChanged> T, class Visit>
void each(T& changed, Visit& visit) {
  visit(changed.id), visit(changed.taints);
}

template <Is<change::NodeRemoved> T, class Visit>
void each(T& removed, Visit& visit) {
  visit(removed.id);
}

template <Is<change::PodAdded> T, class Visit>
void each(T& added, Visit& visit) {
  visit(added.id), visit(added.pod);
}

template <Is<change::PodAssumed> T, class Visit>
void each(T& assumed, Visit& visit) {
  visit(assumed.id), visit(assumed.node), visit(assumed.devices);
}

template <Is<change::PodForgotten> T, class Visit>
void each(T& forgotten, Visit& visit) {
  visit(forgotten.id), visit(forgotten.node);
}

template <Is<change::PodBound> T, class Visit>
void each(T& bound, Visit& visit) {
  visit(bound.id), visit(bound.node), visit(bound.devices);
}

template <Is<change::PodStarted> T, class Visit>
void each(T& started, Visit& visit) {
  visit(started.id);
}

template <Is<change::PodEnded> T, class Visit>
void each(T& ended, Visit& visit) {
  visit(ended.id), visit(ended.phase);
}

template <Is<change::PodTerminating> T, class Visit>
void each(T& terminating, Visit& visit) {
  visit(terminating.id);
}

template <Is<change::PodNominated> T, class Visit>
void each(T& nominated, Visit& visit) {
  visit(nominated.id), visit(nominated.node);
}

template <Is<DisruptionBudget> T, class Visit>
void each(T& budget, Visit& visit) {
  visit(budget.name), visit(budget.name_space), visit(budget.selector);
  visit(budget.disruptions_allowed), visit(budget.disrupted);
}

template <Is<change::BudgetChanged> T, class Visit>
void each(T& changed, Visit& visit) {
  visit(changed.id), visit(changed.budget);
}

template <Is<CycleBegun> T, class Visit>
void each(T& /*cycle*/, Visit& /*visit*/) {}

template <Is<BindFailed> T, class Visit>
void each(T& refused, Visit& visit) {
  visit(refused.pod), visit(refused.uid);
}

template <Is<Bind> T, class Visit>
void each(T& bind, Visit& visit) {
  visit(bind.pod), visit(bind.uid), visit(bind.node), visit(bind.devices);
}

template <Is<Wait> T, class Visit>
void each(T& wait, Visit& visit) {
  visit(wait.pod), visit(wait.uid), visit(wait.reason), visit(wait.is_final);
}

template <Is<Preempt::Victim> T, class Visit>
void each(T& victim, Visit& visit) {
  visit(victim.pod), visit(victim.uid);
}

template <Is<Preempt> T, class Visit>
void each(T& preempt, Visit& visit) {
  visit(preempt.pod), visit(preempt.uid), visit(preempt.node), visit(preempt.victims);
}

/// The number that stands for a kind of record in the file. Never reused for another meaning.
template <std::uint8_t Number, class T>
struct Kind {
  static constexpr std::uint8_t kNumber = Number;
  using Type = T;
};

template <class... AllKinds>
struct KindList {};

using Kinds = KindList<
    // What the watch reported.
    Kind<1, change::TemplateAdded>, Kind<2, change::NodeAdded>, Kind<3, change::NodeReadyChanged>,
    Kind<4, change::NodeCordonChanged>, Kind<5, change::NodeTaintsChanged>,
    Kind<6, change::NodeRemoved>, Kind<7, change::PodAdded>, Kind<8, change::PodAssumed>,
    Kind<9, change::PodForgotten>, Kind<10, change::PodBound>, Kind<11, change::PodStarted>,
    Kind<12, change::PodEnded>, Kind<13, change::PodTerminating>, Kind<14, change::PodNominated>,
    Kind<15, change::BudgetChanged>,
    // Other inputs.
    Kind<32, CycleBegun>, Kind<33, BindFailed>,
    // Decisions.
    Kind<48, Bind>, Kind<49, Wait>, Kind<50, Preempt>>;

/// The last value of each enumeration: what lies beyond is not ours.
template <class Enumeration>
inline constexpr Enumeration kLast = Enumeration::Unknown;
template <>
inline constexpr TaintEffect kLast<TaintEffect> = TaintEffect::NoExecute;
template <>
inline constexpr Toleration::Operator kLast<Toleration::Operator> = Toleration::Operator::Exists;
template <>
inline constexpr LabelRequirement::Operator kLast<LabelRequirement::Operator> =
    LabelRequirement::Operator::Lt;
template <>
inline constexpr WhenUnsatisfiable kLast<WhenUnsatisfiable> = WhenUnsatisfiable::ScheduleAnyway;
template <>
inline constexpr Protocol kLast<Protocol> = Protocol::SCTP;
template <>
inline constexpr PodPhase kLast<PodPhase> = PodPhase::Failed;
template <>
inline constexpr policies::WaitReason kLast<policies::WaitReason> =
    policies::WaitReason::PolicyChoice;

}  // namespace orrery::orchestration::fields
