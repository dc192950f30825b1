#include "orrery/models/labels.hpp"

#include <string>

#include <gtest/gtest.h>

#include "orrery/tests/support/row_name.hpp"

namespace orrery {
namespace {

constexpr auto kEqual = Toleration::Operator::Equal;
constexpr auto kExists = Toleration::Operator::Exists;
constexpr auto kNoSchedule = TaintEffect::NoSchedule;
constexpr auto kNoExecute = TaintEffect::NoExecute;

Toleration for_any_effect(std::string key, Toleration::Operator op, std::string value) {
  return {.key = std::move(key), .op = op, .value = std::move(value)};
}

Toleration for_effect(TaintEffect effect, std::string key, Toleration::Operator op,
                      std::string value) {
  return {.key = std::move(key),
          .op = op,
          .value = std::move(value),
          .any_effect = false,
          .effect = effect};
}

struct TolerationCase {
  const char* name;
  Toleration toleration;
  Taint taint;
  bool tolerates;
};

/// The rows of TestTolerationToleratesTaint in k8s.io/api core/v1 (v1.31), and a few more.
class TolerationTable : public testing::TestWithParam<TolerationCase> {};

TEST_P(TolerationTable, DecidesAsKubernetesDoes) {
  const TolerationCase& row = GetParam();
  EXPECT_EQ(row.toleration.tolerates(row.taint), row.tolerates);
}

INSTANTIATE_TEST_SUITE_P(
    Labels, TolerationTable,
    testing::Values(
        TolerationCase{"SameKeyValueAndEffect", for_effect(kNoSchedule, "gpu", kEqual, "yes"),
                       Taint{"gpu", "yes", kNoSchedule}, true},
        TolerationCase{"AnyEffectWhenNoneIsNamed", for_any_effect("gpu", kEqual, "yes"),
                       Taint{"gpu", "yes", kNoExecute}, true},
        TolerationCase{"AnotherEffect", for_effect(kNoExecute, "gpu", kEqual, "yes"),
                       Taint{"gpu", "yes", kNoSchedule}, false},
        TolerationCase{"AnotherKey", for_any_effect("disk", kEqual, "yes"),
                       Taint{"gpu", "yes", kNoSchedule}, false},
        TolerationCase{"AnotherValue", for_any_effect("gpu", kEqual, "no"),
                       Taint{"gpu", "yes", kNoSchedule}, false},
        TolerationCase{"ExistsLooksAtTheKeyOnly", for_any_effect("gpu", kExists, ""),
                       Taint{"gpu", "yes", kNoSchedule}, true},
        TolerationCase{"ExistsOfAnotherKey", for_any_effect("disk", kExists, ""),
                       Taint{"gpu", "yes", kNoSchedule}, false},
        TolerationCase{"NoKeyAndExistsToleratesEverything", for_any_effect("", kExists, ""),
                       Taint{"anything", "at all", kNoExecute}, true},
        TolerationCase{"NoKeyAndExistsButAnotherEffect", for_effect(kNoExecute, "", kExists, ""),
                       Taint{"anything", "", kNoSchedule}, false},
        TolerationCase{"EmptyValueEqualsEmptyValue", for_any_effect("gpu", kEqual, ""),
                       Taint{"gpu", "", kNoSchedule}, true}),
    test::RowName{});

using Op = LabelRequirement::Operator;

struct RequirementCase {
  const char* name;
  LabelRequirement requirement;
  bool matches;
};

/// Against the labels of one node; the semantics of component-helpers nodeaffinity (v1.31).
class RequirementTable : public testing::TestWithParam<RequirementCase> {
 protected:
  const Labels node_{{"zone", "eu-1"}, {"generation", "7"}, {"name", "7b"}, {"empty", ""}};
};

TEST_P(RequirementTable, DecidesAsKubernetesDoes) {
  EXPECT_EQ(GetParam().requirement.matches(node_), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Labels, RequirementTable,
    testing::Values(
        RequirementCase{"InOneOfTheValues", {"zone", Op::In, {"eu-2", "eu-1"}}, true},
        RequirementCase{"InNoneOfTheValues", {"zone", Op::In, {"us-1"}}, false},
        RequirementCase{"InOfAMissingKey", {"rack", Op::In, {"r1"}}, false},
        RequirementCase{"InTheEmptyValue", {"empty", Op::In, {""}}, true},
        RequirementCase{"NotInTheValues", {"zone", Op::NotIn, {"us-1"}}, true},
        RequirementCase{"NotInButItIs", {"zone", Op::NotIn, {"eu-1"}}, false},
        RequirementCase{"NotInHoldsForAMissingKey", {"rack", Op::NotIn, {"r1"}}, true},
        RequirementCase{"Exists", {"zone", Op::Exists, {}}, true},
        RequirementCase{"ExistsOfAMissingKey", {"rack", Op::Exists, {}}, false},
        RequirementCase{"DoesNotExist", {"rack", Op::DoesNotExist, {}}, true},
        RequirementCase{"DoesNotExistButDoes", {"zone", Op::DoesNotExist, {}}, false},
        RequirementCase{"GreaterByNumber", {"generation", Op::Gt, {"6"}}, true},
        RequirementCase{"NotGreaterThanItself", {"generation", Op::Gt, {"7"}}, false},
        RequirementCase{"ComparedAsNumbersNotAsText", {"generation", Op::Lt, {"10"}}, true},
        RequirementCase{"NotLessThanItself", {"generation", Op::Lt, {"7"}}, false},
        RequirementCase{"GreaterOfAMissingKey", {"rack", Op::Gt, {"1"}}, false},
        RequirementCase{"GreaterOfNoNumber", {"name", Op::Gt, {"1"}}, false},
        RequirementCase{"GreaterThanNoNumber", {"generation", Op::Gt, {"x"}}, false},
        RequirementCase{"GreaterThanTwoValues", {"generation", Op::Gt, {"1", "2"}}, false}),
    test::RowName{});

TEST(NodeAffinity, AdmitsEveryNodeWhenNothingIsRequired) {
  EXPECT_TRUE(NodeAffinity{}.admits({}, "node"));
}

TEST(NodeAffinity, NeedsAllRequirementsOfOneTermAndOneTermOfAll) {
  const LabelRequirement in_zone{"zone", Op::In, {"eu-1"}};
  const LabelRequirement has_ssd{"ssd", Op::Exists, {}};
  const LabelRequirement old{"generation", Op::Lt, {"3"}};
  const NodeAffinity affinity{.required = {{in_zone, has_ssd}, {old}}};

  EXPECT_TRUE(affinity.admits({{"zone", "eu-1"}, {"ssd", ""}}, "node"));
  EXPECT_FALSE(affinity.admits({{"zone", "eu-1"}}, "node"));
  EXPECT_TRUE(affinity.admits({{"generation", "2"}}, "node"));
  EXPECT_FALSE(affinity.admits({}, "node"));
}

TEST(NodeAffinity, FindsNoNodeForAnEmptyTerm) {
  const NodeAffinity affinity{.required = {NodeSelectorTerm{}}};
  EXPECT_FALSE(affinity.admits({{"zone", "eu-1"}}, "node"));
}

}  // namespace
}  // namespace orrery
