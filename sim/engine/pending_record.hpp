#pragma once

#include <cstdint>

namespace orrery::sim {

/// One pending event as the ordering structures see it: 24 bytes, moved around freely.
struct PendingRecord {
  std::uint64_t time = 0;   ///< nanoseconds; never negative, so that bounds may exceed kTimeMax
  std::uint64_t order = 0;  ///< priority class, then sequence: orders the events of one instant
  std::uint32_t slot = 0;   ///< where the handler and the payload lie

  /// By (time, order), as one 128-bit comparison, which compiles without a branch.
  friend bool operator<(const PendingRecord& a, const PendingRecord& b) {
    __extension__ using Wide = unsigned __int128;
    return (Wide{a.time} << 64 | a.order) < (Wide{b.time} << 64 | b.order);
  }
};
static_assert(sizeof(PendingRecord) == 24);

}  // namespace orrery::sim
