#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"

namespace orrery::traces::kubernetes {

/// Holds `object` against the fields of an API type, "Pod" or "DeploymentSpec" (api_fields.inc), as
/// the API server's strict decoding does: a field that the type does not have, with the one that
/// was probably meant, or a value of another kind. What is null is taken out, as if it were not
/// there. Fields that are unknown in a status, which servers write and newer ones extend, are left
/// alone.
[[nodiscard]] std::optional<Error> check_fields(nlohmann::json& object, std::string_view type,
                                                const Location& at);

}  // namespace orrery::traces::kubernetes
