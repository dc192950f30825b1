#include "orrery/models/result.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/tests/support/row_name.hpp"

namespace orrery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct ErrorCase {
  const char* name;
  Error error;
  const char* text;
};

class ErrorText : public testing::TestWithParam<ErrorCase> {};

TEST_P(ErrorText, NamesThePlaceThenWhatIsWrongThenTheWayOut) {
  EXPECT_EQ(to_string(GetParam().error), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Result, ErrorText,
    testing::Values(
        ErrorCase{"FieldOfATable",
                  {.at = {.file = "pods.csv", .line = 12, .field = "cpu_milli"},
                   .found = "x",
                   .expected = "a whole number"},
                  "pods.csv:12: field 'cpu_milli': found 'x', expected a whole number"},
        ErrorCase{"PointerIntoADocument",
                  {.at = {.file = "study.json", .pointer = "/variants/0/policy"},
                   .message = "unknown policy",
                   .found = "fdg",
                   .hint = "did you mean 'fgd'?"},
                  "study.json: /variants/0/policy: unknown policy: found 'fdg' (did you mean "
                  "'fgd'?)"},
        ErrorCase{"SomethingMissing",
                  {.at = {.file = "pods.csv"}, .expected = "a header line"},
                  "pods.csv: expected a header line"},
        ErrorCase{"LineWithoutAFile", {.at = {.line = 3}, .message = "broken"}, "line 3: broken"},
        ErrorCase{"NoPlaceAtAll", {.message = "the disk is full"}, "the disk is full"},
        ErrorCase{"BracesAreJustText",
                  {.at = {.file = "{}.json"}, .found = "{0}"},
                  "{}.json: found '{0}'"}),
    test::RowName{});

const std::vector<std::string> kPolicies = {"random", "first-fit", "best-fit", "worst-fit", "fgd"};

TEST(Suggest, FindsTheNameBehindATypingSlip) {
  EXPECT_EQ(suggest("fdg", kPolicies), "did you mean 'fgd'?");
  EXPECT_EQ(suggest("best_fit", kPolicies), "did you mean 'best-fit'?");
  EXPECT_EQ(suggest("radnom", kPolicies), "did you mean 'random'?");
}

TEST(Suggest, OffersTheNearestFirst) {
  EXPECT_THAT(nearest("irst-fit", kPolicies), ElementsAre("first-fit", "best-fit", "worst-fit"));
}

TEST(Suggest, ListsEverythingWhenNothingIsNear) {
  EXPECT_EQ(suggest("kubernetes", kPolicies),
            "one of: random, first-fit, best-fit, worst-fit, fgd");
}

TEST(Suggest, SaysNothingWhenThereIsNothingToChoose) { EXPECT_EQ(suggest("fgd", {}), ""); }

TEST(Suggest, NeedsMoreInCommonThanTheLength) {
  EXPECT_THAT(nearest("xy", {"ab"}), IsEmpty());
  EXPECT_THAT(nearest("", kPolicies), IsEmpty());
}

TEST(Suggest, TakesNoTimeOverAnAbsurdlyLongText) {
  EXPECT_THAT(nearest(std::string(1'000'000, 'f'), kPolicies), IsEmpty());
}

TEST(Result, CarriesTheValueOrTheError) {
  const Result<int> good = 7;
  const Result<int> bad = failure({.message = "no"});
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(*good, 7);
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().message, "no");
}

}  // namespace
}  // namespace orrery
