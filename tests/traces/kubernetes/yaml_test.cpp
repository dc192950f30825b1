#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/traces/kubernetes/document_file.hpp"
#include "orrery/traces/kubernetes/yaml_values.hpp"

namespace orrery::traces::kubernetes {
namespace {

using nlohmann::json;

json value_of(const std::string& text) {
  auto documents = read_yaml(text, "t.yaml");
  EXPECT_TRUE(documents) << to_string(documents.error());
  return documents && !documents->empty() ? documents->front().value : json("nothing");
}

// Expected values are what `kubectl` 1.36 (sigs.k8s.io/yaml v1.6.0) makes of the scalars.
TEST(Yaml, ReadsPlainScalarsAsKubectlDoes) {
  const std::vector<std::pair<std::string, json>> rows{
      {"no", false},
      {"NO", false},
      {"y", true},
      {"on", true},
      {"nO", "nO"},
      {"\"no\"", "no"},
      {"'8080'", "8080"},
      {"8080", 8080},
      {"0755", 493},
      {"0o755", 493},
      {"0x1F", 31},
      {"0b101", 5},
      {"1_000", 1000},
      {"+12", 12},
      {"-12", -12},
      {"18446744073709551615", 18446744073709551615ULL},
      {"1.5", 1.5},
      {"1e3", 1000},
      {".5", 0.5},
      {"1.", 1},
      {"12:30:00", "12:30:00"},
      {"2026-01-01", "2026-01-01"},
      {"1.2.3", "1.2.3"},
      {"100m", "100m"},
      {"1Gi", "1Gi"},
      {"~", nullptr},
      {"Null", nullptr},
      {"-.5", -0.5},
      {"!!str 5", "5"},
      {".inf", ".inf"},
      {"\"\"", ""}};
  for (const auto& [text, expected] : rows) {
    SCOPED_TRACE(text);
    EXPECT_EQ(value_of("a: " + text)["a"], expected);
  }
}

TEST(Yaml, ResolvesAliasesMergeKeysAndKeysThatAreNoText) {
  EXPECT_EQ(value_of("base: &b {x: 1, z: 2}\nnext: {<<: *b, z: 3}\nlist: [*b]\n"),
            json::parse(R"({"base":{"x":1,"z":2},"next":{"x":1,"z":3},"list":[{"x":1,"z":2}]})"));
  EXPECT_EQ(value_of("<<: [{a: 1}, {a: 2, b: 2}]\n"), json::parse(R"({"a":1,"b":2})"));
  EXPECT_EQ(value_of("1: a\nno: b\n"), json::parse(R"({"1":"a","false":"b"})"));
}

TEST(Yaml, ReadsEveryDocumentAndNumbersThem) {
  const auto documents = read_yaml("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n", "t");
  ASSERT_TRUE(documents);
  ASSERT_EQ(documents->size(), 3U);
  EXPECT_TRUE((*documents)[1].value.is_null());
  EXPECT_EQ((*documents)[2].number, 3U);
  EXPECT_EQ((*documents)[2].value["b"], 2);
}

TEST(Yaml, SaysWhereItIsBroken) {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"a: 1\nb: [1, 2\n", "t:3: this is not YAML: end of sequence flow not found"},
      {"a: 1\na: 2\n", "t:2: the key is there twice: found 'a'"},
      {"a: 1\n  b: 2\n", "t:2: this is not YAML: illegal map value"},
      {"a: *b\n", "t:1: this is not YAML: the referenced anchor is not defined"},
      {"[a]: 1\n", "t:1: a key must be text: found 'a list or a map'"},
      {"a: !!int x\n", "t:1: the text is not what its tag says: found 'x'"},
      {"a: {<<: 5}\n", "t:1: a merge key takes a map or a list of maps"}};
  for (const auto& [text, expected] : rows) {
    SCOPED_TRACE(text);
    const auto documents = read_yaml(text, "t");
    ASSERT_FALSE(documents);
    EXPECT_EQ(to_string(documents.error()), expected);
  }
}

TEST(Yaml, StopsAliasesThatGrowWithoutEnd) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j > 0 ? ", *a" : "*a") + std::to_string(i - 1);
    text += "]\n";
  }
  const auto documents = read_yaml(text, "t");
  ASSERT_FALSE(documents);
  EXPECT_EQ(documents.error().message, "aliases grow beyond a million values");
}

TEST(Yaml, StopsAtWhatCannotBeginADocument) {
  for (const char* text : {", 1", "a: 1\n---\n, 1St: 2\n"}) {
    const auto documents = read_yaml(text, "t.yaml");
    ASSERT_FALSE(documents) << text;
    EXPECT_NE(to_string(documents.error()).find("a document cannot begin like this"),
              std::string::npos);
  }
  EXPECT_EQ(read_yaml("---\n---\n--- 1\n", "t.yaml").value().size(), 3U);
}

TEST(Yaml, FindsTheLineOfAPointer) {
  const std::string text =
      "a: 1\n---\nkind: Pod\nspec:\n  containers:\n  - name: x\n    image:\n      y\n  - {name: "
      "z,\n"
      "     image: w}\n";
  const auto line = [&](const std::string& pointer) { return yaml_line(text, 2, pointer); };
  EXPECT_EQ(line(""), 3U);
  EXPECT_EQ(line("/spec"), 4U);
  EXPECT_EQ(line("/spec/containers/0/image"), 7U);
  EXPECT_EQ(line("/spec/containers/1"), 9U);
  EXPECT_EQ(line("/spec/containers/1/image"), 10U);
  EXPECT_EQ(line("/spec/containers/1/nothing/there"), 9U);
  EXPECT_EQ(yaml_line(text, 3, ""), 0U);
}

TEST(DocumentFile, ReadsJsonValuesOneAfterTheOther) {
  auto file = DocumentFile::parse("{\"a\": \"}\"}\n {\"b\": 2}", "t.json");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->documents().size(), 2U);
  EXPECT_EQ(file->documents()[0].value["a"], "}");
  EXPECT_EQ(file->documents()[1].number, 2U);
}

TEST(DocumentFile, RefusesNumbersThatNoDoubleHolds) {
  const auto file = DocumentFile::parse("[1e999]", "t.json");
  ASSERT_FALSE(file);
  EXPECT_NE(to_string(file.error()).find("number overflow"), std::string::npos);
}

TEST(DocumentFile, SaysWhereJsonIsBroken) {
  const auto broken = DocumentFile::parse("{\n\"a\": 1,\n}", "t.json");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().at.line, 3U);
  const auto twice = DocumentFile::parse(R"({"a": {"b": 1, "b": 2}})", "t.json");
  ASSERT_FALSE(twice);
  EXPECT_EQ(to_string(twice.error()), "t.json: document 1: the key is there twice: found 'b'");
}

}  // namespace
}  // namespace orrery::traces::kubernetes
