#pragma once

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// Replaces every object of `document` that says {"use": "NAME"} or {"use": ["A", "B"]} by the
/// members of /templates/NAME, later ones and the object's own members winning, and drops
/// "templates". Templates may use templates. Returns what moved: pointer in the result → pointer in
/// the document as it was. Errors: an unknown template, a circular reference (names the cycle).
[[nodiscard]] Result<std::map<std::string, std::string>> expand_uses(
    nlohmann::ordered_json& document);

}  // namespace orrery::experiments
