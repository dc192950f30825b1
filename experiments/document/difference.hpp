#pragma once

#include <string>

namespace orrery::experiments {

/// Where two JSON texts differ first, for people: "/clusters/0/nodes is 100 there and 200 here". At
/// most three places are named.
[[nodiscard]] std::string first_difference(const std::string& there, const std::string& here);

}  // namespace orrery::experiments
