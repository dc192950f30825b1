#include "orrery/traces/kubernetes/placement_rules.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "orrery/traces/kubernetes/labels.hpp"
#include "orrery/traces/kubernetes/names.hpp"

namespace orrery::traces::kubernetes {
namespace {

enum class Policy : std::uint8_t { Honor, Ignore };
constexpr std::array<EnumName<Policy>, 2> kPolicies{
    {{Policy::Honor, "Honor"}, {Policy::Ignore, "Ignore"}}};

constexpr const char* kNotReady = "node.kubernetes.io/not-ready";
constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";

NodeAffinity read_node_affinity(const Field& affinity) {
  NodeAffinity read;
  const Field required = affinity["requiredDuringSchedulingIgnoredDuringExecution"];
  if (required.is_there()) required["nodeSelectorTerms"].required();
  for (const Field& term : required["nodeSelectorTerms"].elements()) {
    read.required.push_back(read_node_selector_term(term));
  }
  for (const Field& one : affinity["preferredDuringSchedulingIgnoredDuringExecution"].elements()) {
    one["weight"].required();
    read.preferred.push_back({.weight = one["weight"].integer32(1, 1, 100),
                              .term = read_node_selector_term(one["preference"])});
  }
  return read;
}

Toleration read_toleration(const Field& field) {
  Toleration read{
      .key = field["key"].text(),
      .op = read_enum(field["operator"], kTolerationOperators, Toleration::Operator::Equal),
      .value = field["value"].text(),
      .any_effect = field["effect"].is_empty(),
      .effect = TaintEffect::NoSchedule};
  if (!read.any_effect) read.effect = read_enum(field["effect"], kEffects, read.effect);
  if (!read.key.empty() && !is_qualified_name(read.key)) field["key"].wrong("a taint's key");
  if (read.key.empty() && read.op != Toleration::Operator::Exists) {
    field["operator"].refuse("operator must be Exists where there is no key");
  }
  if (read.op == Toleration::Operator::Exists && !read.value.empty()) {
    field["value"].wrong("no value beside Exists");
  }
  if (!is_label_value(read.value)) field["value"].wrong("a taint's value");
  const Field seconds = field["tolerationSeconds"];
  if (seconds.is_there()) {
    if (read.any_effect || read.effect != TaintEffect::NoExecute) {
      field["effect"].refuse("effect must be NoExecute beside tolerationSeconds");
    }
    constexpr std::int64_t kMost = std::int64_t{1} << 33;
    read.lasts = std::chrono::seconds{
        std::clamp(seconds.json().get<std::int64_t>(), std::int64_t{0}, kMost)};
  }
  return read;
}

/// Admission: 300 s under the taints that node failures bring, unless the pod says otherwise.
void add_default_tolerations(std::vector<Toleration>& tolerations) {
  const std::size_t own = tolerations.size();
  for (const char* const taint : {kNotReady, kUnreachable}) {
    const bool has =
        std::any_of(tolerations.begin(), tolerations.begin() + static_cast<std::ptrdiff_t>(own),
                    [&](const Toleration& one) {
                      return (one.key == taint || one.key.empty()) &&
                             (one.any_effect || one.effect == TaintEffect::NoExecute);
                    });
    if (has) continue;
    tolerations.push_back({.key = taint,
                           .op = Toleration::Operator::Exists,
                           .value = "",
                           .any_effect = false,
                           .effect = TaintEffect::NoExecute,
                           .lasts = std::chrono::seconds{300}});
  }
}

/// Adds `key op (the pod's value)` for each key that the pod has; nothing to a selector of nothing.
void merge_label_keys(const Field& keys, LabelRequirement::Operator op, const Labels& labels,
                      LabelSelector& selector) {
  for (const Field& key : keys.elements()) {
    if (!is_qualified_name(key.text())) key.wrong("a label key");
    if (selector.selects_nothing) {
      key.refuse("label keys need a labelSelector beside them");
      continue;
    }
    const auto found = labels.find(key.text());
    if (found == labels.end()) continue;
    LabelRequirement merged{.key = found->first, .op = op, .values = {found->second}};
    // What kubectl reads from a server has been merged there already.
    const auto& all = selector.requirements;
    if (std::find(all.begin(), all.end(), merged) == all.end()) {
      selector.requirements.push_back(std::move(merged));
    }
  }
}

void check_topology_key(const Field& key) {
  if (key.required().is_there() && !is_qualified_name(key.text())) key.wrong("a node label's key");
}

PodAffinityTerm read_pod_term(const Field& field, const NamespaceLabels& namespaces,
                              const PodTemplate& pod) {
  check_topology_key(field["topologyKey"]);
  PodAffinityTerm term{.selector = read_label_selector(field["labelSelector"]),
                       .topology_key = field["topologyKey"].text(),
                       .namespaces = {}};
  using Operator = LabelRequirement::Operator;
  merge_label_keys(field["matchLabelKeys"], Operator::In, pod.labels, term.selector);
  merge_label_keys(field["mismatchLabelKeys"], Operator::NotIn, pod.labels, term.selector);

  std::set<std::string> names;
  for (const Field& name : field["namespaces"].elements()) names.insert(name.text());
  const Field selector = field["namespaceSelector"];
  if (selector.is_there()) {
    const LabelSelector wanted = read_label_selector(selector);
    term.in_all_namespaces = wanted.is_everything();
    for (const auto& [name, labels] : namespaces) {
      if (!term.in_all_namespaces && wanted.matches(labels)) names.insert(name);
    }
  } else if (names.empty()) {
    names.insert(pod.name_space);
  }
  term.namespaces.assign(names.begin(), names.end());
  return term;
}

PodAffinity read_pod_affinity(const Field& affinity, const NamespaceLabels& namespaces,
                              const PodTemplate& pod) {
  PodAffinity read;
  for (const Field& term : affinity["requiredDuringSchedulingIgnoredDuringExecution"].elements()) {
    read.required.push_back(read_pod_term(term, namespaces, pod));
  }
  for (const Field& one : affinity["preferredDuringSchedulingIgnoredDuringExecution"].elements()) {
    one["weight"].required();
    read.preferred.push_back({.weight = one["weight"].integer32(1, 1, 100),
                              .term = read_pod_term(one["podAffinityTerm"], namespaces, pod)});
  }
  return read;
}

TopologySpreadConstraint read_spread(const Field& field, const Labels& labels) {
  field["maxSkew"].required();
  field["whenUnsatisfiable"].required();
  check_topology_key(field["topologyKey"]);
  TopologySpreadConstraint read{
      .max_skew = field["maxSkew"].integer32(1, 1),
      .topology_key = field["topologyKey"].text(),
      .when_unsatisfiable = read_enum(field["whenUnsatisfiable"], kWhenUnsatisfiable,
                                      WhenUnsatisfiable::DoNotSchedule),
      .selector = read_label_selector(field["labelSelector"]),
      .min_domains = field["minDomains"].integer32(1, 1),
      .honors_affinity =
          read_enum(field["nodeAffinityPolicy"], kPolicies, Policy::Honor) == Policy::Honor,
      .honors_taints =
          read_enum(field["nodeTaintsPolicy"], kPolicies, Policy::Ignore) == Policy::Honor};
  if (field["minDomains"].is_there() &&
      read.when_unsatisfiable == WhenUnsatisfiable::ScheduleAnyway) {
    field["minDomains"].refuse("minDomains is only for whenUnsatisfiable: DoNotSchedule");
  }
  merge_label_keys(field["matchLabelKeys"], LabelRequirement::Operator::In, labels, read.selector);
  return read;
}

std::vector<TopologySpreadConstraint> read_spreads(const Field& list, const Labels& labels) {
  std::vector<TopologySpreadConstraint> spreads;
  for (const Field& field : list.elements()) {
    TopologySpreadConstraint one = read_spread(field, labels);
    const bool is_repeated = std::any_of(spreads.begin(), spreads.end(), [&](const auto& other) {
      return other.topology_key == one.topology_key &&
             other.when_unsatisfiable == one.when_unsatisfiable;
    });
    if (is_repeated) {
      field.refuse("two constraints have the same topologyKey and whenUnsatisfiable");
    }
    spreads.push_back(std::move(one));
  }
  return spreads;
}

}  // namespace

void read_placement_rules(const Field& pod_spec, const NamespaceLabels& namespaces,
                          PodTemplate& placement) {
  placement.node_selector = read_labels(pod_spec["nodeSelector"]);
  const Field affinity = pod_spec["affinity"];
  placement.affinity = read_node_affinity(affinity["nodeAffinity"]);
  for (const Field& toleration : pod_spec["tolerations"].elements()) {
    placement.tolerations.push_back(read_toleration(toleration));
  }
  add_default_tolerations(placement.tolerations);
  placement.pod_affinity = read_pod_affinity(affinity["podAffinity"], namespaces, placement);
  placement.pod_anti_affinity =
      read_pod_affinity(affinity["podAntiAffinity"], namespaces, placement);
  placement.topology_spread = read_spreads(pod_spec["topologySpreadConstraints"], placement.labels);
}

}  // namespace orrery::traces::kubernetes
