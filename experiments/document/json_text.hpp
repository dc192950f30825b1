#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/result.hpp"

namespace orrery::experiments {

/// For each value of a JSON text, by RFC 6901 pointer: the line on which it begins.
using LineMap = std::map<std::string, std::uint64_t, std::less<>>;

/// Parses JSON strictly (no comments), keeping the order of members and the line of each value.
/// Errors name line and column; a member that occurs twice, nesting deeper than 100 levels and
/// numbers beyond 64 bits are errors too. `file` is only for the messages.
[[nodiscard]] Result<nlohmann::ordered_json> parse_json(std::string_view text,
                                                        const std::string& file, LineMap& lines);

/// One token of a JSON pointer, escaped ("/" is "~1", "~" is "~0").
[[nodiscard]] std::string escape_token(std::string_view name);
/// The pointer's tokens, unescaped. An error when it does not begin with "/".
[[nodiscard]] Result<std::vector<std::string>> pointer_tokens(const std::string& pointer,
                                                              const Location& at);

}  // namespace orrery::experiments
