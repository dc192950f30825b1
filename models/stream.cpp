#include "orrery/models/stream.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/normal_distribution.hpp>

namespace orrery {

Stream::Stream(std::uint64_t seed, Purpose purpose, std::uint64_t entity) {
  // Three rounds keep (seed, purpose, entity) triples apart that a plain sum would collide.
  std::uint64_t key = mix_bits(seed);
  key = mix_bits(key ^ static_cast<std::uint64_t>(purpose));
  key = mix_bits(key ^ entity);
  for (std::uint64_t& word : state_) {
    word = mix_bits(key);
    key += 0x9e3779b97f4a7c15ULL;
  }
}

std::uint64_t Stream::below(std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>((*this)()) * bound;
  auto low = static_cast<std::uint64_t>(product);
  if (low < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = static_cast<Wide>((*this)()) * bound;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Stream::exponential() { return boost::random::exponential_distribution<double>{}(*this); }

double Stream::normal() { return boost::random::normal_distribution<double>{}(*this); }

std::uint64_t Stream::fingerprint() const {
  std::uint64_t digest = 0;
  for (const std::uint64_t word : state_) digest = mix_bits(digest ^ word);
  return digest;
}

}  // namespace orrery
