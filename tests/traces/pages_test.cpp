// What the pages on traces and distributions show is what the readers take.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/models/distribution.hpp"
#include "orrery/tests/traces/drain.hpp"
#include "orrery/traces/arrivals.hpp"
#include "orrery/traces/canonical.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;

std::string page(const std::string& name) {
  std::ifstream file(std::string(ORRERY_SOURCE_DIR) + "/docs/" + name);
  EXPECT_TRUE(file) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What stands between `begin` and the next `end`.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  EXPECT_NE(from, std::string::npos) << begin;
  const std::size_t after = from + begin.size();
  return text.substr(after, text.find(end, after) - after);
}

/// The code spans of the first column of a section's table.
std::vector<std::string> first_column(const std::string& text, const std::string& section) {
  std::stringstream lines(between(text, "## " + section + "\n", "\n## "));
  std::vector<std::string> spans;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    std::string cell = line.substr(2, line.find(" |", 2) - 2);
    for (std::size_t at = cell.find('`'); at != std::string::npos;) {
      const std::size_t end = cell.find('`', at + 1);
      spans.push_back(cell.substr(at + 1, end - at - 1));
      at = cell.find('`', end + 1);
    }
  }
  return spans;
}

TEST(TraceFormatPage, ShowsATraceThatCanBeRead) {
  auto trace = read_canonical(
      *bytes_of(between(page("trace-format.md"), "```jsonl\n", "```"), "trace-format.md"));
  ASSERT_TRUE(trace) << to_string(trace.error());
  const auto items = test::drain(**trace);
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].cluster, "berlin");
  EXPECT_EQ(items[0].pod_template->gpu.milli, 460);
  EXPECT_EQ(items[1].service, Duration::max());
}

TEST(DistributionsPage, ShowsDistributionsThatCanBeRead) {
  const auto spans = first_column(page("distributions.md"), "Distributions");
  EXPECT_EQ(spans.size(), 12U);
  for (const std::string& span : spans) {
    const auto law = read_duration_distribution(json::parse(span), {});
    EXPECT_TRUE(law) << span << ": " << to_string(law.error());
  }
}

TEST(DistributionsPage, ShowsArrivalsThatCanBeRead) {
  const auto spans = first_column(page("distributions.md") + "\n## ", "Arrivals");
  EXPECT_EQ(spans.size(), 5U);
  for (const std::string& span : spans) {
    const auto model = read_arrivals(json::parse(span), {});
    EXPECT_TRUE(model) << span << ": " << to_string(model.error());
  }
}

}  // namespace
}  // namespace orrery::traces
