#include "orrery/models/stream.hpp"

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace orrery {
namespace {

using testing::ElementsAre;

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ULL;

/// The authors' xoshiro256plusplus.c (prng.di.unimi.it), word for word, to compare Stream with.
class ReferenceXoshiro {
 public:
  explicit ReferenceXoshiro(std::array<std::uint64_t, 4> state) : s_(state) {}

  std::uint64_t next() {
    const std::uint64_t result = rotl(s_[0] + s_[3], 23) + s_[0];
    const std::uint64_t t = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = rotl(s_[3], 45);
    return result;
  }

 private:
  static std::uint64_t rotl(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  std::array<std::uint64_t, 4> s_;
};

TEST(MixBits, IsSplitMix64) {
  // The first outputs of splitmix64.c for the seed 1234567.
  EXPECT_EQ(mix_bits(1234567), 6457827717110365317ULL);
  EXPECT_EQ(mix_bits(1234567 + kGolden), 3203168211198807973ULL);
  EXPECT_EQ(mix_bits(1234567 + 2 * kGolden), 9817491932198370423ULL);
}

TEST(Stream, IsXoshiro256PlusPlusSeededBySplitMix64) {
  ReferenceXoshiro published({1, 2, 3, 4});
  EXPECT_EQ(published.next(), 41943041ULL);
  EXPECT_EQ(published.next(), 58720359ULL);
  EXPECT_EQ(published.next(), 3588806011781223ULL);
  EXPECT_EQ(published.next(), 3591011842654386ULL);

  std::uint64_t key = mix_bits(42);
  key = mix_bits(key ^ static_cast<std::uint64_t>(Purpose::Arrival));
  key = mix_bits(key ^ 7);
  ReferenceXoshiro reference({mix_bits(key), mix_bits(key + kGolden), mix_bits(key + 2 * kGolden),
                              mix_bits(key + 3 * kGolden)});
  Stream stream(42, Purpose::Arrival, 7);
  for (int draw = 0; draw < 1000; ++draw) ASSERT_EQ(stream(), reference.next()) << draw;
}

// These values are in every published result: they may never change.
TEST(Stream, DrawsTheSameValuesForEver) {
  Stream bits(1, Purpose::Arrival, 0);
  EXPECT_THAT((std::vector<std::uint64_t>{bits(), bits(), bits()}),
              ElementsAre(4768342884129243497ULL, 6886254094158327724ULL, 4079928098121016420ULL));
  Stream below(1, Purpose::Placement, 3);
  EXPECT_THAT(
      (std::vector<std::uint64_t>{below.below(10), below.below(1000), below.below(1ULL << 40)}),
      ElementsAre(7U, 236U, 1085306713004ULL));
  Stream laws(1, Purpose::PodDuration, 5);
  EXPECT_EQ(laws.uniform(), 0x1.482dfa45a434ep-1);
  EXPECT_EQ(laws.exponential(), 0x1.89c965dbd020ap+0);
  EXPECT_EQ(laws.normal(), 0x1.93f57d2988881p-2);
  EXPECT_EQ(laws.fingerprint(), 8477742126783878235ULL);
}

TEST(Stream, DependsOnEachPartOfItsKey) {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const Purpose purpose : {Purpose::Arrival, Purpose::PodSize, Purpose::NodeFailure}) {
      for (std::uint64_t entity = 0; entity < 20; ++entity) {
        firsts.insert(Stream(seed, purpose, entity)());
      }
    }
  }
  EXPECT_EQ(firsts.size(), 20U * 3 * 20);
}

RC_GTEST_PROP(Stream, IsNotTheSameWhenSeedAndEntityChangePlaces,
              (std::uint64_t a, std::uint64_t b)) {
  RC_PRE(a != b);
  RC_ASSERT(Stream(a, Purpose::Test, b)() != Stream(b, Purpose::Test, a)());
}

TEST(Stream, OfNeighbouringEntitiesIsUncorrelated) {
  // Null value 0. The correlation of n independent pairs has deviation 1/sqrt(n) = 0.0032; the
  // bound is four of them.
  constexpr int kPairs = 100'000;
  double sum = 0;
  for (std::uint64_t entity = 0; entity < kPairs; ++entity) {
    const double left = Stream(1, Purpose::Test, entity).uniform() - 0.5;
    const double right = Stream(1, Purpose::Test, entity + 1).uniform() - 0.5;
    sum += left * right * 12;
  }
  EXPECT_NEAR(sum / kPairs, 0.0, 0.0127);
}

TEST(Stream, BelowIsUniform) {
  // Chi-square with 9 degrees of freedom exceeds 27.88 with probability 0.001.
  constexpr std::uint64_t kCells = 10;
  constexpr int kDraws = 100'000;
  std::array<int, kCells> counts{};
  Stream stream(3, Purpose::Test, 0);
  for (int draw = 0; draw < kDraws; ++draw) ++counts.at(stream.below(kCells));
  const double expected = static_cast<double>(kDraws) / kCells;
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi_square, 27.88);
}

TEST(Stream, BelowRejectsWhatWouldBiasALargeBound) {
  // With 3·2^62 outcomes and no rejection, one residue modulo 3 would come up twice as often as
  // each other. Chi-square with 2 degrees of freedom exceeds 13.82 with probability 0.001.
  constexpr std::uint64_t kBound = 3ULL << 62;
  constexpr int kDraws = 30'000;
  std::array<int, 3> counts{};
  Stream stream(4, Purpose::Test, 0);
  for (int draw = 0; draw < kDraws; ++draw) {
    const std::uint64_t value = stream.below(kBound);
    ASSERT_LT(value, kBound);
    ++counts.at(value % 3);
  }
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 1e4) * (count - 1e4) / 1e4;
  EXPECT_LT(chi_square, 13.82);
}

RC_GTEST_PROP(Stream, BelowStaysBelow, (std::uint64_t seed)) {
  const auto bound = *rc::gen::inRange<std::uint64_t>(1, ~std::uint64_t{0});
  Stream stream(seed, Purpose::Test, 0);
  for (int draw = 0; draw < 20; ++draw) RC_ASSERT(stream.below(bound) < bound);
}

TEST(Stream, BelowOneIsZero) { EXPECT_EQ(Stream(1, Purpose::Test, 0).below(1), 0U); }

TEST(Stream, UniformStaysInItsHalfOpenInterval) {
  Stream stream(5, Purpose::Test, 0);
  for (int draw = 0; draw < 100'000; ++draw) {
    const double low = stream.uniform();
    ASSERT_GE(low, 0.0);
    ASSERT_LT(low, 1.0);
    const double high = stream.uniform_positive();
    ASSERT_GT(high, 0.0);
    ASSERT_LE(high, 1.0);
  }
}

TEST(Stream, LawsHaveTheirMoments) {
  // Null values 1, 0 and 1; n = 100,000; bounds of four standard errors (0.0032, 0.0032, 0.0045).
  constexpr int kDraws = 100'000;
  Stream stream(6, Purpose::Test, 0);
  double exponential = 0;
  double normal = 0;
  double normal_squared = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    exponential += stream.exponential();
    const double value = stream.normal();
    normal += value;
    normal_squared += value * value;
  }
  EXPECT_NEAR(exponential / kDraws, 1.0, 0.0127);
  EXPECT_NEAR(normal / kDraws, 0.0, 0.0127);
  EXPECT_NEAR(normal_squared / kDraws, 1.0, 0.0179);
}

TEST(Stream, FingerprintTellsHowFarItHasDrawn) {
  Stream left(1, Purpose::Test, 0);
  Stream right(1, Purpose::Test, 0);
  EXPECT_EQ(left.fingerprint(), right.fingerprint());
  left();
  EXPECT_NE(left.fingerprint(), right.fingerprint());
  right();
  EXPECT_EQ(left.fingerprint(), right.fingerprint());
}

}  // namespace
}  // namespace orrery
