#include "orrery/traces/kubernetes/labels.hpp"

#include <utility>

#include "orrery/traces/kubernetes/names.hpp"

namespace orrery::traces::kubernetes {
namespace {

using Operator = LabelRequirement::Operator;

constexpr std::array<EnumName<Operator>, 4> kSelectorOperators{
    {{Operator::In, "In"},
     {Operator::NotIn, "NotIn"},
     {Operator::Exists, "Exists"},
     {Operator::DoesNotExist, "DoesNotExist"}}};

std::vector<std::string> read_texts(const Field& list) {
  std::vector<std::string> texts;
  for (const Field& one : list.elements()) texts.push_back(one.text());
  return texts;
}

void check_key(const Field& key) {
  if (key.required().is_there() && !is_qualified_name(key.text())) {
    key.wrong("a label key such as app or example.com/app");
  }
}

/// How many values an operator takes (apimachinery, apis/meta/v1/validation and core/validation).
void check_values(const Field& values, Operator op, std::size_t count) {
  switch (op) {
    case Operator::In:
    case Operator::NotIn:
      if (count == 0) values.refuse("In and NotIn need values");
      break;
    case Operator::Exists:
    case Operator::DoesNotExist:
      if (count > 0) values.wrong("no values beside Exists or DoesNotExist");
      break;
    case Operator::Gt:
    case Operator::Lt:
      if (count != 1) values.refuse("Gt and Lt need one value");
      break;
  }
}

template <std::size_t Size>
LabelRequirement read_requirement(const Field& expression,
                                  const std::array<EnumName<Operator>, Size>& operators) {
  check_key(expression["key"]);
  const Field op = expression["operator"];
  op.required();
  const Field values = expression["values"];
  LabelRequirement requirement{.key = expression["key"].text(),
                               .op = read_enum(op, operators, Operator::Exists),
                               .values = read_texts(values)};
  check_values(values, requirement.op, requirement.values.size());
  return requirement;
}

}  // namespace

Labels read_labels(const Field& labels) {
  Labels read;
  for (const auto& [key, value] : labels.members()) {
    if (!is_qualified_name(key)) {
      value.refuse("this is no label key", "a key is a name such as app or example.com/app");
    }
    if (!is_label_value(value.text())) {
      value.wrong("a label value: at most 63 letters, digits, '-', '_' and '.'");
    }
    read.emplace(key, value.text());
  }
  return read;
}

LabelSelector read_label_selector(const Field& selector) {
  if (!selector.is_there()) return {.requirements = {}, .selects_nothing = true};
  LabelSelector read = LabelSelector::all_of(read_labels(selector["matchLabels"]));
  for (const Field& expression : selector["matchExpressions"].elements()) {
    read.requirements.push_back(read_requirement(expression, kSelectorOperators));
    for (const Field& value : expression["values"].elements()) {
      if (!is_label_value(value.text())) {
        value.wrong("a label value: at most 63 letters, digits, '-', '_' and '.'");
      }
    }
  }
  return read;
}

NodeSelectorTerm read_node_selector_term(const Field& term) {
  NodeSelectorTerm read;
  for (const Field& expression : term["matchExpressions"].elements()) {
    read.push_back(read_requirement(expression, kOperators));
  }
  for (const Field& field : term["matchFields"].elements()) {
    LabelRequirement requirement = read_requirement(field, kSelectorOperators);
    requirement.of_field = true;
    if (requirement.key != "metadata.name") field["key"].wrong("metadata.name");
    const bool is_in = requirement.op == Operator::In || requirement.op == Operator::NotIn;
    if (!is_in) field["operator"].wrong("In or NotIn");
    if (requirement.values.size() != 1) field["values"].refuse("one value is needed");
    read.push_back(std::move(requirement));
  }
  return read;
}

}  // namespace orrery::traces::kubernetes
