#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/models/units.hpp"

namespace orrery {

/// Kubernetes labels, ordered by key so that equality and printing are canonical.
using Labels = std::map<std::string, std::string, std::less<>>;

/// k8s.io/api core/v1 TaintEffect.
enum class TaintEffect : std::uint8_t { NoSchedule, PreferNoSchedule, NoExecute };

struct Taint {
  std::string key;
  std::string value;
  TaintEffect effect = TaintEffect::NoSchedule;
  friend bool operator==(const Taint&, const Taint&) = default;
};

/// k8s.io/api core/v1 Toleration; an empty key with Exists tolerates everything, no effect means
/// every effect.
struct Toleration {
  enum class Operator : std::uint8_t { Equal, Exists };
  std::string key;
  Operator op = Operator::Equal;
  std::string value;
  bool any_effect = true;
  TaintEffect effect = TaintEffect::NoSchedule;
  /// tolerationSeconds: how long the pod stays under a NoExecute taint; none: for ever. The API
  /// takes what is below zero as zero.
  std::optional<Duration> lasts = std::nullopt;

  [[nodiscard]] bool tolerates(const Taint& taint) const;
  friend bool operator==(const Toleration&, const Toleration&) = default;
};

/// One expression of a node selector term or of a label selector (core/v1 NodeSelectorRequirement,
/// meta/v1 LabelSelectorRequirement).
struct LabelRequirement {
  enum class Operator : std::uint8_t { In, NotIn, Exists, DoesNotExist, Gt, Lt };
  std::string key;
  Operator op = Operator::In;
  std::vector<std::string> values;
  /// Of a node selector term: it asks for the field `key` instead of a label. The only field that
  /// there is to ask for is metadata.name.
  bool of_field = false;

  [[nodiscard]] bool matches(const Labels& labels) const;
  friend bool operator==(const LabelRequirement&, const LabelRequirement&) = default;
};

/// Which pods or other objects are meant (meta/v1 LabelSelector): those that match every
/// requirement, so an empty one means all. A selector that the API leaves out selects nothing.
struct LabelSelector {
  std::vector<LabelRequirement> requirements;
  bool selects_nothing = false;

  /// All of `labels`, as matchLabels and the selector of a Service say it.
  [[nodiscard]] static LabelSelector all_of(const Labels& labels);
  [[nodiscard]] bool matches(const Labels& labels) const;
  /// It has no requirement and is none.
  [[nodiscard]] bool is_everything() const { return requirements.empty() && !selects_nothing; }
  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

/// Requirements that must all hold.
using NodeSelectorTerm = std::vector<LabelRequirement>;

/// Does the term select a node of these labels and this name? One without requirements selects
/// none.
[[nodiscard]] bool selects(const NodeSelectorTerm& term, const Labels& labels,
                           const std::string& name);

/// A weighted preference (core/v1 PreferredSchedulingTerm); `weight` is 1 to 100.
struct PreferredTerm {
  std::int32_t weight = 1;
  NodeSelectorTerm term;
  friend bool operator==(const PreferredTerm&, const PreferredTerm&) = default;
};

/// core/v1 NodeAffinity: one of the required terms must match, if there are any.
struct NodeAffinity {
  std::vector<NodeSelectorTerm> required;
  std::vector<PreferredTerm> preferred;

  /// Labels and name are the node's.
  [[nodiscard]] bool admits(const Labels& labels, const std::string& name) const;
  friend bool operator==(const NodeAffinity&, const NodeAffinity&) = default;
};

}  // namespace orrery
