#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/labels.hpp"
#include "orrery/models/result.hpp"

namespace orrery::experiments {

// Readers of what several sections have, for JsonFields.

[[nodiscard]] Result<std::int64_t> read_between(const nlohmann::json& value, const Location& at,
                                                std::int64_t min, std::int64_t max);
/// The index in `names` of the string that stands there.
[[nodiscard]] Result<std::size_t> read_choice(const nlohmann::json& value, const Location& at,
                                              const std::vector<std::string>& names);
/// {"app": "web"}
[[nodiscard]] Result<Labels> read_labels(const nlohmann::json& value, const Location& at);
/// ["dedicated=training:NoSchedule"], as `kubectl taint` writes them.
[[nodiscard]] Result<std::vector<Taint>> read_taints(const nlohmann::json& value,
                                                     const Location& at);
/// {"example.com/fpga": 2}
[[nodiscard]] Result<std::map<std::string, std::int64_t>> read_extended(const nlohmann::json& value,
                                                                        const Location& at);

}  // namespace orrery::experiments
