#pragma once

#include <string>
#include <string_view>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"

namespace orrery {

// Quantities as people and Kubernetes write them. Each reader takes the whole text, refuses
// negative amounts and what does not fit in 63 bits, and names `at` in its error.

/// "4", "0.5", "250m": cores, or thousandths with m. Finer than a thousandth is refused.
[[nodiscard]] Result<MilliCpu> parse_cpu(std::string_view text, const Location& at);

/// "64GiB", "64Gi", "500MB", "500M", "1024": binary (Ki … Pi, with or without B) and decimal
/// (k … P) multiples, with up to nine decimals as long as whole bytes come out.
[[nodiscard]] Result<Bytes> parse_bytes(std::string_view text, const Location& at);

/// "90s", "1h30m", "2d", "1.5ms": weeks, days, hours, minutes, seconds, ms, us, ns; largest first.
/// A bare "0" is allowed, other numbers need a unit.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text, const Location& at);

/// The shortest exact text that parse_… reads back: "250m", "64GiB", "1h30m".
[[nodiscard]] std::string to_text(MilliCpu cpu);
[[nodiscard]] std::string to_text(Bytes bytes);
[[nodiscard]] std::string to_text(Duration span);

}  // namespace orrery
