#include "orrery/experiments/document/document.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/experiments/document/difference.hpp"
#include "orrery/experiments/document/digest.hpp"
#include "orrery/experiments/document/variants.hpp"

namespace orrery::experiments {
namespace {

using testing::HasSubstr;

Document document(const std::string& text) { return Document::parse(text, "e.json").value(); }

std::string parse_error(const std::string& text) {
  const auto parsed = Document::parse(text, "e.json");
  return parsed ? "parsed" : to_string(parsed.error());
}

TEST(Document, KnowsTheLineOfEachValue) {
  const Document d = document("{\n \"a\": [\n  1,\n  {\"b\":\n   2}\n ],\n \"c\": true\n}\n");
  EXPECT_EQ(d.locate("/a").line, 2U);
  EXPECT_EQ(d.locate("/a/0").line, 3U);
  EXPECT_EQ(d.locate("/a/1").line, 4U);
  EXPECT_EQ(d.locate("/a/1/b").line, 4U) << "the line of the member's name";
  EXPECT_EQ(d.locate("/c").line, 7U);
  EXPECT_EQ(d.locate("/a/1/missing").line, 4U) << "what lacks the member";
}

TEST(Document, SaysWhereJsonIsBroken) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{\n \"a\": 1,\n \"b\" 2\n}", "e.json:3: broken JSON at column 6"},
      {"{\"a\": [1, 2}", "e.json:1: broken JSON at column 12"},
      {"", "e.json:1: broken JSON"},
      {"{\"a\": 1}\n}", "e.json:2: broken JSON"},
      {"{\n\"a\": 1,\n\"a\": 2}", "e.json:3: /a: this member occurs twice"},
      {"{\"a\": 99999999999999999999}", "does not fit 64 bits"},
      {"[1]", "expected an experiment: a JSON object"},
      {"{// comment\n}", "broken JSON"},
  };
  for (const auto& [text, message] : cases) EXPECT_THAT(parse_error(text), HasSubstr(message));
  EXPECT_THAT(parse_error(std::string(200, '[')), HasSubstr("nested too deep"));
}

TEST(Document, NamesAFileThatIsNotThere) {
  EXPECT_THAT(to_string(Document::load("/nowhere/e.json").error()),
              HasSubstr("/nowhere/e.json: cannot read this file"));
}

TEST(Document, SetsValuesByPointer) {
  Document d = document(R"({"clusters": [{"policy": "a"}, {"policy": "b"}], "x~/y": 1})");
  ASSERT_TRUE(d.set_from_text("/clusters/1/policy=fgd").has_value());
  ASSERT_TRUE(d.set_from_text("/clusters/*/count=3").has_value());
  ASSERT_TRUE(d.set_from_text("/clusters/-={\"policy\": \"c\"}").has_value());
  ASSERT_TRUE(d.set_from_text("/horizon=7d").has_value());
  ASSERT_TRUE(d.set_from_text("/x~0~1y=[1,2]").has_value());
  EXPECT_EQ(d.json().dump(),
            R"({"clusters":[{"policy":"a","count":3},{"policy":"fgd","count":3},{"policy":"c"}],)"
            R"("x~/y":[1,2],"horizon":"7d"})");
}

TEST(Document, SaysWhyNothingCanBeSet) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/clusters", "expected POINTER=VALUE"},
      {"clusters=1", "expected a JSON pointer"},
      {"/cluster/0/policy=a", "did you mean 'clusters'?"},
      {"/clusters/7/policy=a", "the array has 1 elements"},
      {"/clusters/0/policy/name=a", "'name' is not in /clusters/0/policy"},
  };
  for (const auto& [assignment, message] : cases) {
    Document d = document(R"({"clusters": [{"policy": "a"}]})");
    const auto set = d.set_from_text(assignment);
    ASSERT_FALSE(set.has_value()) << assignment;
    EXPECT_THAT(to_string(set.error()), HasSubstr(message));
    EXPECT_THAT(to_string(set.error()), HasSubstr("--set " + assignment));
  }
}

TEST(Document, TellsErrorsWhereTheValueWasWritten) {
  Document d = document("{\n\"a\": {\"b\": 1},\n\"set\": {\n\"/a\": {\"b\": 2}}}");
  ASSERT_TRUE(d.set("/a", d.json()["set"]["/a"], d.locate("/set/~1a")).has_value());
  const Location place = d.locate("/a/b");
  EXPECT_EQ(place.pointer, "/set/~1a/b");
  EXPECT_EQ(place.line, 4U);
  ASSERT_TRUE(d.set_from_text("/a/b=3").has_value());
  EXPECT_EQ(to_string(d.locate("/a/b")), "--set /a/b=3");
}

TEST(Templates, AreMergedWithTheirUser) {
  Document d = document(R"({
    "templates": {"small": {"cpu": 4, "memory": "8GiB"},
                  "gpu": {"use": "small", "gpus": 8, "memory": "64GiB"}},
    "nodes": [{"use": "gpu", "cpu": 96}, {"use": ["gpu", "small"]}]})");
  ASSERT_TRUE(d.expand_templates().has_value());
  EXPECT_EQ(d.json().dump(), R"({"nodes":[{"cpu":96,"memory":"64GiB","gpus":8},)"
                             R"({"cpu":4,"memory":"8GiB","gpus":8}]})");
}

TEST(Templates, KeepThePlaceOfErrors) {
  Document d = document(
      "{\"templates\": {\n\"small\": {\n\"cpu\": -4}},\n\"nodes\": [{\n\"use\": \"small\"}]}");
  ASSERT_TRUE(d.expand_templates().has_value());
  EXPECT_EQ(to_string(d.locate("/nodes/0/cpu")), "e.json:3: /templates/small/cpu");
}

TEST(Templates, RefuseUnknownNamesAndCircles) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"templates": {"small": {}}, "n": {"use": "smal"}})",
       "e.json:1: /n/use: found 'smal', expected a template of this document (did you mean "
       "'small'?)"},
      {R"({"templates": {"a": {"use": "b"}, "b": {"use": "c"}, "c": {"use": "a"}},
           "n": {"use": "a"}})",
       "circular reference: a → b → c → a"},
      {R"({"templates": {"a": {"use": "a"}}})", "circular reference: a → a"},
      {R"({"n": {"use": 3}})", "expected the name of a template, or a list of names"},
  };
  for (const auto& [text, message] : cases) {
    Document d = document(text);
    const auto expanded = d.expand_templates();
    ASSERT_FALSE(expanded.has_value()) << text;
    EXPECT_THAT(to_string(expanded.error()), HasSubstr(message));
  }
}

std::vector<std::string> names(const std::vector<Variant>& variants) {
  std::vector<std::string> result;
  for (const Variant& variant : variants) result.push_back(variant.name);
  return result;
}

TEST(Variants, AreOneWhenTheDocumentNamesNone) {
  const auto variants = expand_variants(document(R"({"a": 1, "seeds": [1]})")).value();
  EXPECT_THAT(names(variants), testing::ElementsAre("default"));
  EXPECT_EQ(variants[0].document.json().dump(), R"({"a":1})");
}

TEST(Variants, CombineAxesInTheirOrderAndComeBeforeListedOnes) {
  const Document d = document(R"({
    "list": "x", "policy": "y",
    "matrix": {"names": "{pods}/{policy}",
               "axes": {"pods": {"z": {"/list": "z.csv"}, "a": {"/list": "a.csv"}},
                        "policy": {"fgd": {"/policy": "fgd"}, "random": {"/policy": "random"}}}},
    "variants": [{"name": "extra", "set": {"/policy": "none"}}]})");
  const auto variants = expand_variants(d).value();
  EXPECT_THAT(names(variants),
              testing::ElementsAre("z/fgd", "z/random", "a/fgd", "a/random", "extra"));
  EXPECT_EQ(variants[1].document.json().dump(), R"({"list":"z.csv","policy":"random"})");
  EXPECT_EQ(variants[4].document.json().dump(), R"({"list":"x","policy":"none"})");
}

TEST(Variants, SayWhatIsWrongWithThem) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"variants": [{"name": "a"}, {"name": "a"}]})", "a name that no other variant has"},
      {R"({"a": {}, "variants": [{"name": "a", "set": {"/b/c": 1}}]})",
       "e.json:1: /variants/0/set/~1b~1c: nothing to set: 'b' is not in the document"},
      {R"({"variants": []})", "a list of at least one variant"},
      {R"({"variants": [{"nam": "a"}]})", "/variants/0"},
      {R"({"variants": [{"name": "a", "set": 3}]})", "from JSON pointers to values"},
      {R"({"matrix": {"axes": {}}})", "an object of axes"},
      {R"({"matrix": {"axis": {}}})", "an object with axes"},
      {R"({"matrix": {"axes": {"p": {"x": {}}}, "name": "y"}})", "did you mean 'names'?"},
      {R"({"matrix": {"axes": {"p": {"x": {}}}, "names": "y"}})", "a name with {p} in it"},
  };
  for (const auto& [text, message] : cases) {
    const auto variants = expand_variants(document(text));
    ASSERT_FALSE(variants.has_value()) << text;
    EXPECT_THAT(to_string(variants.error()), HasSubstr(message)) << text;
  }
}

TEST(Matches, TakesStarsForAnyText) {
  EXPECT_TRUE(matches("default/fgd", "default/fgd"));
  EXPECT_TRUE(matches("*/fgd", "cpu050/fgd"));
  EXPECT_TRUE(matches("cpu*/*fit", "cpu050/best-fit"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_FALSE(matches("*/fgd", "cpu050/fgd2"));
  EXPECT_FALSE(matches("", "a"));
}

TEST(FirstDifference, NamesPlacesAndValues) {
  EXPECT_EQ(first_difference(R"({"a": {"b": 1}})", R"({"a": {"b": 2}})"),
            "/a/b is 1 there and 2 here");
  EXPECT_EQ(first_difference(R"({"a": 1})", R"({})"), "/a is 1 there and absent here");
}

TEST(Digest, MatchesTheReferenceTool) {
  // printf '' | xxhsum -H2 and printf 'orrery' | xxhsum -H2
  EXPECT_EQ(digest(""), "xxh3:99aa06d3014798d86001c324468d497f");
  EXPECT_NE(digest("a"), digest("b"));
}

}  // namespace
}  // namespace orrery::experiments
