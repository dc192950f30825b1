#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "orrery/models/units.hpp"

namespace orrery::sim {

/// A limit of `rate` per second with bursts, as client-go's token bucket keeps it, in exact
/// integers (the virtual scheduling form of the bucket: ITU-T I.371, annex A). It begins full.
/// Times passed in must not go back. A rate of zero or less never lets anything through.
class TokenBucket {
 public:
  TokenBucket(double rate, int burst)
      : interval_(rate > 0 ? Duration{std::llround(1e9 / rate)} : Duration::max()), burst_(burst) {}

  /// When the next token is there, `now` or later; kTimeMax: never.
  [[nodiscard]] Time next(Time now) const {
    if (interval_ == Duration::max()) return kTimeMax;
    return std::max(now, full_at_ - (burst_ - 1) * interval_);
  }
  /// Takes the token that is there at next(now): a caller that waits its turn.
  Time reserve(Time now) {
    const Time turn = next(now);
    if (turn != kTimeMax) full_at_ = std::max(full_at_, turn) + interval_;
    return turn;
  }
  /// Takes a token if there is one at `now`: a caller that comes again later.
  bool try_take(Time now) {
    if (next(now) > now) return false;
    reserve(now);
    return true;
  }

 private:
  Duration interval_;
  int burst_;
  Time full_at_{};  ///< the bucket's last token will be back then
};

}  // namespace orrery::sim
