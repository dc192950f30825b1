#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/models/labels.hpp"

namespace orrery {

/// A rule about other pods (core/v1 PodAffinityTerm). It concerns the pods of its namespaces that
/// its selector matches; the distance is one value of a node label.
struct PodAffinityTerm {
  LabelSelector selector;
  std::string topology_key;
  /// Ascending. A term of Kubernetes that names none means that of its pod: whoever makes the term
  /// writes that here, and the names that a namespaceSelector selects.
  std::vector<std::string> namespaces;
  bool in_all_namespaces = false;  ///< an empty namespaceSelector

  [[nodiscard]] bool concerns(const std::string& name_space, const Labels& labels) const;
  friend bool operator==(const PodAffinityTerm&, const PodAffinityTerm&) = default;
};

/// core/v1 WeightedPodAffinityTerm; `weight` is 1 to 100.
struct WeightedPodAffinityTerm {
  std::int32_t weight = 1;
  PodAffinityTerm term;
  friend bool operator==(const WeightedPodAffinityTerm&, const WeightedPodAffinityTerm&) = default;
};

/// core/v1 PodAffinity or PodAntiAffinity: every required term must hold.
struct PodAffinity {
  std::vector<PodAffinityTerm> required;
  std::vector<WeightedPodAffinityTerm> preferred;

  [[nodiscard]] bool empty() const { return required.empty() && preferred.empty(); }
  friend bool operator==(const PodAffinity&, const PodAffinity&) = default;
};

/// core/v1 UnsatisfiableConstraintAction.
enum class WhenUnsatisfiable : std::uint8_t { DoNotSchedule, ScheduleAnyway };

/// core/v1 TopologySpreadConstraint, with the defaults of the API. Its matchLabelKeys are part of
/// the selector, as the API server writes them there.
struct TopologySpreadConstraint {
  std::int32_t max_skew = 1;
  std::string topology_key;
  WhenUnsatisfiable when_unsatisfiable = WhenUnsatisfiable::DoNotSchedule;
  LabelSelector selector;
  std::int32_t min_domains = 1;
  bool honors_affinity = true;  ///< nodeAffinityPolicy: only nodes that the pod selects count
  bool honors_taints = false;   ///< nodeTaintsPolicy: only nodes whose taints it tolerates count

  friend bool operator==(const TopologySpreadConstraint&,
                         const TopologySpreadConstraint&) = default;
};

/// core/v1 Protocol.
enum class Protocol : std::uint8_t { TCP, UDP, SCTP };

/// A port that a pod takes on its node; an empty address, like 0.0.0.0, means all of them.
struct HostPort {
  std::string address;
  Protocol protocol = Protocol::TCP;
  std::int32_t port = 0;

  [[nodiscard]] bool conflicts_with(const HostPort& other) const;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

}  // namespace orrery
