#pragma once

#include <array>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/models/labels.hpp"
#include "orrery/models/placement_rules.hpp"
#include "orrery/models/result.hpp"

/// Enumerations as the Kubernetes API spells them, for traces and manifests.
namespace orrery::traces {

template <class Enum>
struct EnumName {
  Enum value;
  const char* name;
};

inline constexpr std::array<EnumName<LabelRequirement::Operator>, 6> kOperators{
    {{LabelRequirement::Operator::In, "In"},
     {LabelRequirement::Operator::NotIn, "NotIn"},
     {LabelRequirement::Operator::Exists, "Exists"},
     {LabelRequirement::Operator::DoesNotExist, "DoesNotExist"},
     {LabelRequirement::Operator::Gt, "Gt"},
     {LabelRequirement::Operator::Lt, "Lt"}}};
inline constexpr std::array<EnumName<Toleration::Operator>, 2> kTolerationOperators{
    {{Toleration::Operator::Equal, "Equal"}, {Toleration::Operator::Exists, "Exists"}}};
inline constexpr std::array<EnumName<TaintEffect>, 3> kEffects{
    {{TaintEffect::NoSchedule, "NoSchedule"},
     {TaintEffect::PreferNoSchedule, "PreferNoSchedule"},
     {TaintEffect::NoExecute, "NoExecute"}}};
inline constexpr std::array<EnumName<WhenUnsatisfiable>, 2> kWhenUnsatisfiable{
    {{WhenUnsatisfiable::DoNotSchedule, "DoNotSchedule"},
     {WhenUnsatisfiable::ScheduleAnyway, "ScheduleAnyway"}}};
inline constexpr std::array<EnumName<Protocol>, 3> kProtocols{
    {{Protocol::TCP, "TCP"}, {Protocol::UDP, "UDP"}, {Protocol::SCTP, "SCTP"}}};

/// The name of one of the values in the table.
template <class Enum, std::size_t Size>
std::string name_of(const std::array<EnumName<Enum>, Size>& names, Enum value) {
  for (const EnumName<Enum>& entry : names) {
    if (entry.value == value) return entry.name;
  }
  return "";
}

/// A reader of one name, for JsonFields; `names` must outlive it. An unknown one is an error that
/// suggests.
template <class Enum, std::size_t Size>
auto reader_of(const std::array<EnumName<Enum>, Size>& names) {
  return [&names](const nlohmann::json& value, const Location& at) -> Result<Enum> {
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

}  // namespace orrery::traces
