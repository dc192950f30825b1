#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <rapidcheck.h>

#include "orrery/orchestration/journal/journal_record.hpp"

/// Journal records with any content that their types can hold, ends of the ranges included, and
/// their equality field by field, written down independently of the codec.
namespace orrery::test {

template <class T>
T any_integer() {
  constexpr T kMin = std::numeric_limits<T>::min();
  constexpr T kMax = std::numeric_limits<T>::max();
  return *rc::gen::weightedOneOf<T>(
      {{1, rc::gen::element(T{kMin}, T{kMax}, T{0}, T{1})}, {3, rc::gen::arbitrary<T>()}});
}

template <class E>
E any_of(int last) {
  return static_cast<E>(*rc::gen::inRange(0, last + 1));
}

inline bool any_flag() { return *rc::gen::arbitrary<bool>(); }
inline std::string any_text() { return *rc::gen::arbitrary<std::string>(); }

template <class IdType>
IdType any_id() {
  return IdType{any_integer<std::uint32_t>()};
}

template <class Amount>
Amount any_amount() {
  return Amount{any_integer<std::int64_t>()};
}

inline Time any_time() { return Time{Duration{any_integer<std::int64_t>()}}; }

template <class Make>
auto some(Make make) {
  std::vector<decltype(make())> list(*rc::gen::inRange<std::size_t>(0, 4));
  for (auto& element : list) element = make();
  return list;
}

template <class Map, class Make>
Map any_map(Make make) {
  Map map;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) map[any_text()] = make();
  return map;
}

inline Labels any_labels() { return any_map<Labels>(any_text); }
inline auto any_extended() {
  return any_map<std::map<std::string, std::int64_t>>(any_integer<std::int64_t>);
}

inline Taint any_taint() {
  return {.key = any_text(), .value = any_text(), .effect = any_of<TaintEffect>(2)};
}

inline Toleration any_toleration() {
  return {.key = any_text(),
          .op = any_of<Toleration::Operator>(1),
          .value = any_text(),
          .any_effect = any_flag(),
          .effect = any_of<TaintEffect>(2),
          .lasts = any_flag() ? std::optional(any_amount<Duration>()) : std::nullopt};
}

inline NodeSelectorTerm any_term() {
  return some([] {
    return LabelRequirement{.key = any_text(),
                            .op = any_of<LabelRequirement::Operator>(5),
                            .values = some(any_text),
                            .of_field = any_flag()};
  });
}

inline LabelSelector any_selector() {
  return {.requirements = any_term(), .selects_nothing = any_flag()};
}

inline PodAffinityTerm any_pod_affinity_term() {
  return {.selector = any_selector(),
          .topology_key = any_text(),
          .namespaces = some(any_text),
          .in_all_namespaces = any_flag()};
}

inline PodAffinity any_pod_affinity() {
  return {.required = some(any_pod_affinity_term), .preferred = some([] {
                                                     return WeightedPodAffinityTerm{
                                                         .weight = any_integer<std::int32_t>(),
                                                         .term = any_pod_affinity_term()};
                                                   })};
}

inline TopologySpreadConstraint any_spread() {
  return {.max_skew = any_integer<std::int32_t>(),
          .topology_key = any_text(),
          .when_unsatisfiable = any_of<WhenUnsatisfiable>(1),
          .selector = any_selector(),
          .min_domains = any_integer<std::int32_t>(),
          .honors_affinity = any_flag(),
          .honors_taints = any_flag()};
}

inline HostPort any_host_port() {
  return {
      .address = any_text(), .protocol = any_of<Protocol>(2), .port = any_integer<std::int32_t>()};
}

inline NodeAffinity any_affinity() {
  return {.required = some(any_term), .preferred = some([] {
                                        return PreferredTerm{.weight = any_integer<std::int32_t>(),
                                                             .term = any_term()};
                                      })};
}

inline Node any_node() {
  return {.name = any_text(),
          .cpu = any_amount<MilliCpu>(),
          .memory = any_amount<Bytes>(),
          .ephemeral_storage = any_amount<Bytes>(),
          .pods = any_integer<std::int32_t>(),
          .gpus = any_integer<std::int32_t>(),
          .gpu_model = any_text(),
          .extended = any_extended(),
          .labels = any_labels(),
          .taints = some(any_taint),
          .images = some([] { return NodeImage{.name = any_text(), .size = any_amount<Bytes>()}; }),
          .zone = any_text(),
          .rack = any_text()};
}

inline PodTemplate any_template() {
  return {.name_space = any_text(),
          .owner = any_text(),
          .labels = any_labels(),
          .priority = any_integer<std::int32_t>(),
          .gpu = {.count = any_integer<std::uint8_t>(), .milli = any_integer<std::int16_t>()},
          .gpu_models = some(any_text),
          .ephemeral_storage = any_amount<Bytes>(),
          .extended = any_extended(),
          .node_selector = any_labels(),
          .affinity = any_affinity(),
          .tolerations = some(any_toleration),
          .pod_affinity = any_pod_affinity(),
          .pod_anti_affinity = any_pod_affinity(),
          .topology_spread = some(any_spread),
          .default_spread_selector = any_selector(),
          .host_ports = some(any_host_port),
          .images = some(any_text),
          .preempts = any_flag(),
          .cpu_unnamed = any_amount<MilliCpu>(),
          .memory_unnamed = any_amount<Bytes>()};
}

inline DisruptionBudget any_budget() {
  return {.name = any_text(),
          .name_space = any_text(),
          .selector = any_selector(),
          .disruptions_allowed = any_integer<std::int32_t>(),
          .disrupted = some(any_integer<std::uint64_t>)};
}

inline GpuDeviceMask any_devices() { return GpuDeviceMask{any_integer<std::uint16_t>()}; }

inline Pod any_pod() {
  return {.uid = any_integer<std::uint64_t>(),
          .cpu = any_amount<MilliCpu>(),
          .memory = any_amount<Bytes>(),
          .created = any_time(),
          .estimated_duration = any_amount<Duration>(),
          .pod_template = any_id<PodTemplateId>(),
          .gang = any_id<GangId>(),
          .gang_size = any_integer<std::uint16_t>(),
          .devices = any_devices(),
          .node = any_id<NodeId>(),
          .phase = any_of<PodPhase>(3),
          .is_assumed = any_flag(),
          .is_terminating = any_flag()};
}

inline StateChange any_change() {
  const auto node = any_id<NodeId>();
  const auto pod = any_id<PodId>();
  switch (*rc::gen::inRange(0, 15)) {
    case 0:
      return change::TemplateAdded{any_id<PodTemplateId>(),
                                   std::make_shared<const PodTemplate>(any_template())};
    case 1:
      return change::NodeAdded{node, std::make_shared<const Node>(any_node())};
    case 2:
      return change::NodeReadyChanged{node, any_flag()};
    case 3:
      return change::NodeCordonChanged{node, any_flag()};
    case 4:
      return change::NodeTaintsChanged{node,
                                       std::make_shared<const std::vector<Taint>>(some(any_taint))};
    case 5:
      return change::NodeRemoved{node};
    case 6:
      return change::PodAdded{pod, any_pod()};
    case 7:
      return change::PodAssumed{pod, node, any_devices()};
    case 8:
      return change::PodForgotten{pod, node};
    case 9:
      return change::PodBound{pod, node, any_devices()};
    case 10:
      return change::PodStarted{pod};
    case 11:
      return change::PodEnded{pod, any_of<PodPhase>(3)};
    case 12:
      return change::PodTerminating{pod};
    case 13:
      return change::PodNominated{pod, node};
    default:
      return change::BudgetChanged{any_id<BudgetId>(),
                                   std::make_shared<const DisruptionBudget>(any_budget())};
  }
}

inline orchestration::JournalRecord any_record() {
  switch (*rc::gen::inRange(0, 7)) {
    case 6:
      return {any_time(), orchestration::Decision{orchestration::Preempt{
                              .pod = any_id<PodId>(),
                              .uid = any_integer<std::uint64_t>(),
                              .node = any_id<NodeId>(),
                              .victims = some([] {
                                return orchestration::Preempt::Victim{
                                    .pod = any_id<PodId>(), .uid = any_integer<std::uint64_t>()};
                              })}}};
    case 0:
      return {any_time(), orchestration::CycleBegun{}};
    case 1:
      return {any_time(), orchestration::BindFailed{any_id<PodId>(), any_integer<std::uint64_t>()}};
    case 2:
      return {any_time(),
              orchestration::Decision{orchestration::Bind{.pod = any_id<PodId>(),
                                                          .uid = any_integer<std::uint64_t>(),
                                                          .node = any_id<NodeId>(),
                                                          .devices = any_devices()}}};
    case 3:
      return {any_time(),
              orchestration::Decision{orchestration::Wait{.pod = any_id<PodId>(),
                                                          .uid = any_integer<std::uint64_t>(),
                                                          .reason = any_of<policies::WaitReason>(3),
                                                          .is_final = any_flag()}}};
    default:
      return {any_time(), any_change()};
  }
}

/// Equality of two of a kind; shared contents are compared, not their addresses.
struct Same {
  template <class A, class B>
  bool operator()(const A&, const B&) const {
    return false;
  }
  bool operator()(const change::TemplateAdded& a, const change::TemplateAdded& b) const {
    return a.id == b.id && *a.pod_template == *b.pod_template;
  }
  bool operator()(const change::NodeAdded& a, const change::NodeAdded& b) const {
    return a.id == b.id && *a.node == *b.node;
  }
  bool operator()(const change::NodeReadyChanged& a, const change::NodeReadyChanged& b) const {
    return a.id == b.id && a.is_ready == b.is_ready;
  }
  bool operator()(const change::NodeCordonChanged& a, const change::NodeCordonChanged& b) const {
    return a.id == b.id && a.is_cordoned == b.is_cordoned;
  }
  bool operator()(const change::NodeTaintsChanged& a, const change::NodeTaintsChanged& b) const {
    return a.id == b.id && *a.taints == *b.taints;
  }
  bool operator()(const change::NodeRemoved& a, const change::NodeRemoved& b) const {
    return a.id == b.id;
  }
  bool operator()(const change::PodAdded& a, const change::PodAdded& b) const {
    return a.id == b.id && a.pod == b.pod;
  }
  bool operator()(const change::PodAssumed& a, const change::PodAssumed& b) const {
    return a.id == b.id && a.node == b.node && a.devices == b.devices;
  }
  bool operator()(const change::PodForgotten& a, const change::PodForgotten& b) const {
    return a.id == b.id && a.node == b.node;
  }
  bool operator()(const change::PodBound& a, const change::PodBound& b) const {
    return a.id == b.id && a.node == b.node && a.devices == b.devices;
  }
  bool operator()(const change::PodStarted& a, const change::PodStarted& b) const {
    return a.id == b.id;
  }
  bool operator()(const change::PodEnded& a, const change::PodEnded& b) const {
    return a.id == b.id && a.phase == b.phase;
  }
  bool operator()(const change::PodTerminating& a, const change::PodTerminating& b) const {
    return a.id == b.id;
  }
  bool operator()(const change::PodNominated& a, const change::PodNominated& b) const {
    return a.id == b.id && a.node == b.node;
  }
  bool operator()(const change::BudgetChanged& a, const change::BudgetChanged& b) const {
    return a.id == b.id && *a.budget == *b.budget;
  }
  bool operator()(const orchestration::CycleBegun&, const orchestration::CycleBegun&) const {
    return true;
  }
  bool operator()(const orchestration::BindFailed& a, const orchestration::BindFailed& b) const {
    return a.pod == b.pod && a.uid == b.uid;
  }
  bool operator()(const orchestration::Decision& a, const orchestration::Decision& b) const {
    return a == b;
  }
  bool operator()(const StateChange& a, const StateChange& b) const {
    return std::visit(*this, a, b);
  }
};

inline bool is_same(const orchestration::JournalRecord& a, const orchestration::JournalRecord& b) {
  return a.at == b.at && std::visit(Same{}, a.entry, b.entry);
}

}  // namespace orrery::test
