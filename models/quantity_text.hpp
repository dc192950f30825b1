#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"

/// Quantities as people write them. Parsing is exact: what is finer than the unit or does not fit
/// 64 bits is an error that says what would be right, never a silent rounding (CPU, GPU and memory
/// are the exception: a fraction of the smallest unit is rounded up, as Kubernetes does). Nothing
/// here may be negative. For every value v that is not negative, parsing to_text(v) gives v again.
namespace orrery {

/// "30d", "1h30m", "250ms", "12.5s", "2d 3h": units d, h, m (min), s, ms, us, ns, largest first. A
/// number without unit is an error, except 0.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text, const Location& at = {});

/// An instant of a run: a duration from its start, a clock time "12:00" or "12:00:30" on day 0, or
/// both as in "2d 12:00".
[[nodiscard]] Result<Time> parse_instant(std::string_view text, const Location& at = {});

/// "64GiB", "64Gi", "500MB", "500M", "1024": bytes with decimal (k M G T P E) or binary (Ki Mi Gi
/// Ti Pi Ei) suffix, with or without "B"; a plain number is bytes.
[[nodiscard]] Result<Bytes> parse_bytes(std::string_view text, const Location& at = {});

/// "2", "0.5", "250m": CPU cores.
[[nodiscard]] Result<MilliCpu> parse_cpu(std::string_view text, const Location& at = {});

/// "1", "0.5", "500m": GPU devices.
[[nodiscard]] Result<MilliGpu> parse_gpu(std::string_view text, const Location& at = {});

/// "1000", "1k", "2.5M", "1e6": a whole number of things; suffixes k M G are powers of 1000.
[[nodiscard]] Result<std::int64_t> parse_count(std::string_view text, const Location& at = {});

/// "12/s", "3/h", "0.5/min": events per second, minute, hour or day; gives events per second.
[[nodiscard]] Result<double> parse_rate(std::string_view text, const Location& at = {});

/// "10Gbit/s", "1.25GB/s", "100Mbps": bytes per second (bits are divided by eight).
[[nodiscard]] Result<std::int64_t> parse_bandwidth(std::string_view text, const Location& at = {});

/// A duration in seconds that need not be a whole number of nanoseconds, for distributions: the
/// grammar of parse_duration() in floating point.
[[nodiscard]] Result<double> parse_seconds(std::string_view text, const Location& at = {});

[[nodiscard]] std::string to_text(Duration span);
[[nodiscard]] std::string to_text(Time instant);
[[nodiscard]] std::string to_text(Bytes size);
[[nodiscard]] std::string to_text(MilliCpu cpu);
[[nodiscard]] std::string to_text(MilliGpu gpu);
[[nodiscard]] std::string rate_to_text(double per_second);
[[nodiscard]] std::string bandwidth_to_text(std::int64_t bytes_per_second);

}  // namespace orrery
