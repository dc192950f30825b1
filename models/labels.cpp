#include "orrery/models/labels.hpp"

#include <charconv>
#include <cstdint>
#include <optional>

namespace orrery {
namespace {

std::optional<std::int64_t> integer_from(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool contains(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// Gt and Lt compare the label with the one value as whole numbers; anything else does not match.
bool compares(const LabelRequirement& requirement, const std::string& label) {
  if (requirement.values.size() != 1) return false;
  const auto left = integer_from(label);
  const auto right = integer_from(requirement.values.front());
  if (!left || !right) return false;
  return requirement.op == LabelRequirement::Operator::Gt ? *left > *right : *left < *right;
}

}  // namespace

bool Toleration::tolerates(const Taint& taint) const {
  if (!any_effect && effect != taint.effect) return false;
  if (key.empty()) return op == Operator::Exists;
  if (key != taint.key) return false;
  return op == Operator::Exists || value == taint.value;
}

bool LabelRequirement::matches(const Labels& labels) const {
  const auto found = labels.find(key);
  const bool has = found != labels.end();
  switch (op) {
    case Operator::In:
      return has && contains(values, found->second);
    case Operator::NotIn:
      return !has || !contains(values, found->second);
    case Operator::Exists:
      return has;
    case Operator::DoesNotExist:
      return !has;
    case Operator::Gt:
    case Operator::Lt:
      return has && compares(*this, found->second);
  }
  return false;
}

LabelSelector LabelSelector::all_of(const Labels& labels) {
  LabelSelector selector;
  for (const auto& [key, value] : labels) {
    selector.requirements.push_back({.key = key, .values = {value}});
  }
  return selector;
}

bool LabelSelector::matches(const Labels& labels) const {
  return !selects_nothing &&
         std::all_of(requirements.begin(), requirements.end(),
                     [&](const LabelRequirement& one) { return one.matches(labels); });
}

bool selects(const NodeSelectorTerm& term, const Labels& labels, const std::string& name) {
  const auto holds = [&](const LabelRequirement& one) {
    return one.of_field ? one.matches({{one.key, name}}) : one.matches(labels);
  };
  return !term.empty() && std::all_of(term.begin(), term.end(), holds);
}

bool NodeAffinity::admits(const Labels& labels, const std::string& name) const {
  if (required.empty()) return true;
  return std::any_of(required.begin(), required.end(),
                     [&](const NodeSelectorTerm& term) { return selects(term, labels, name); });
}

}  // namespace orrery
