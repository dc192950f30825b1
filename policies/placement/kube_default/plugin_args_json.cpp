#include "orrery/policies/placement/kube_default/plugin_args_json.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"

namespace orrery::policies::kube {
namespace {

using nlohmann::json;

auto between(std::int64_t min, std::int64_t max) {
  return [=](const json& value, const Location& at) {
    return read_integer(value, at).and_then([&](std::int64_t number) -> Result<std::int64_t> {
      if (number >= min && number <= max) return number;
      return json_mismatch(value, at, fmt::format("a number from {} to {}", min, max));
    });
  };
}

template <class Parse>
auto list_of(Parse parse) {
  return [parse](const json& list, const Location& at) { return read_list(list, at, parse); };
}

/// One of `names`; its position is the value.
template <class Enum, std::size_t Size>
auto choice(const std::array<const char*, Size>& names) {
  return [names](const json& value, const Location& at) -> Result<Enum> {
    const auto text = read_string(value, at);
    if (!text) return failure(text.error());
    for (std::size_t i = 0; i < Size; ++i) {
      if (*text == names[i]) return static_cast<Enum>(i);
    }
    return json_mismatch(value, at, "a known name", suggest(*text, {names.begin(), names.end()}));
  };
}

/// Every object of arguments may say what it is.
void pass_over_type(JsonFields& fields) {
  static_cast<void>(fields.find("apiVersion"));
  static_cast<void>(fields.find("kind"));
}

Result<ResourceWeight> read_resource(const json& value, const Location& at) {
  ResourceWeight resource;
  JsonFields fields(value, at);
  fields.required("name", resource.name, read_string);
  fields.optional("weight", resource.weight, between(1, 100));
  return fields.finish(std::move(resource));
}

Result<std::vector<ResourceWeight>> read_balanced(const json& list, const Location& at) {
  auto resources = read_list(list, at, read_resource);
  for (std::size_t i = 0; resources && i < resources->size(); ++i) {
    if ((*resources)[i].weight != 1) {
      return json_mismatch(list[i]["weight"], child(child(at, i), "weight"), "1");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if ((*resources)[j].name == (*resources)[i].name) {
        return json_mismatch(list[i]["name"], child(child(at, i), "name"),
                             "a resource that is not there already");
      }
    }
  }
  return resources;
}

Result<std::vector<ShapePoint>> read_shape(const json& value, const Location& at) {
  std::vector<ShapePoint> shape;
  JsonFields fields(value, at);
  fields.required("shape", shape, list_of([](const json& point, const Location& place) {
                    ShapePoint read;
                    JsonFields members(point, place);
                    members.required("utilization", read.utilization, between(0, 100));
                    members.required("score", read.score, between(0, 10));
                    return members.finish(read);
                  }));
  if (fields.ok() && shape.empty()) {
    return json_mismatch(value["shape"], fields.at("shape"), "at least one point");
  }
  for (std::size_t i = 1; i < shape.size(); ++i) {
    if (shape[i - 1].utilization < shape[i].utilization) continue;
    return json_mismatch(value["shape"][i]["utilization"],
                         child(child(fields.at("shape"), i), "utilization"),
                         "more than the point before");
  }
  return fields.finish(std::move(shape));
}

Result<ScoringStrategy> read_strategy(const json& value, const Location& at) {
  using Type = ScoringStrategy::Type;
  constexpr std::array<const char*, 3> kTypes{"LeastAllocated", "MostAllocated",
                                              "RequestedToCapacityRatio"};
  ScoringStrategy strategy;
  JsonFields fields(value, at);
  fields.optional("type", strategy.type, choice<Type>(kTypes));
  fields.optional("resources", strategy.resources, list_of(read_resource));
  if (strategy.resources.empty()) strategy.resources = ScoringStrategy{}.resources;
  if (strategy.type == Type::RequestedToCapacityRatio) {
    fields.required("requestedToCapacityRatio", strategy.shape, read_shape);
  } else if (fields.has("requestedToCapacityRatio")) {
    return failure({.at = fields.at("requestedToCapacityRatio"),
                    .message = "only for type RequestedToCapacityRatio"});
  }
  return fields.finish(std::move(strategy));
}

Result<TopologySpreadConstraint> read_constraint(const json& value, const Location& at) {
  constexpr std::array<const char*, 2> kActions{"DoNotSchedule", "ScheduleAnyway"};
  TopologySpreadConstraint constraint;
  std::int64_t skew = 1;
  JsonFields fields(value, at);
  fields.required("maxSkew", skew, between(1, INT32_MAX));
  fields.required("topologyKey", constraint.topology_key, read_string);
  fields.required("whenUnsatisfiable", constraint.when_unsatisfiable,
                  choice<WhenUnsatisfiable>(kActions));
  constraint.max_skew = static_cast<std::int32_t>(skew);
  if (fields.has("labelSelector")) {
    return failure({.at = fields.at("labelSelector"),
                    .message = "default constraints have no selector: each pod gives its own"});
  }
  return fields.finish(std::move(constraint));
}

Result<void> read_spread(const json& args, const Location& at, KubeSchedulerProfile& profile) {
  constexpr std::array<const char*, 2> kTypes{"System", "List"};
  enum class Defaulting : std::uint8_t { System, List };
  Defaulting type = Defaulting::System;
  std::vector<TopologySpreadConstraint> constraints;
  JsonFields fields(args, at);
  pass_over_type(fields);
  fields.optional("defaultingType", type, choice<Defaulting>(kTypes));
  fields.optional("defaultConstraints", constraints, list_of(read_constraint));
  if (fields.ok() && type == Defaulting::System && !constraints.empty()) {
    return failure({.at = fields.at("defaultConstraints"),
                    .message = "own constraints need defaultingType: List"});
  }
  if (type == Defaulting::List) {
    profile.default_spread = std::move(constraints);
    profile.spreads_by_system_defaults = false;
  }
  return fields.finish(true).map([](bool) {});
}

Result<LabelRequirement> read_requirement(const json& value, const Location& at) {
  constexpr std::array<const char*, 6> kOperators{"In",           "NotIn", "Exists",
                                                  "DoesNotExist", "Gt",    "Lt"};
  LabelRequirement requirement;
  JsonFields fields(value, at);
  fields.required("key", requirement.key, read_string);
  fields.required("operator", requirement.op, choice<LabelRequirement::Operator>(kOperators));
  fields.optional("values", requirement.values, read_strings);
  return fields.finish(std::move(requirement));
}

Result<NodeSelectorTerm> read_term(const json& value, const Location& at) {
  NodeSelectorTerm term;
  NodeSelectorTerm names;
  JsonFields fields(value, at);
  fields.optional("matchExpressions", term, list_of(read_requirement));
  fields.optional("matchFields", names, list_of(read_requirement));
  for (LabelRequirement& one : names) {
    one.of_field = true;
    term.push_back(std::move(one));
  }
  return fields.finish(std::move(term));
}

Result<NodeAffinity> read_affinity(const json& value, const Location& at) {
  NodeAffinity affinity;
  JsonFields fields(value, at);
  fields.optional("requiredDuringSchedulingIgnoredDuringExecution", affinity.required,
                  [](const json& selector, const Location& place) {
                    std::vector<NodeSelectorTerm> terms;
                    JsonFields members(selector, place);
                    members.required("nodeSelectorTerms", terms, list_of(read_term));
                    return members.finish(std::move(terms));
                  });
  fields.optional("preferredDuringSchedulingIgnoredDuringExecution", affinity.preferred,
                  list_of([](const json& one, const Location& place) {
                    PreferredTerm preferred;
                    std::int64_t weight = 1;
                    JsonFields members(one, place);
                    members.required("weight", weight, between(1, 100));
                    members.required("preference", preferred.term, read_term);
                    preferred.weight = static_cast<std::int32_t>(weight);
                    return members.finish(std::move(preferred));
                  }));
  return fields.finish(std::move(affinity));
}

Result<void> read_fit(const json& args, const Location& at, KubeSchedulerProfile& profile) {
  JsonFields fields(args, at);
  pass_over_type(fields);
  fields.optional("ignoredResources", profile.ignored_resources, read_strings);
  fields.optional("ignoredResourceGroups", profile.ignored_resource_groups, read_strings);
  fields.optional("scoringStrategy", profile.fit, read_strategy);
  return fields.finish(true).map([](bool) {});
}

Result<void> read_preemption(const json& args, const Location& at, KubeSchedulerProfile& profile) {
  JsonFields fields(args, at);
  pass_over_type(fields);
  fields.optional("minCandidateNodesPercentage", profile.candidate_nodes_percent_min,
                  between(0, 100));
  fields.optional("minCandidateNodesAbsolute", profile.candidate_nodes_min, between(0, INT32_MAX));
  if (fields.ok() && profile.candidate_nodes_percent_min == 0 && profile.candidate_nodes_min == 0) {
    return failure({.at = at,
                    .message = "minCandidateNodesPercentage and minCandidateNodesAbsolute cannot "
                               "both be 0"});
  }
  return fields.finish(true).map([](bool) {});
}

Result<void> read_others(const std::string& plugin, const json& args, const Location& at,
                         KubeSchedulerProfile& profile) {
  JsonFields fields(args, at);
  pass_over_type(fields);
  if (plugin == "NodeResourcesBalancedAllocation") {
    fields.optional("resources", profile.balanced, read_balanced);
  } else if (plugin == "InterPodAffinity") {
    fields.optional("hardPodAffinityWeight", profile.hard_pod_affinity_weight, between(0, 100));
    fields.optional("ignorePreferredTermsOfExistingPods",
                    profile.ignores_preferred_terms_of_existing_pods, read_bool);
  } else if (plugin == "NodeAffinity") {
    fields.optional("addedAffinity", profile.added_affinity, read_affinity);
  } else {
    return {};  // of a plugin that is not simulated
  }
  return fields.finish(true).map([](bool) {});
}

}  // namespace

Result<void> read_plugin_args(const std::string& plugin, const json& args, const Location& at,
                              KubeSchedulerProfile& profile) {
  if (plugin == "NodeResourcesFit") return read_fit(args, at, profile);
  if (plugin == "PodTopologySpread") return read_spread(args, at, profile);
  if (plugin == "DefaultPreemption") return read_preemption(args, at, profile);
  return read_others(plugin, args, at, profile);
}

}  // namespace orrery::policies::kube
