#include "orrery/traces/catalog.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/tests/support/shared_data.hpp"
#include "orrery/tests/traces/drain.hpp"
#include "orrery/traces/canonical.hpp"

namespace orrery::traces {
namespace {

using nlohmann::json;
using test::drain;

json example(const std::string& format) {
  if (format == "synthetic") {
    return json::parse(R"({"format": "synthetic", "arrivals": "1/s", "count": 50, "classes": [
      {"name": "a", "cpu": 1, "memory": "1GiB", "duration": "1m", "gang_size": 2},
      {"name": "b", "cpu": 1, "memory": "1GiB", "duration": "1m"}]})");
  }
  return {{"format", format}, {"path", "x"}};
}

TEST(Catalog, ListsEachFormatOnceWithItsParameters) {
  std::set<std::string> names;
  for (const TraceFormat& format : trace_formats()) {
    SCOPED_TRACE(format.name);
    EXPECT_TRUE(names.insert(format.name).second);
    EXPECT_FALSE(format.summary.empty());
    EXPECT_FALSE(format.source.empty());
    EXPECT_FALSE(format.parameters.empty());
    EXPECT_EQ(find_trace_format(format.name), &format);
    EXPECT_TRUE(check_trace(example(format.name), {}, format.kind));
  }
  EXPECT_EQ(find_trace_format("nothing"), nullptr);
}

TEST(Catalog, KnowsEveryParameterThatItLists) {
  for (const TraceFormat& format : trace_formats()) {
    for (const TraceParameter& parameter : format.parameters) {
      json value = example(format.name);
      value[parameter.name] = json::object();  // nothing takes an empty object
      const auto checked = check_trace(value, {}, format.kind);
      ASSERT_FALSE(checked) << format.name << " " << parameter.name;
      EXPECT_EQ(checked.error().at.pointer.find("/" + parameter.name), 0U)
          << to_string(checked.error());
      EXPECT_EQ(checked.error().message.find("unknown"), std::string::npos)
          << to_string(checked.error());
    }
  }
}

TEST(Catalog, NamesThePlaceOfEachMistake) {
  struct Bad {
    std::string text;
    TraceKind kind;
    std::string pointer;
    std::string part;
  };
  const std::vector<Bad> cases{
      {"[]", TraceKind::Workload, "", "format"},
      {"{}", TraceKind::Workload, "", "one of: openb, openb-study, philly, canonical, synthetic"},
      {R"({"format": "openb-studdy"})", TraceKind::Workload, "/format", "'openb-study'"},
      {R"({"format": "lanl-failures"})", TraceKind::Workload, "/format", "no such workload"},
      {R"({"format": "openb"})", TraceKind::Workload, "", "'path' is missing"},
      {R"({"format": "openb", "path": "x", "on_bad_row": "ignore"})", TraceKind::Workload,
       "/on_bad_row", "one of: fail, skip"},
      {R"({"format": "openb-study", "path": "x", "load": 0})", TraceKind::Workload, "/load",
       "above 0"},
      {R"({"format": "openb-study", "path": "x", "load": 1.30001})", TraceKind::Workload, "/load",
       "steps of 0.001"},
      {R"({"format": "openb-study", "path": "x", "interval": 1})", TraceKind::Workload, "/interval",
       "unit"},
      {R"({"format": "philly", "path": "x", "gpus_per_pod": 0})", TraceKind::Workload,
       "/gpus_per_pod", "1 to 16"},
      {R"({"format": "philly", "path": "x", "memory_per_gpu": "7EiB"})", TraceKind::Workload,
       "/memory_per_gpu", "machine"},
      {R"({"format": "philly", "paht": "x"})", TraceKind::Workload, "", "is 'paht' meant to be"},
      {R"({"format": "grid5000-failures", "path": "x", "from": "2005-13-01"})", TraceKind::Failures,
       "/from", "date"},
      {R"({"format": "grid5000-failures", "path": "x", "from": "2005-02-01", "until": "2005-01-01"})",
       TraceKind::Failures, "/until", "empty"},
      {R"({"format": "synthetic", "classes": [{}]})", TraceKind::Workload, "/classes/0",
       "'name' is missing"}};
  for (const Bad& one : cases) {
    SCOPED_TRACE(one.text);
    const auto checked = check_trace(json::parse(one.text), {}, one.kind);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().at.pointer, one.pointer) << to_string(checked.error());
    EXPECT_NE(to_string(checked.error()).find(one.part), std::string::npos)
        << to_string(checked.error());
  }
}

TEST(Catalog, SaysWhichFileIsMissing) {
  TraceStore store;
  for (const TraceFormat& format : trace_formats()) {
    if (format.name == "synthetic") continue;
    json value = example(format.name);
    value["path"] = "absent.csv";
    const TraceContext context{.seed = 1,
                               .instance = 0,
                               .directory = "/nowhere",
                               .gpu_capacity = kWholeGpu,
                               .store = &store};
    const Error error = format.kind == TraceKind::Workload
                            ? open_workload(value, {}, context).error()
                            : open_failures(value, {}, context).error();
    EXPECT_EQ(to_string(error), "/nowhere/absent.csv: cannot be opened: No such file or directory");
  }
}

TEST(Catalog, StudyNeedsGpus) {
  TraceStore store;
  const auto source =
      open_workload(json::parse(R"({"format": "openb-study", "path": "x"})"),
                    {.file = "e.json", .line = 0, .field = "", .pointer = "/w"}, {.store = &store});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().at.pointer, "/w");
}

struct Opened {
  std::string name;
  json value;
};

/// Every workload format, with real data where it is here.
std::vector<Opened> all_workloads() {
  std::vector<Opened> all{{"synthetic", example("synthetic")}};
  const auto add = [&all](const std::string& name, const std::string& file, json more) {
    const auto path = test::shared_trace(file);
    if (!path) return;
    more["format"] = name;
    more["path"] = *path;
    all.push_back({name, std::move(more)});
  };
  add("openb", "openb/openb_pod_list_default.csv", json::object());
  add("openb-study", "openb/openb_pod_list_multigpu40.csv", json::object());
  add("philly", "philly/philly.csv.zst", {{"gpus_per_pod", 4}});
  return all;
}

bool same_but_pointers(WorkloadItem a, const WorkloadItem& b) {
  if (*a.pod_template != *b.pod_template) return false;
  a.pod_template = b.pod_template;
  return a == b;
}

// The contract of every WorkloadSource, walked through the catalogue: arrivals never decrease, pods
// of a gang follow each other, equal templates share one pointer, the end stays the end, and
// opening twice gives the same pods; so does a detour through the canonical format.
TEST(WorkloadSources, KeepTheContractOfTheInterface) {
  TraceStore store;
  const TraceContext context{.seed = 42,
                             .instance = 0,
                             .directory = "",
                             .gpu_capacity = MilliGpu{6'212'000},
                             .store = &store};
  for (const auto& [name, value] : all_workloads()) {
    SCOPED_TRACE(name);
    auto source = open_workload(value, {}, context);
    ASSERT_TRUE(source) << to_string(source.error());
    EXPECT_FALSE((*source)->describe().empty());
    const auto items = drain(**source);
    ASSERT_FALSE(items.empty());
    WorkloadItem after;
    EXPECT_FALSE((*source)->next(after).value());
    EXPECT_FALSE((*source)->next(after).value());

    std::map<const PodTemplate*, const PodTemplate*> templates;
    for (std::size_t i = 0; i < items.size();) {
      const WorkloadItem& first = items[i];
      ASSERT_GE(first.gang_size, 1U);
      ASSERT_LE(i + first.gang_size, items.size());
      if (i > 0) {
        ASSERT_GE(first.arrival, items[i - 1].arrival);
        ASSERT_NE(first.gang, items[i - 1].gang);
      }
      for (std::size_t pod = 0; pod < first.gang_size; ++pod, ++i) {
        ASSERT_EQ(items[i].gang, first.gang);
        ASSERT_EQ(items[i].gang_size, first.gang_size);
        ASSERT_EQ(items[i].arrival, first.arrival);
        ASSERT_GE(items[i].service, Duration::zero());
        templates.emplace(items[i].pod_template.get(), items[i].pod_template.get());
      }
    }
    for (auto a = templates.begin(); a != templates.end(); ++a) {
      for (auto b = std::next(a); b != templates.end(); ++b) ASSERT_NE(*a->first, *b->first);
    }

    auto again = open_workload(value, {}, context);
    ASSERT_TRUE(again);
    std::string text;
    ASSERT_TRUE(convert(**again, append_to(text)));
    auto canonical = read_canonical(*bytes_of(text, "converted"));
    ASSERT_TRUE(canonical);
    const auto converted = drain(**canonical);
    ASSERT_EQ(converted.size(), items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      ASSERT_TRUE(same_but_pointers(items[i], converted[i])) << i;
    }
  }
}

}  // namespace
}  // namespace orrery::traces
