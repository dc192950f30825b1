#include "orrery/policies/scaling/autoscaler_spec.hpp"

#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/models/kubernetes_quantity.hpp"

namespace orrery::policies {
namespace {

using nlohmann::json;

constexpr std::int32_t kDefaultCpuUtilization = 80;
constexpr std::int64_t kPeriodMax = 1800;
constexpr std::int64_t kStabilizationMax = 3600;

/// Reads one of the names, which stand in the order of the enum.
template <class Enum, std::size_t kCount>
auto one_of(const std::array<const char*, kCount>& names) {
  return [&names](const json& value, const Location& at) -> Result<Enum> {
    const std::vector<std::string> choices(names.begin(), names.end());
    for (std::size_t index = 0; index < kCount; ++index) {
      if (value.is_string() && value.get_ref<const std::string&>() == names[index]) {
        return static_cast<Enum>(index);
      }
    }
    return json_mismatch(value, at, "one of the names",
                         suggest(value.is_string() ? value.get<std::string>() : "", choices));
  };
}

constexpr std::array<const char*, 5> kMetricTypes{"Resource", "ContainerResource", "Pods", "Object",
                                                  "External"};
/// The member that holds a metric of each type.
constexpr std::array<const char*, 5> kMetricMembers{"resource", "containerResource", "pods",
                                                    "object", "external"};
constexpr std::array<const char*, 3> kTargetTypes{"Utilization", "Value", "AverageValue"};
constexpr std::array<const char*, 3> kSelects{"Max", "Min", "Disabled"};
constexpr std::array<const char*, 2> kUnits{"Pods", "Percent"};

/// A whole number from `least` to `most`.
auto whole(std::int64_t least, std::int64_t most) {
  return [least, most](const json& value, const Location& at) -> Result<std::int32_t> {
    const Result<std::int64_t> number = read_integer(value, at);
    if (!number || *number < least || *number > most) {
      return json_mismatch(value, at, fmt::format("a whole number from {} to {}", least, most));
    }
    return static_cast<std::int32_t>(*number);
  };
}
constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();

/// Whole seconds up to `most`.
auto whole_seconds(std::int64_t least, std::int64_t most) {
  return [least, most](const json& value, const Location& at) -> Result<Duration> {
    const Result<std::int32_t> count = whole(least, most)(value, at);
    if (!count) return failure(count.error());
    return Duration{std::chrono::seconds{*count}};
  };
}

Result<std::int64_t> read_positive_milli(const json& value, const Location& at) {
  const Result<KubernetesQuantity> quantity = read_kubernetes_quantity(value, at);
  if (!quantity) return failure(quantity.error());
  if (quantity->sign() <= 0) return json_mismatch(value, at, "a quantity above 0");
  return quantity->milli();
}

struct Target {
  TargetType type = TargetType::AverageValue;
  std::int64_t amount = 0;
};

/// The type is checked, but it is the member that counts, as upstream reads it.
Result<Target> read_target(const json& value, const Location& at) {
  JsonFields fields{value, at};
  TargetType stated{};
  std::int64_t amount = 0;
  std::int32_t utilization = 0;
  fields.required("type", stated, one_of<TargetType>(kTargetTypes));
  fields.optional("averageUtilization", utilization, whole(1, kInt32Max));
  std::vector<Target> given;
  if (fields.has("averageUtilization")) given.push_back({TargetType::Utilization, utilization});
  for (const auto& [name, type] : {std::pair{"value", TargetType::Value},
                                   std::pair{"averageValue", TargetType::AverageValue}}) {
    fields.optional(name, amount, read_positive_milli);
    if (fields.has(name)) given.push_back({type, amount});
  }
  if (fields.ok() && given.size() != 1) {
    fields.fail({.at = at,
                 .message = "",
                 .found = json_excerpt(value),
                 .expected = "one of averageUtilization, value and averageValue",
                 .hint = ""});
  }
  if (fields.ok() && given.front().type != stated) {
    fields.fail({.at = fields.at("type"),
                 .message = "the type is not that of the number that stands beside it",
                 .found = kTargetTypes[static_cast<std::size_t>(stated)],
                 .expected = kTargetTypes[static_cast<std::size_t>(given.front().type)],
                 .hint = ""});
  }
  return fields.finish(given.empty() ? Target{} : given.front());
}

Result<std::string> read_selector(const json& value, const Location& at) {
  if (!value.is_object()) return json_mismatch(value, at, "a label selector: an object");
  return value.dump();
}

Result<MetricQuery> read_identifier(const json& value, const Location& at) {
  JsonFields fields{value, at};
  MetricQuery query;
  fields.required("name", query.name, read_string);
  fields.optional("selector", query.selector, read_selector);
  return fields.finish(query);
}

Result<std::pair<std::string, std::string>> read_object(const json& value, const Location& at) {
  JsonFields fields{value, at};
  std::pair<std::string, std::string> object;
  std::string version;
  fields.optional("apiVersion", version, read_string);
  fields.required("kind", object.first, read_string);
  fields.required("name", object.second, read_string);
  return fields.finish(object);
}

bool is_of_resource(MetricType type) {
  return type == MetricType::Resource || type == MetricType::ContainerResource;
}

/// Which targets a type may have.
bool takes(MetricType type, TargetType target) {
  if (is_of_resource(type)) return target != TargetType::Value;
  if (type == MetricType::Pods) return target == TargetType::AverageValue;
  return target != TargetType::Utilization;
}

/// What stands in the member "resource", "pods" …
Result<MetricSpec> read_source(MetricType type, bool has_target, const json& value,
                               const Location& at) {
  JsonFields fields{value, at};
  MetricSpec spec;
  if (is_of_resource(type)) {
    fields.required("name", spec.query.name, read_string);
    if (type == MetricType::ContainerResource) {
      fields.required("container", spec.query.container, read_string);
    }
  } else {
    fields.required("metric", spec.query, read_identifier);
    if (type == MetricType::Object) {
      std::pair<std::string, std::string> object;
      fields.required("describedObject", object, read_object);
      std::tie(spec.query.object_kind, spec.query.object_name) = std::move(object);
    }
  }
  spec.query.type = type;
  if (!has_target) return fields.finish(spec);
  Target target;
  fields.required("target", target, read_target);
  if (fields.ok() && !takes(type, target.type)) {
    fields.fail({.at = child(fields.at("target"), "type"),
                 .message = fmt::format("a metric of type {} has no such target", to_string(type)),
                 .found = kTargetTypes[static_cast<std::size_t>(target.type)],
                 .expected = takes(type, TargetType::Value)         ? "Value or AverageValue"
                             : takes(type, TargetType::Utilization) ? "Utilization or AverageValue"
                                                                    : "AverageValue",
                 .hint = ""});
  }
  spec.target_type = target.type;
  spec.target = target.amount;
  return fields.finish(spec);
}

Result<RateLimit> read_limit(const json& value, const Location& at) {
  JsonFields fields{value, at};
  RateLimit limit;
  fields.required("type", limit.unit, one_of<RateLimit::Unit>(kUnits));
  fields.required("value", limit.value, whole(1, kInt32Max));
  fields.required("periodSeconds", limit.period, whole_seconds(1, kPeriodMax));
  return fields.finish(limit);
}

Result<std::vector<RateLimit>> read_limits(const json& value, const Location& at) {
  Result<std::vector<RateLimit>> limits = read_list(value, at, read_limit);
  if (limits && limits->empty()) return json_mismatch(value, at, "at least one policy");
  return limits;
}

Result<double> read_tolerance(const json& value, const Location& at) {
  const Result<KubernetesQuantity> quantity = read_kubernetes_quantity(value, at);
  if (!quantity) return failure(quantity.error());
  if (quantity->sign() < 0) return json_mismatch(value, at, "a quantity of at least 0");
  return quantity->approximate();
}

/// Reads over what `rules` says by default.
auto rules_over(const ScalingRules& defaults) {
  return [defaults](const json& value, const Location& at) -> Result<ScalingRules> {
    JsonFields fields{value, at};
    ScalingRules rules = defaults;
    Duration window{};
    double tolerance = 0;
    fields.optional("selectPolicy", rules.select, one_of<ScalingPolicySelect>(kSelects));
    fields.optional("stabilizationWindowSeconds", window, whole_seconds(0, kStabilizationMax));
    fields.optional("policies", rules.limits, read_limits);
    fields.optional("tolerance", tolerance, read_tolerance);
    if (fields.has("stabilizationWindowSeconds")) rules.stabilization = window;
    if (fields.has("tolerance")) rules.tolerance = tolerance;
    return fields.finish(rules);
  };
}

/// The defaults of v2/defaults.go.
ScalingBehavior default_behavior() {
  using namespace std::chrono_literals;
  return {.up = {.stabilization = Duration::zero(),
                 .limits = {{.unit = RateLimit::Unit::Pods, .value = 4, .period = 15s},
                            {.unit = RateLimit::Unit::Percent, .value = 100, .period = 15s}}},
          .down = {.limits = {{.unit = RateLimit::Unit::Percent, .value = 100, .period = 15s}}}};
}

Result<MetricSpec> read_any_metric(const json& value, const Location& at, bool has_target) {
  JsonFields fields{value, at};
  MetricType type{};
  fields.required("type", type, one_of<MetricType>(kMetricTypes));
  MetricSpec spec;
  if (fields.ok()) {
    fields.required(kMetricMembers[static_cast<std::size_t>(type)], spec,
                    [type, has_target](const json& source, const Location& place) {
                      return read_source(type, has_target, source, place);
                    });
  }
  return fields.finish(spec);
}

}  // namespace

Result<MetricSpec> read_metric(const json& value, const Location& at) {
  return read_any_metric(value, at, true);
}

Result<MetricQuery> read_metric_query(const json& value, const Location& at) {
  Result<MetricSpec> spec = read_any_metric(value, at, false);
  if (!spec) return failure(std::move(spec.error()));
  return std::move(spec->query);
}

Result<std::vector<MetricSpec>> read_metrics(const json& value, const Location& at) {
  Result<std::vector<MetricSpec>> metrics = read_list(value, at, read_metric);
  if (metrics && metrics->empty()) {
    MetricQuery cpu;
    cpu.type = MetricType::Resource;
    cpu.name = "cpu";
    metrics->push_back({cpu, TargetType::Utilization, kDefaultCpuUtilization});
  }
  return metrics;
}

Result<std::optional<ScalingBehavior>> read_behavior(const json& value, const Location& at) {
  if (value.is_null()) return std::optional<ScalingBehavior>{};
  JsonFields fields{value, at};
  ScalingBehavior behavior = default_behavior();
  fields.optional("scaleUp", behavior.up, rules_over(behavior.up));
  fields.optional("scaleDown", behavior.down, rules_over(behavior.down));
  return fields.finish(std::optional{behavior});
}

}  // namespace orrery::policies
