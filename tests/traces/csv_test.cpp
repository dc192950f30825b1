#include "orrery/traces/csv.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace orrery::traces {
namespace {

using Rows = std::vector<std::vector<std::string>>;

CsvTable open_text(const std::string& text, CsvOptions options = {}) {
  auto table = CsvTable::open(*bytes_of(text, "t.csv"), {"a", "b"}, {"c"}, std::move(options));
  EXPECT_TRUE(table) << to_string(table.error());
  return std::move(*table);
}

Rows rows_of(CsvTable table) {
  Rows rows;
  while (table.next().value()) {
    if (table.problem()) {
      rows.push_back({to_string(*table.problem())});
    } else {
      rows.push_back(
          {std::string(table.text(0)), std::string(table.text(1)), std::string(table.text(2))});
    }
  }
  return rows;
}

struct Case {
  std::string name;
  std::string text;
  Rows rows;
};

TEST(Csv, ReadsWhatRfc4180Describes) {
  const std::vector<Case> cases{
      {"plain", "a,b,c\n1,2,3\n", {{"1", "2", "3"}}},
      {"other order", "c,b,a\n1,2,3\n", {{"3", "2", "1"}}},
      {"more columns", "x,a,b,y\n0,1,2,9\n", {{"1", "2", ""}}},
      {"CRLF and byte order mark",
       "\xEF\xBB\xBF"
       "a,b\r\n1,2\r\n3,4",
       {{"1", "2", ""}, {"3", "4", ""}}},
      {"blank lines", "a,b\n\n1,2\n\n", {{"1", "2", ""}}},
      {"quotes", "a,b\n\"1,5\",\"say \"\"hi\"\"\"\n", {{"1,5", "say \"hi\"", ""}}},
      {"quoted header", "\"a\",\"b\"\n1,2\n", {{"1", "2", ""}}},
      {"line break in quotes", "a,b\n\"x\ny\",2\n3,4\n", {{"x\ny", "2", ""}, {"3", "4", ""}}},
      {"empty fields", "a,b\n,\n\"\",\"\"\n", {{"", "", ""}, {"", "", ""}}},
      {"header only", "a,b", {}},
      {"too few",
       "a,b\n1\n1,2\n",
       {{"t.csv:2: wrong number of fields: found '1', expected 2 as in the header"},
        {"1", "2", ""}}},
      {"too many",
       "a,b\n1,2,3\n",
       {{"t.csv:2: wrong number of fields: found '3', expected 2 as in the header"}}},
      {"open quote",
       "a,b\n1,\"2\n3,4",
       {{"t.csv:2: a quoted field does not end: found 'the end of the file', expected a closing "
         "quote"}}},
      {"quote in field",
       "a,b\n1,2\"3\"\n",
       {{"t.csv:2: a quote inside an unquoted field: found '\"3\"', expected the separator"}}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(rows_of(open_text(one.text)), one.rows);
  }
}

TEST(Csv, NumbersLinesAsAnEditorDoes) {
  CsvTable table = open_text("a,b\n\n\"x\ny\",2\n3\n");
  ASSERT_TRUE(table.next().value());
  EXPECT_EQ(table.at(1).line, 3U);
  ASSERT_TRUE(table.next().value());
  EXPECT_EQ(table.problem()->at.line, 5U);
  EXPECT_EQ(table.row(), 2U);
}

TEST(Csv, TakesPaddingAndOtherSeparators) {
  const Rows rows = rows_of(open_text("# a b\n  1\t\"x  \n", {.separator = '\t',
                                                              .is_quoted = false,
                                                              .is_trimmed = true,
                                                              .header_separator = ' ',
                                                              .header_prefix = "#"}));
  EXPECT_EQ(rows, (Rows{{"1", "\"x", ""}}));
}

TEST(Csv, NamesAHeaderThatIsNotThere) {
  const auto open = [](const std::string& text) {
    const auto table = CsvTable::open(*bytes_of(text, "t.csv"), {"a", "b"});
    return table ? std::string() : to_string(table.error());
  };
  EXPECT_EQ(open(""), "t.csv: the file is empty: expected a header line");
  EXPECT_EQ(open("\n\n"), "t.csv: the file is empty: expected a header line");
  EXPECT_EQ(open("a,c\n"), "t.csv:1: there is no column 'b' (one of: c)");
}

TEST(CsvRow, ReadsFieldsExactly) {
  CsvTable table = open_text("a,b,c\n0.000000001,2017-10-09 07:01:55,6/21/2005 10:54\n");
  ASSERT_TRUE(table.next().value());
  CsvRow row(table);
  EXPECT_EQ(row.seconds(0), Duration{1});
  EXPECT_EQ(row.date_time(1), 1'507'532'515);
  EXPECT_EQ(row.us_date_time(2), 1'119'351'240);
  EXPECT_FALSE(row.error());
}

TEST(CsvRow, RefusesWhatIsNoTime) {
  for (const std::string text : {"-1", "1e3", "0.0000000001", "1.x", "nan", " 1", "9223372037",
                                 "99999999999999999999", "1,", ".", "-0"}) {
    CsvTable table = open_text("a,b\n\"" + text + "\",0\n");
    ASSERT_TRUE(table.next().value());
    CsvRow row(table);
    (void)row.seconds(0);
    EXPECT_TRUE(row.error()) << text;
  }
  for (const std::string text :
       {"2017-02-29 00:00:00", "2017-13-01 00:00:00", "2017-1-1", "2017-01-01 24:00:00",
        "2017-01-01 00:60:00", "x", "2017-01-01 00:00:00x"}) {
    CsvTable table = open_text("a,b\n\"" + text + "\",0\n");
    ASSERT_TRUE(table.next().value());
    CsvRow row(table);
    (void)row.date_time(0);
    EXPECT_TRUE(row.error()) << text;
  }
}

std::string quoted(const std::string& field) {
  std::string text = "\"";
  for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

// Invariant: any table, all fields quoted, reads back as it was.
RC_GTEST_PROP(Csv, ReadsBackAnyQuotedTable, ()) {
  const auto field = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,\"\n 1")));
  const auto table = *rc::gen::container<std::vector<std::pair<std::string, std::string>>>(
      rc::gen::pair(field, field));
  std::string text = "a,b\n";
  Rows rows;
  for (const auto& [a, b] : table) {
    text += quoted(a) + "," + quoted(b) + "\r\n";
    rows.push_back({a, b, ""});
  }
  RC_ASSERT(rows_of(open_text(text)) == rows);
}

}  // namespace
}  // namespace orrery::traces
