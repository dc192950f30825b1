#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "orrery/models/labels.hpp"
#include "orrery/traces/enum_json.hpp"
#include "orrery/traces/kubernetes/object_view.hpp"

namespace orrery::traces::kubernetes {

/// One of the names in the table; `otherwise` when the field is not there.
template <class Enum, std::size_t Size>
Enum read_enum(const Field& field, const std::array<EnumName<Enum>, Size>& names, Enum otherwise) {
  if (!field.is_there()) return otherwise;
  const std::string text = field.text();
  std::vector<std::string> choices;
  for (const EnumName<Enum>& entry : names) {
    if (text == entry.name) return entry.value;
    choices.emplace_back(entry.name);
  }
  field.wrong("a known name", suggest(text, choices));
  return otherwise;
}

/// Keys and values have the right shape.
[[nodiscard]] Labels read_labels(const Field& labels);

/// meta/v1 LabelSelector: one that is not there selects nothing, an empty one everything.
/// matchLabels come first, by key.
[[nodiscard]] LabelSelector read_label_selector(const Field& selector);

/// core/v1 NodeSelectorTerm: expressions, then fields.
[[nodiscard]] NodeSelectorTerm read_node_selector_term(const Field& term);

}  // namespace orrery::traces::kubernetes
