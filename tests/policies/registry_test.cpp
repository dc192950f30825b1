#include "orrery/policies/registry.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/models/check.hpp"
#include "orrery/policies/placement/first_fit.hpp"
#include "orrery/tests/support/row_name.hpp"

namespace orrery::policies {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

const Location kAt{.file = "study.json", .line = 0, .field = "", .pointer = "/variants/0/policy"};

std::string error_of(const std::string& document) {
  const PolicyRegistry registry = with_builtin_policies();
  const Result<void> valid = validate_placement(json::parse(document), kAt, registry);
  return valid ? "" : to_string(valid.error());
}

TEST(Registry, TakesANameOrAnObjectWithParameters) {
  for (const char* document :
       {R"("fgd")", R"({"name": "fgd"})", R"({"name": "fgd", "typical_pods": "observed"})",
        R"({"name": "best-fit", "score_levels": 20.0})",
        R"({"name": "filter-score", "scorers": ["most-allocated",
            {"name": "balanced-allocation", "weight": 0.5, "gpu_weight": 1}],
            "filters": [{"name": "headroom", "percent": 5}, "spare-gpu-nodes"]})"}) {
    EXPECT_EQ(error_of(document), "") << document;
  }
}

TEST(Registry, FilesWhatAFunctionMakes) {
  PolicyRegistry registry = with_builtin_policies();
  registry.add_made_by<PlacementPolicy>(
      "of-the-day", {.summary = "whatever", .parameters = {{.name = "day", .default_json = "1"}}},
      [](const Parameters& parameters,
         const PolicyContext& context) -> Result<std::unique_ptr<PlacementPolicy>> {
        if (parameters.number("day") > 1) return failure({.at = {}, .message = "too late"});
        EXPECT_EQ(context.seed, 9U);
        return std::make_unique<FirstFit>();
      });
  EXPECT_EQ(registry.find("placement", "of-the-day")->summary, "whatever");
  const auto make = [&](const char* document) {
    return registry.make<PlacementPolicy>(
        registry.choose("placement", json::parse(document), kAt).value(),
        {.seed = 9, .registry = registry});
  };
  EXPECT_NE(make(R"("of-the-day")").value(), nullptr);
  EXPECT_EQ(make(R"({"name": "of-the-day", "day": 2})").error().message, "too late");
}

struct BadDocument {
  std::string name;
  std::string document;
  std::string error;  ///< after the file
};
class BadDocuments : public testing::TestWithParam<BadDocument> {};

TEST_P(BadDocuments, PointAtWhatIsWrongAndSayWhatIsRight) {
  EXPECT_THAT(error_of(GetParam().document),
              HasSubstr("study.json: /variants/0/policy" + GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Registry, BadDocuments,
    testing::Values(
        BadDocument{"UnknownName", R"("best-fitt")",
                    ": unknown placement policy: found 'best-fitt' (did you mean 'best-fit'"},
        BadDocument{"UnknownNameInObject", R"({"name": "xyzzy"})",
                    "/name: unknown placement policy: found 'xyzzy' (one of: random, first-fit, "},
        BadDocument{"NotAPolicy", "17", ": found '17', expected the name of a placement policy"},
        BadDocument{"Null", "null", ": found 'null', expected the name of a placement policy"},
        BadDocument{"NoName", R"({"seed": 1})", ": member 'name' is missing"},
        BadDocument{"NameOfWrongType", R"({"name": 3})", "/name: found '3', expected the name"},
        BadDocument{
            "UnknownParameter", R"({"name": "best-fit", "gpu_weigth": 1})",
            "/gpu_weigth: unknown parameter of placement policy 'best-fit': found 'gpu_weigth' "
            "(did you mean 'gpu_weight' or 'cpu_weight'?)"},
        BadDocument{
            "NoParameters", R"({"name": "first-fit", "speed": 1})",
            "/speed: unknown parameter of placement policy 'first-fit': found 'speed' (it takes "
            "no parameters)"},
        BadDocument{"PointerIsEscaped", R"({"name": "first-fit", "a/b~c": 1})", "/a~1b~0c: "},
        BadDocument{"WrongType", R"({"name": "best-fit", "gpu_weight": "heavy"})",
                    "/gpu_weight: parameter 'gpu_weight': found 'heavy', expected a whole number "
                    "from 0 to 100"},
        BadDocument{"NotWhole", R"({"name": "best-fit", "gpu_weight": 0.5})",
                    "/gpu_weight: parameter 'gpu_weight': found '0.5', expected a whole number"},
        BadDocument{"TooLarge", R"({"name": "best-fit", "gpu_weight": 101})",
                    "/gpu_weight: parameter 'gpu_weight': found '101'"},
        BadDocument{"BeyondInt64", R"({"name": "best-fit", "gpu_weight": 18446744073709551615})",
                    "/gpu_weight: parameter 'gpu_weight': found '18446744073709551615'"},
        BadDocument{"Negative", R"({"name": "fgd", "popularity": -0.1})",
                    "/popularity: parameter 'popularity': found '-0.1', expected a number from "
                    "0.01 to 1"},
        BadDocument{"NotAChoice", R"({"name": "fgd", "typical_pods": "profil"})",
                    "/typical_pods: parameter 'typical_pods': found 'profil', expected one of "
                    "auto, profile, observed (did you mean 'profile'?)"},
        BadDocument{"NotAList", R"({"name": "filter-score", "scorers": "least-allocated"})",
                    "/scorers: parameter 'scorers': found 'least-allocated', expected a list"},
        BadDocument{"UnknownScorer", R"({"name": "filter-score", "scorers": ["least-alocated"]})",
                    "/scorers/0: unknown scorer: found 'least-alocated' (did you mean "},
        BadDocument{"ParameterOfAScorer",
                    R"({"name": "filter-score",
                        "scorers": ["most-allocated", {"name": "least-allocated", "weight": -1}]})",
                    "/scorers/1/weight: parameter 'weight': found '-1', expected a number from 0"},
        BadDocument{"PolicyThatIsNoScorer", R"({"name": "filter-score", "scorers": ["fgd"]})",
                    "/scorers/0: unknown scorer: found 'fgd'"}),
    test::RowName{});

TEST(Registry, GivesParametersTheirDefaults) {
  const PolicyRegistry registry = with_builtin_policies();
  const auto choice =
      registry.choose("placement", json{{"name", "best-fit"}, {"gpu_weight", 3}}, kAt);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->parameters.integer("gpu_weight"), 3);
  EXPECT_TRUE(choice->parameters.is_given("gpu_weight"));
  EXPECT_EQ(choice->parameters.integer("score_levels"), 100);
  EXPECT_FALSE(choice->parameters.is_given("score_levels"));
  EXPECT_THROW((void)choice->parameters.integer("speed"), CheckFailure);
  EXPECT_THROW((void)choice->parameters.text("gpu_weight"), CheckFailure);
}

TEST(Registry, RefusesAProfileThatNobodyProvides) {
  const PolicyRegistry registry = with_builtin_policies();
  const auto made = make_placement(json{{"name", "fgd"}, {"typical_pods", "profile"}}, kAt,
                                   {.registry = registry});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().at.pointer, "/variants/0/policy/typical_pods");
  EXPECT_EQ(made.error().hint, "use 'observed'");
}

class Thrower final : public PlacementPolicy {
 public:
  Thrower() { throw std::runtime_error("no licence"); }
  Placement place(const ClusterView&, PodId) override { return {}; }
};

TEST(Registry, TurnsExceptionsOfAPolicyIntoErrors) {
  PolicyRegistry registry;
  registry.add<Thrower>("thrower", {.summary = "cannot be built"});
  const auto made = make_placement("thrower", kAt, {.registry = registry});
  ASSERT_FALSE(made);
  EXPECT_THAT(to_string(made.error()),
              HasSubstr("policy: placement policy 'thrower' cannot be built: no licence"));
}

TEST(Registry, KeepsKindsApartAndNamesUnique) {
  PolicyRegistry registry;
  registry.add<FirstFit>("first", {.summary = "one"});
  EXPECT_THAT(registry.names("placement"), ElementsAre("first"));
  EXPECT_TRUE(registry.names("scorer").empty());
  EXPECT_THROW(registry.add<FirstFit>("first", {.summary = "another"}), CheckFailure);
}

}  // namespace
}  // namespace orrery::policies
