#include "orrery/models/quantity_text.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace orrery {
namespace {

using namespace literals;

TEST(QuantityText, ReadsCpuAsKubernetesWritesIt) {
  const std::vector<std::pair<std::string, MilliCpu>> cases = {
      {"4", 4_cpu}, {"0.5", 500_m}, {"250m", 250_m}, {"0", 0_m}, {"1.001", 1001_m}};
  for (const auto& [text, cpu] : cases) EXPECT_EQ(parse_cpu(text, {}), cpu) << text;
}

TEST(QuantityText, ReadsSizesInBothKindsOfMultiples) {
  const std::vector<std::pair<std::string, Bytes>> cases = {{"64GiB", 64_GiB},
                                                            {"64Gi", 64_GiB},
                                                            {"1.5GiB", Bytes{3} * (1 << 29)},
                                                            {"500MB", Bytes{500000000}},
                                                            {"500M", Bytes{500000000}},
                                                            {"1024", Bytes{1024}},
                                                            {"2kB", Bytes{2000}},
                                                            {"0", Bytes{0}}};
  for (const auto& [text, bytes] : cases) EXPECT_EQ(parse_bytes(text, {}), bytes) << text;
}

TEST(QuantityText, ReadsDurationsInSeveralParts) {
  const std::vector<std::pair<std::string, Duration>> cases = {
      {"90s", 90s}, {"1h30m", 90min}, {"2d", 48h}, {"1.5ms", 1500us},
      {"1w", 168h}, {"0", 0s},        {"0s", 0s},  {"1d1ns", 24h + 1ns}};
  for (const auto& [text, span] : cases) EXPECT_EQ(parse_duration(text, {}), span) << text;
}

TEST(QuantityText, RefusesWhatIsNoAmount) {
  for (const std::string text : {"", "-1", "x", "1 GiB", "1.", ".5", "1e3", "0.0001", "1.2.3",
                                 "99999999999999999999", "9223372036854775807", "1M"}) {
    EXPECT_FALSE(parse_cpu(text, {}).has_value()) << text;
  }
  for (const std::string text : {"", "-1GiB", "GiB", "1gib", "1.1", "9999999999PiB", "1XiB"}) {
    EXPECT_FALSE(parse_bytes(text, {}).has_value()) << text;
  }
  for (const std::string text :
       {"", "5", "-5s", "1m1h", "1s1s", "300y", "16000w", "1h 5m", "0.0000000001s"}) {
    EXPECT_FALSE(parse_duration(text, {}).has_value()) << text;
  }
}

TEST(QuantityText, SaysWhereAndWhatWasExpected) {
  const auto bad = parse_bytes("-3GiB", {.file = "a.json", .line = 7, .pointer = "/memory"});
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(to_string(bad.error()),
            "a.json:7: /memory: found '-3GiB', expected a size such as 64GiB, 500MB or 1024 "
            "(it cannot be negative)");
}

RC_GTEST_PROP(QuantityText, ReadsBackWhatItWrites, ()) {
  const auto count = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 62);
  RC_ASSERT(parse_cpu(to_text(MilliCpu{count / 1000}), {}) == MilliCpu{count / 1000});
  RC_ASSERT(parse_bytes(to_text(Bytes{count}), {}) == Bytes{count});
  RC_ASSERT(parse_duration(to_text(Duration{count}), {}) == Duration{count});
}

}  // namespace
}  // namespace orrery
