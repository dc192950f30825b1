#include "orrery/traces/template_json.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/models/quantity_text.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;
using Operator = LabelRequirement::Operator;

template <class Enum>
struct EnumName {
  Enum value;
  const char* name;
};

constexpr std::array<EnumName<Operator>, 6> kOperators{{{Operator::In, "In"},
                                                        {Operator::NotIn, "NotIn"},
                                                        {Operator::Exists, "Exists"},
                                                        {Operator::DoesNotExist, "DoesNotExist"},
                                                        {Operator::Gt, "Gt"},
                                                        {Operator::Lt, "Lt"}}};
constexpr std::array<EnumName<Toleration::Operator>, 2> kTolerationOperators{
    {{Toleration::Operator::Equal, "Equal"}, {Toleration::Operator::Exists, "Exists"}}};
constexpr std::array<EnumName<TaintEffect>, 3> kEffects{
    {{TaintEffect::NoSchedule, "NoSchedule"},
     {TaintEffect::PreferNoSchedule, "PreferNoSchedule"},
     {TaintEffect::NoExecute, "NoExecute"}}};

template <class Enum, std::size_t Size>
std::string name_of(const std::array<EnumName<Enum>, Size>& names, Enum value) {
  for (const EnumName<Enum>& entry : names) {
    if (entry.value == value) return entry.name;
  }
  return "";
}

template <class Enum, std::size_t Size>
auto reader_of(const std::array<EnumName<Enum>, Size>& names) {
  return [&names](const json& value, const Location& at) -> Result<Enum> {
    const Result<std::string> text = read_string(value, at);
    if (!text) return failure(text.error());
    std::vector<std::string> choices;
    for (const EnumName<Enum>& entry : names) {
      if (*text == entry.name) return entry.value;
      choices.emplace_back(entry.name);
    }
    return failure({.at = at,
                    .message = "",
                    .found = *text,
                    .expected = "a known name",
                    .hint = suggest(*text, choices)});
  };
}

json term_json(const NodeSelectorTerm& term) {
  json list = json::array();
  for (const LabelRequirement& one : term) {
    list.push_back(
        {{"key", one.key}, {"operator", name_of(kOperators, one.op)}, {"values", one.values}});
  }
  return list;
}

Result<LabelRequirement> read_requirement(const json& value, const Location& at) {
  LabelRequirement one;
  JsonFields fields(value, at);
  fields.required("key", one.key, read_string);
  fields.required("operator", one.op, reader_of(kOperators));
  fields.optional("values", one.values, read_strings);
  return fields.finish(std::move(one));
}

Result<NodeSelectorTerm> read_term(const json& value, const Location& at) {
  return read_list(value, at, read_requirement);
}

Result<PreferredTerm> read_preferred(const json& value, const Location& at) {
  PreferredTerm preferred;
  JsonFields fields(value, at);
  fields.required("weight", preferred.weight, [](const json& weight, const Location& place) {
    return read_integer(weight, place).and_then([&](std::int64_t number) -> Result<std::int32_t> {
      if (number >= 1 && number <= 100) return static_cast<std::int32_t>(number);
      return json_mismatch(weight, place, "a weight from 1 to 100");
    });
  });
  fields.required("term", preferred.term, read_term);
  return fields.finish(std::move(preferred));
}

Result<NodeAffinity> read_affinity(const json& value, const Location& at) {
  NodeAffinity affinity;
  JsonFields fields(value, at);
  fields.optional("required", affinity.required, [](const json& list, const Location& place) {
    return read_list(list, place, read_term);
  });
  fields.optional("preferred", affinity.preferred, [](const json& list, const Location& place) {
    return read_list(list, place, read_preferred);
  });
  return fields.finish(std::move(affinity));
}

json affinity_json(const NodeAffinity& affinity) {
  json required = json::array();
  for (const NodeSelectorTerm& term : affinity.required) required.push_back(term_json(term));
  json preferred = json::array();
  for (const PreferredTerm& one : affinity.preferred) {
    preferred.push_back({{"weight", one.weight}, {"term", term_json(one.term)}});
  }
  return {{"required", std::move(required)}, {"preferred", std::move(preferred)}};
}

json toleration_json(const Toleration& one) {
  json value{
      {"key", one.key}, {"operator", name_of(kTolerationOperators, one.op)}, {"value", one.value}};
  if (!one.any_effect) value["effect"] = name_of(kEffects, one.effect);
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
  return fields.finish(std::move(one));
}

Result<GpuRequest> read_gpu_request(const json& value, const Location& at) {
  std::int64_t count = 0;
  std::int64_t milli = kWholeGpu.count();
  JsonFields fields(value, at);
  fields.required("count", count, read_count);
  fields.optional("milli", milli, read_count);
  if (fields.ok() && (count < 1 || count > static_cast<std::int64_t>(kGpusPerNodeMax))) {
    return json_mismatch(value["count"], fields.at("count"),
                         fmt::format("1 to {} devices", kGpusPerNodeMax));
  }
  const bool is_milli = milli >= 1 && milli <= 1000 && (count == 1 || milli == 1000);
  if (fields.ok() && !is_milli) {
    return json_mismatch(value["milli"], fields.at("milli"),
                         "1 to 1000, and 1000 for more than one device");
  }
  return fields.finish(GpuRequest{.count = static_cast<std::uint8_t>(count),
                                  .milli = static_cast<std::int16_t>(milli)});
}

Result<std::map<std::string, std::int64_t>> read_amounts(const json& value, const Location& at) {
  if (!value.is_object()) return json_mismatch(value, at, "an object of whole numbers");
  std::map<std::string, std::int64_t> amounts;
  for (const auto& [name, amount] : value.items()) {
    const Result<std::int64_t> read = read_count(amount, child(at, name));
    if (!read) return failure(read.error());
    amounts.emplace(name, *read);
  }
  return amounts;
}

}  // namespace

Result<Labels> read_labels(const json& value, const Location& at) {
  if (!value.is_object()) return json_mismatch(value, at, "an object of strings");
  Labels labels;
  for (const auto& [key, text] : value.items()) {
    Result<std::string> read = read_string(text, child(at, key));
    if (!read) return failure(std::move(read.error()));
    labels.emplace(key, std::move(*read));
  }
  return labels;
}

json to_json(const PodTemplate& spec) {
  json value = json::object();
  if (!spec.owner.empty()) value["owner"] = spec.owner;
  if (!spec.labels.empty()) value["labels"] = spec.labels;
  if (spec.priority != 0) value["priority"] = spec.priority;
  if (spec.gpu.count > 0) value["gpu"] = {{"count", spec.gpu.count}, {"milli", spec.gpu.milli}};
  if (!spec.gpu_models.empty()) value["gpu_models"] = spec.gpu_models;
  if (spec.ephemeral_storage != Bytes{}) {
    value["ephemeral_storage"] = to_text(spec.ephemeral_storage);
  }
  if (!spec.extended.empty()) value["extended"] = spec.extended;
  if (!spec.node_selector.empty()) value["node_selector"] = spec.node_selector;
  if (spec.affinity != NodeAffinity{}) value["affinity"] = affinity_json(spec.affinity);
  for (const Toleration& one : spec.tolerations) {
    value["tolerations"].push_back(toleration_json(one));
  }
  return value;
}

Result<PodTemplate> read_pod_template(const json& value, const Location& at) {
  PodTemplate spec;
  JsonFields fields(value, at);
  fields.optional("owner", spec.owner, read_string);
  fields.optional("labels", spec.labels, read_labels);
  fields.optional("priority", spec.priority, [](const json& number, const Location& place) {
    return read_integer(number, place).and_then([&](std::int64_t whole) -> Result<std::int32_t> {
      if (whole >= INT32_MIN && whole <= INT32_MAX) return static_cast<std::int32_t>(whole);
      return json_mismatch(number, place, "a whole number of 32 bits");
    });
  });
  fields.optional("gpu", spec.gpu, read_gpu_request);
  fields.optional("gpu_models", spec.gpu_models, read_strings);
  fields.optional("ephemeral_storage", spec.ephemeral_storage, read_bytes);
  fields.optional("extended", spec.extended, read_amounts);
  fields.optional("node_selector", spec.node_selector, read_labels);
  fields.optional("affinity", spec.affinity, read_affinity);
  fields.optional("tolerations", spec.tolerations, [](const json& list, const Location& place) {
    return read_list(list, place, read_toleration);
  });
  return fields.finish(std::move(spec));
}

}  // namespace orrery::traces
