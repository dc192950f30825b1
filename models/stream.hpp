#pragma once

#include <cstdint>

namespace orrery {

/// What a stream of random numbers is for. Part of the key of every stream: adding a purpose at the
/// end shifts nobody's draws; never renumber one.
enum class Purpose : std::uint32_t {
  Arrival = 1,
  PodSize = 2,
  PodDuration = 3,
  NodeFailure = 4,
  NodeRepair = 5,
  NodeStartUp = 6,
  Placement = 7,
  TieBreak = 8,
  TraceShuffle = 9,
  TraceResample = 10,
  SchedulingLatency = 11,
  BindLatency = 12,
  WatchLatency = 13,
  PodStartUp = 14,
  Routing = 15,
  Link = 16,
  Bootstrap = 17,
  TimeSeries = 18,
  Detection = 19,
  GangSize = 20,
  LeasePhase = 21,
  ControllerPhase = 22,
  Test = 1000,
};

/// The random numbers of one thing: xoshiro256++ 1.0 (Blackman and Vigna, ACM TOMS 47(4), 2021),
/// seeded by SplitMix64 from (seed, purpose, entity). Randomness belongs to things, not to the
/// order of events: what one stream draws never changes what another one does. A uniform random bit
/// generator, to be used with Boost.Random's distributions (the standard library's differ between
/// implementations). 32 bytes, cheap to make.
class Stream {
 public:
  using result_type = std::uint64_t;

  Stream(std::uint64_t seed, Purpose purpose, std::uint64_t entity);

  [[nodiscard]] static constexpr result_type min() { return 0; }
  [[nodiscard]] static constexpr result_type max() { return ~result_type{0}; }

  result_type operator()() {
    const std::uint64_t result = rotate_left(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate_left(state_[3], 45);
    return result;
  }

  /// Uniform on [0, 1) with 53 random bits.
  double uniform() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }
  /// Uniform on (0, 1]: safe to take the logarithm of.
  double uniform_positive() { return static_cast<double>(((*this)() >> 11) + 1) * 0x1.0p-53; }
  /// Uniform on 0 … bound − 1, without bias (Lemire, ACM TOMACS 29(1), 2019). `bound` > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Exponential with mean 1 (ziggurat of Boost.Random).
  double exponential();
  /// Normal with mean 0 and variance 1 (ziggurat of Boost.Random).
  double normal();

  /// A digest of the state: equal after equal draws.
  [[nodiscard]] std::uint64_t fingerprint() const;

 private:
  static constexpr std::uint64_t rotate_left(std::uint64_t value, int bits) {
    return (value << bits) | (value >> (64 - bits));
  }

  std::uint64_t state_[4];
};

/// SplitMix64's output function: a bijective mixer for keys and fingerprints.
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

}  // namespace orrery
