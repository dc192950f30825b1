#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "orrery/traces/byte_source.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::fuzz {

/// The fuzzer's bytes as a file; gzip and Zstandard are unpacked as always. Null for a broken
/// archive.
[[nodiscard]] inline std::unique_ptr<traces::ByteSource> input(const std::uint8_t* data,
                                                               std::size_t size) {
  auto source = traces::bytes_of(std::string(data, data + size), "fuzz");
  return source ? std::move(*source) : nullptr;
}

/// An error must say something, and whatever a source gives must keep the interface's contract.
inline void check_error(const Error& error) {
  if (to_string(error).empty()) std::abort();
}

/// Reads at most `most` pods and checks what every consumer relies on.
inline void walk(traces::WorkloadSource& source, int most) {
  Time last;
  traces::WorkloadItem item;
  for (int i = 0; i < most; ++i) {
    const Result<bool> more = source.next(item);
    if (!more) check_error(more.error());
    if (!more || !*more) return;
    const bool is_right = item.pod_template != nullptr && item.arrival >= last &&
                          item.service >= Duration::zero() && item.cpu >= MilliCpu{} &&
                          item.memory >= Bytes{} && item.gang_size >= 1;
    if (!is_right) std::abort();
    last = item.arrival;
  }
}

}  // namespace orrery::fuzz
