#include "orrery/traces/placement_rules_json.hpp"

#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/models/quantity_text.hpp"
#include "orrery/traces/enum_json.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;

/// A whole number from `min` to `max`, called `what` in errors.
auto between(std::int32_t min, std::int32_t max, const char* what) {
  return [=](const json& value, const Location& at) {
    return read_integer(value, at).and_then([&](std::int64_t number) -> Result<std::int32_t> {
      if (number >= min && number <= max) return static_cast<std::int32_t>(number);
      return json_mismatch(value, at,
                           max == std::numeric_limits<std::int32_t>::max()
                               ? fmt::format("{} of at least {}", what, min)
                               : fmt::format("{} from {} to {}", what, min, max));
    });
  };
}

template <class Parse>
auto list_of(Parse parse) {
  return [parse](const json& list, const Location& at) { return read_list(list, at, parse); };
}

json term_json(const NodeSelectorTerm& term) {
  json list = json::array();
  for (const LabelRequirement& one : term) {
    json item{{"key", one.key}, {"operator", name_of(kOperators, one.op)}, {"values", one.values}};
    if (one.of_field) item["field"] = true;
    list.push_back(std::move(item));
  }
  return list;
}

Result<LabelRequirement> read_requirement(const json& value, const Location& at) {
  LabelRequirement one;
  JsonFields fields(value, at);
  fields.required("key", one.key, read_string);
  fields.required("operator", one.op, reader_of(kOperators));
  fields.optional("values", one.values, read_strings);
  fields.optional("field", one.of_field, read_bool);
  return fields.finish(std::move(one));
}

Result<NodeSelectorTerm> read_term(const json& value, const Location& at) {
  return read_list(value, at, read_requirement);
}

Result<PreferredTerm> read_preferred(const json& value, const Location& at) {
  PreferredTerm preferred;
  JsonFields fields(value, at);
  fields.required("weight", preferred.weight, between(1, 100, "a weight"));
  fields.required("term", preferred.term, read_term);
  return fields.finish(std::move(preferred));
}

json to_json(const PodAffinityTerm& term) {
  json value{{"selector", traces::to_json(term.selector)}, {"topology_key", term.topology_key}};
  if (!term.namespaces.empty()) value["namespaces"] = term.namespaces;
  if (term.in_all_namespaces) value["in_all_namespaces"] = true;
  return value;
}

Result<PodAffinityTerm> read_pod_term(const json& value, const Location& at) {
  PodAffinityTerm term;
  JsonFields fields(value, at);
  fields.required("selector", term.selector, read_selector);
  fields.required("topology_key", term.topology_key, read_string);
  fields.optional("namespaces", term.namespaces, read_strings);
  fields.optional("in_all_namespaces", term.in_all_namespaces, read_bool);
  return fields.finish(std::move(term));
}

Result<WeightedPodAffinityTerm> read_weighted(const json& value, const Location& at) {
  WeightedPodAffinityTerm weighted;
  JsonFields fields(value, at);
  fields.required("weight", weighted.weight, between(1, 100, "a weight"));
  fields.required("term", weighted.term, read_pod_term);
  return fields.finish(std::move(weighted));
}

}  // namespace

json to_json(const LabelSelector& selector) {
  return selector.selects_nothing ? json(nullptr) : term_json(selector.requirements);
}

Result<LabelSelector> read_selector(const json& value, const Location& at) {
  if (value.is_null()) return LabelSelector{.requirements = {}, .selects_nothing = true};
  return read_term(value, at).map([](NodeSelectorTerm&& requirements) {
    return LabelSelector{.requirements = std::move(requirements)};
  });
}

json to_json(const NodeAffinity& affinity) {
  json required = json::array();
  for (const NodeSelectorTerm& term : affinity.required) required.push_back(term_json(term));
  json preferred = json::array();
  for (const PreferredTerm& one : affinity.preferred) {
    preferred.push_back({{"weight", one.weight}, {"term", term_json(one.term)}});
  }
  return {{"required", std::move(required)}, {"preferred", std::move(preferred)}};
}

Result<NodeAffinity> read_affinity(const json& value, const Location& at) {
  NodeAffinity affinity;
  JsonFields fields(value, at);
  fields.optional("required", affinity.required, list_of(read_term));
  fields.optional("preferred", affinity.preferred, list_of(read_preferred));
  return fields.finish(std::move(affinity));
}

json to_json(const Toleration& one) {
  json value{
      {"key", one.key}, {"operator", name_of(kTolerationOperators, one.op)}, {"value", one.value}};
  if (!one.any_effect) value["effect"] = name_of(kEffects, one.effect);
  if (one.lasts) value["lasts"] = to_text(*one.lasts);
  return value;
}

Result<Toleration> read_toleration(const json& value, const Location& at) {
  Toleration one;
  JsonFields fields(value, at);
  fields.optional("key", one.key, read_string);
  fields.optional("operator", one.op, reader_of(kTolerationOperators));
  fields.optional("value", one.value, read_string);
  one.any_effect = !fields.has("effect");
  fields.optional("effect", one.effect, reader_of(kEffects));
  fields.optional("lasts", one.lasts, [](const json& span, const Location& place) {
    return read_duration(span, place).map([](Duration lasts) { return std::optional(lasts); });
  });
  return fields.finish(std::move(one));
}

json to_json(const PodAffinity& affinity) {
  json required = json::array();
  for (const PodAffinityTerm& term : affinity.required) required.push_back(to_json(term));
  json preferred = json::array();
  for (const WeightedPodAffinityTerm& one : affinity.preferred) {
    preferred.push_back({{"weight", one.weight}, {"term", to_json(one.term)}});
  }
  return {{"required", std::move(required)}, {"preferred", std::move(preferred)}};
}

Result<PodAffinity> read_pod_affinity(const json& value, const Location& at) {
  PodAffinity affinity;
  JsonFields fields(value, at);
  fields.optional("required", affinity.required, list_of(read_pod_term));
  fields.optional("preferred", affinity.preferred, list_of(read_weighted));
  return fields.finish(std::move(affinity));
}

json to_json(const TopologySpreadConstraint& constraint) {
  const TopologySpreadConstraint plain;
  json value{{"topology_key", constraint.topology_key}, {"selector", to_json(constraint.selector)}};
  if (constraint.max_skew != plain.max_skew) value["max_skew"] = constraint.max_skew;
  if (constraint.when_unsatisfiable != plain.when_unsatisfiable) {
    value["when_unsatisfiable"] = name_of(kWhenUnsatisfiable, constraint.when_unsatisfiable);
  }
  if (constraint.min_domains != plain.min_domains) value["min_domains"] = constraint.min_domains;
  if (!constraint.honors_affinity) value["honors_affinity"] = false;
  if (constraint.honors_taints) value["honors_taints"] = true;
  return value;
}

Result<TopologySpreadConstraint> read_spread(const json& value, const Location& at) {
  TopologySpreadConstraint constraint;
  const auto positive = between(1, std::numeric_limits<std::int32_t>::max(), "a whole number");
  JsonFields fields(value, at);
  fields.required("topology_key", constraint.topology_key, read_string);
  fields.required("selector", constraint.selector, read_selector);
  fields.optional("max_skew", constraint.max_skew, positive);
  fields.optional("when_unsatisfiable", constraint.when_unsatisfiable,
                  reader_of(kWhenUnsatisfiable));
  fields.optional("min_domains", constraint.min_domains, positive);
  fields.optional("honors_affinity", constraint.honors_affinity, read_bool);
  fields.optional("honors_taints", constraint.honors_taints, read_bool);
  return fields.finish(std::move(constraint));
}

json to_json(const HostPort& port) {
  json value{{"port", port.port}};
  if (!port.address.empty()) value["address"] = port.address;
  if (port.protocol != Protocol::TCP) value["protocol"] = name_of(kProtocols, port.protocol);
  return value;
}

Result<HostPort> read_host_port(const json& value, const Location& at) {
  HostPort port;
  JsonFields fields(value, at);
  fields.required("port", port.port, between(1, 65'535, "a port"));
  fields.optional("address", port.address, read_string);
  fields.optional("protocol", port.protocol, reader_of(kProtocols));
  return fields.finish(std::move(port));
}

}  // namespace orrery::traces
