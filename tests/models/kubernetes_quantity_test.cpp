#include "orrery/models/kubernetes_quantity.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

namespace orrery {
namespace {

TEST(KubernetesQuantity, CountsWholeUnitsAndRoundsAwayFromZero) {
  const std::vector<std::pair<std::string, std::int64_t>> rows{
      {"0", 0},     {"64Gi", 68'719'476'736}, {"1n", 1},
      {"1500m", 2}, {"-1500m", -2},           {"8E", INT64_C(8'000'000'000'000'000'000)}};
  for (const auto& [text, units] : rows) {
    SCOPED_TRACE(text);
    const auto quantity = parse_kubernetes_quantity(text);
    ASSERT_TRUE(quantity);
    EXPECT_EQ(quantity->value(), units);
  }
}

TEST(KubernetesQuantity, CountsInThousandthsAndRoundsAwayFromZero) {
  struct Row {
    std::string text;
    std::int64_t milli;
  };
  const std::vector<Row> rows{{"0", 0},
                              {"1", 1000},
                              {"1.5", 1500},
                              {"250m", 250},
                              {".5", 500},
                              {"-3", -3000},
                              {"+2k", 2'000'000},
                              {"1e3", 1'000'000},
                              {"1E3", 1'000'000},
                              {"1E", std::numeric_limits<std::int64_t>::max()},
                              {"1Ki", 1'024'000},
                              {"1.5Ki", 1'536'000},
                              {"64Gi", 68'719'476'736'000},
                              {"100u", 1},
                              {"-100u", -1},
                              {"1n", 1},
                              {"0.1n", 1},
                              {"1500u", 2}};
  for (const auto& [text, milli] : rows) {
    SCOPED_TRACE(text);
    const Result<KubernetesQuantity> quantity = parse_kubernetes_quantity(text);
    ASSERT_TRUE(quantity) << to_string(quantity.error());
    EXPECT_EQ(quantity->milli(), milli);
  }
}

TEST(KubernetesQuantity, ApproximatesWhatItsCanonicalFormSays) {
  EXPECT_EQ(parse_kubernetes_quantity("0.05")->approximate(), 50 * 1e-3);
  EXPECT_EQ(parse_kubernetes_quantity("100m")->approximate(), 100 * 1e-3);
  EXPECT_EQ(parse_kubernetes_quantity("0.0005")->approximate(), 500 * 1e-6);
  EXPECT_EQ(parse_kubernetes_quantity("30000")->approximate(), 30000);
  EXPECT_EQ(parse_kubernetes_quantity("0")->approximate(), 0);
}

TEST(KubernetesQuantity, RefusesWhatKubernetesDoes) {
  for (const std::string text : {"", "-", "m", "1x", "1 Gi", "1.2.3", "1e", "1KiB", "0x10", "1e99",
                                 "9223372036854775808", "99999999999999999999999999999999"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_kubernetes_quantity(text));
  }
}

TEST(KubernetesQuantity, IsABareNumberOrATextInJson) {
  EXPECT_EQ(read_kubernetes_quantity(nlohmann::json(0.1), {})->milli(), 100);
  EXPECT_EQ(read_kubernetes_quantity(nlohmann::json(7), {})->milli(), 7000);
  EXPECT_EQ(read_kubernetes_quantity(nlohmann::json("7"), {})->milli(), 7000);
  EXPECT_FALSE(read_kubernetes_quantity(nlohmann::json(true), {}));
}

RC_GTEST_PROP(KubernetesQuantity, ReadsEveryNumberOfThousandthsInEveryForm, (std::int64_t milli)) {
  milli /= 2;
  const std::int64_t whole = milli / 1000;
  const std::int64_t rest = milli % 1000 < 0 ? -(milli % 1000) : milli % 1000;
  const char* const sign = milli < 0 && whole == 0 ? "-" : "";
  RC_ASSERT(parse_kubernetes_quantity(fmt::format("{}m", milli))->milli() == milli);
  RC_ASSERT(parse_kubernetes_quantity(fmt::format("{}{}.{:03}", sign, whole, rest))->milli() ==
            milli);
}

}  // namespace
}  // namespace orrery
