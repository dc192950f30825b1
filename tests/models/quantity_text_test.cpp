#include "orrery/models/quantity_text.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace orrery {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

struct DurationCase {
  std::string text;
  Duration expected;
};

TEST(QuantityText, ReadsDurationsAsPeopleWriteThem) {
  const std::vector<DurationCase> cases{
      {"30d", days{30}},       {"1h30m", 90min}, {"250ms", 250ms},    {"12.5s", 12500ms},
      {"2d 3h", days{2} + 3h}, {"0", 0ns},       {" 5 min ", 5min},   {"1e3s", 1000s},
      {"1.5us", 1500ns},       {"100ns", 100ns}, {"7\xC2\xB5s", 7us}, {"106751d", days{106751}}};
  for (const auto& [text, expected] : cases) {
    SCOPED_TRACE(text);
    const Result<Duration> parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << to_string(parsed.error());
    EXPECT_EQ(*parsed, expected);
  }
}

TEST(QuantityText, RefusesWhatIsNoDuration) {
  for (const std::string text : {"", " ", "s", "30", "30x", "-5s", "1h 2", "1m1h", "1h1h", "0.5ns",
                                 "106752d", "1e30s", "nan s", "5s,", "1..5s", "1e999s"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_duration(text));
  }
}

TEST(QuantityText, SaysWhichUnitIsMissing) {
  const auto parsed =
      parse_duration("30", {.file = "e.json", .line = 0, .field = "", .pointer = "/warm_up"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(to_string(parsed.error()),
            "e.json: /warm_up: found '30', expected a duration with its unit, such as 30s, 1h30m, "
            "250ms or 30d (a bare number has no unit; 30s?)");
}

TEST(QuantityText, ReadsInstants) {
  EXPECT_EQ(*parse_instant("12:00"), kTimeZero + 12h);
  EXPECT_EQ(*parse_instant("12:00:30"), kTimeZero + 12h + 30s);
  EXPECT_EQ(*parse_instant("2d 3h"), kTimeZero + days{2} + 3h);
  EXPECT_EQ(*parse_instant("2d 06:30"), kTimeZero + days{2} + 6h + 30min);
  for (const std::string text :
       {"12", "25:00", "12:60", "1:2:3:4", ":", "12:", "-1:00", "x 12:00"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_instant(text));
  }
}

TEST(QuantityText, ReadsBytesWithDecimalAndBinarySuffixes) {
  EXPECT_EQ(parse_bytes("64GiB")->count(), 64LL << 30);
  EXPECT_EQ(parse_bytes("64Gi")->count(), 64LL << 30);
  EXPECT_EQ(parse_bytes("500MB")->count(), 500'000'000);
  EXPECT_EQ(parse_bytes("500M")->count(), 500'000'000);
  EXPECT_EQ(parse_bytes("1024")->count(), 1024);
  EXPECT_EQ(parse_bytes("7B")->count(), 7);
  EXPECT_EQ(parse_bytes("1E")->count(), 1'000'000'000'000'000'000);
  EXPECT_EQ(parse_bytes("1e3")->count(), 1000);
  EXPECT_EQ(parse_bytes("1Ei")->count(), 1LL << 60);
  EXPECT_EQ(parse_bytes("0.1GiB")->count(), 107'374'183) << "rounded up, as Kubernetes does";
  for (const std::string text : {"", "B", "GiB", "-1", "8Ei", "1e30", "1 apple", "1Gb", "12s"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_bytes(text));
  }
}

TEST(QuantityText, ReadsCpuGpuCountsRatesAndBandwidths) {
  EXPECT_EQ(parse_cpu("250m")->count(), 250);
  EXPECT_EQ(parse_cpu("2")->count(), 2000);
  EXPECT_EQ(parse_cpu("0.5")->count(), 500);
  EXPECT_EQ(parse_cpu("0.0001")->count(), 1);
  EXPECT_EQ(parse_gpu("500m")->count(), 500);
  EXPECT_EQ(*parse_count("1k"), 1000);
  EXPECT_EQ(*parse_count("1e6"), 1'000'000);
  EXPECT_EQ(*parse_count("2.5M"), 2'500'000);
  EXPECT_EQ(*parse_rate("12/s"), 12.0);
  EXPECT_EQ(*parse_rate("3/h"), 3.0 / 3600);
  EXPECT_EQ(*parse_bandwidth("10Gbit/s"), 1'250'000'000);
  EXPECT_EQ(*parse_bandwidth("1.25GB/s"), 1'250'000'000);
  EXPECT_EQ(*parse_bandwidth("100Mbps"), 12'500'000);
  EXPECT_FALSE(parse_cpu("2 cores"));
  EXPECT_FALSE(parse_count("1.5"));
  EXPECT_FALSE(parse_count("9223372036854775808"));
  EXPECT_EQ(*parse_count("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(parse_rate("12"));
  EXPECT_FALSE(parse_rate("12/fortnight"));
  EXPECT_FALSE(parse_bandwidth("10G"));
}

TEST(QuantityText, PrintsInTheLargestUnits) {
  EXPECT_EQ(to_text(Duration{0}), "0s");
  EXPECT_EQ(to_text(Duration{days{1} + 2h + 3min + 4500ms}), "1d2h3m4.5s");
  EXPECT_EQ(to_text(Duration{250ms}), "250ms");
  EXPECT_EQ(to_text(Duration{90min}), "1h30m");
  EXPECT_EQ(to_text(Bytes{64LL << 30}), "64GiB");
  EXPECT_EQ(to_text(Bytes{1000}), "1000B");
  EXPECT_EQ(to_text(MilliCpu{1500}), "1500m");
  EXPECT_EQ(to_text(MilliGpu{2000}), "2");
}

// Invariant: what is printed reads back as the same quantity, over the whole range.
RC_GTEST_PROP(QuantityText, ReadsBackWhatItPrints, ()) {
  const auto any =
      *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 1'000'000),
                      rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max()),
                      rc::gen::map(rc::gen::inRange<std::int64_t>(0, 9'000'000'000),
                                   [](std::int64_t s) { return s * 1'000'000'000; }));
  RC_ASSERT(parse_duration(to_text(Duration{any})).value().count() == any);
  RC_ASSERT(parse_instant(to_text(Time{Duration{any}})).value().time_since_epoch().count() == any);
  RC_ASSERT(parse_bytes(to_text(Bytes{any})).value().count() == any);
  RC_ASSERT(parse_cpu(to_text(MilliCpu{any})).value().count() == any);
  RC_ASSERT(parse_gpu(to_text(MilliGpu{any})).value().count() == any);
  RC_ASSERT(parse_bandwidth(bandwidth_to_text(any)).value() == any);
  const double rate = static_cast<double>(any) / 7;
  RC_ASSERT(parse_rate(rate_to_text(rate)).value() == rate);
}

// Invariant: no text makes a reader throw, overflow or run forever.
RC_GTEST_PROP(QuantityText, SurvivesAnyText, (const std::string& text)) {
  (void)parse_duration(text);
  (void)parse_instant(text);
  (void)parse_bytes(text);
  (void)parse_cpu(text);
  (void)parse_count(text);
  (void)parse_rate(text);
  (void)parse_bandwidth(text);
  const Result<double> seconds = parse_seconds(text);
  RC_ASSERT(!seconds || (*seconds >= 0 && std::isfinite(*seconds)));
}

}  // namespace
}  // namespace orrery
