#include "orrery/traces/openb.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "orrery/tests/support/shared_data.hpp"
#include "orrery/tests/traces/drain.hpp"
#include "orrery/traces/trace_store.hpp"

namespace orrery::traces {
namespace {

using namespace literals;
using test::drain;

constexpr const char* kHeader =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,"
    "deletion_time,scheduled_time\n";

Result<std::shared_ptr<const OpenbPodList>> read_text(const std::string& rows,
                                                      OnBadRow mode = OnBadRow::Fail) {
  return read_openb_pods(*bytes_of(kHeader + rows, "pods.csv"), mode);
}

TEST(OpenbPods, AreReadAsTheyAreWritten) {
  const auto list = read_text(
      "b,12000,16384,1,460,,LS,Running,5,100,7\n"
      "a,6000,2048,2,1000,V100M16|T4,BE,Pending,1,9,\n"
      "c,500,1,0,0,,LS,Running,2.5,3,2.75\n");
  ASSERT_TRUE(list) << to_string(list.error());
  const auto& pods = (*list)->pods;
  ASSERT_EQ(pods.size(), 3U);
  EXPECT_EQ(pods[0].row, 2U) << "sorted by name";
  EXPECT_EQ(pods[0].cpu, 6_cpu);
  EXPECT_EQ(pods[0].memory, 2_GiB);
  EXPECT_EQ(pods[0].pod_template->gpu, (GpuRequest{.count = 2, .milli = 1000}));
  EXPECT_EQ(pods[0].pod_template->gpu_models, (std::vector<std::string>{"V100M16", "T4"}));
  EXPECT_EQ(pods[1].pod_template->gpu, (GpuRequest{.count = 1, .milli = 460}));
  EXPECT_TRUE(pods[1].pod_template->gpu_models.empty());
  EXPECT_EQ((*list)->gpu_total(), MilliGpu{2460});
  EXPECT_EQ((*list)->never_scheduled, 1U);

  const auto source = openb_real(*list);
  ASSERT_TRUE(source);
  const auto items = drain(**source);
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0].arrival, kTimeZero + 1s);
  EXPECT_EQ(items[0].service, 8s) << "never scheduled: from creation to deletion";
  EXPECT_EQ(items[1].arrival, kTimeZero + 2500ms);
  EXPECT_EQ(items[1].service, 250ms);
  EXPECT_EQ(items[2].service, 93s);
  EXPECT_EQ(drain(**openb_real(*list, NeverScheduled::Drop)).size(), 2U);
}

struct BadRow {
  std::string row;
  std::string message;
};

TEST(OpenbPods, SayWhereAndWhyARowIsMalformed) {
  const std::vector<BadRow> cases{
      {"a,x,1,0,0,,LS,R,0,1,0",
       "field 'cpu_milli': found 'x', expected a whole number of at least 0"},
      {"a,-1,1,0,0,,LS,R,0,1,0",
       "field 'cpu_milli': found '-1', expected a whole number of at least 0"},
      {"a,1,99999999999999,0,0,,LS,R,0,1,0",
       "field 'memory_mib': found '99999999999999', expected a whole number from 0 to "
       "8796093022207"},
      {"a,1,1,17,1000,,LS,R,0,1,0",
       "field 'num_gpu': found '17', expected a whole number from 0 to 16"},
      {"a,1,1,1,1001,,LS,R,0,1,0",
       "field 'gpu_milli': found '1001', expected a whole number from 1 to 1000"},
      {"a,1,1,2,500,,LS,R,0,1,0",
       "field 'gpu_milli': found '500', expected 1000, because only a single GPU can be shared"},
      {"a,1,1,0,0,,LS,R,5,4,5",
       "field 'deletion_time': found '4', expected a time not before scheduled_time"},
      {"a,1,1,0,0,,LS,R,5,9,4",
       "field 'scheduled_time': found '4', expected a time not before creation_time"},
      {"a,1,1,0,0,,LS,R,,9,4",
       "field 'creation_time': nothing here: expected seconds, not negative, such as 12 or 0.5"},
      {",1,1,0,0,,LS,R,0,1,0", "field 'name': nothing here: expected a pod's name"},
      {"a,1,1", "wrong number of fields: found '3', expected 11 as in the header"},
      {"\"a,1,1,0,0,,LS,R,0,1,0",
       "a quoted field does not end: found 'the end of the file', expected a closing quote"},
      {"a,\"1\"x,1,0,0,,LS,R,0,1,0",
       "text after a closing quote: found 'x,1,0,0,,LS,R,0,1,0', expected the separator"},
  };
  for (const auto& [row, message] : cases) {
    SCOPED_TRACE(row);
    const std::string text = "ok,1,1,0,0,,LS,R,0,1,0\n" + row + "\n";
    const auto list = read_text(text);
    ASSERT_FALSE(list);
    EXPECT_EQ(to_string(list.error()), "pods.csv:3: " + message);
    const auto skipped = read_text(text, OnBadRow::Skip);
    ASSERT_TRUE(skipped);
    EXPECT_EQ((*skipped)->pods.size(), 1U);
    EXPECT_EQ((*skipped)->skipped_rows, 1U);
  }
}

TEST(OpenbPods, WithoutTimesHaveNoRealArrivals) {
  const auto list = read_openb_pods(
      *bytes_of("name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1,1,0,0\n", "multi.csv"));
  ASSERT_TRUE(list);
  const auto source = openb_real(*list);
  ASSERT_FALSE(source);
  EXPECT_EQ(to_string(source.error()),
            "multi.csv: the list has no times: expected columns creation_time, deletion_time and "
            "scheduled_time (the multigpu lists work as openb-study only)");
}

TEST(OpenbPods, NameTheColumnThatIsMissing) {
  const auto list = read_openb_pods(
      *bytes_of("name,cpu_mili,memory_mib,num_gpu,gpu_milli\na,1,1,0,0\n", "p.csv"));
  ASSERT_FALSE(list);
  EXPECT_EQ(to_string(list.error()),
            "p.csv:1: there is no column 'cpu_milli' (did you mean 'cpu_mili'?)");
}

std::shared_ptr<const OpenbPodList> list_of(int gpu_pods, int cpu_pods) {
  std::string rows;
  for (int i = 0; i < gpu_pods; ++i) {
    rows += "g" + std::to_string(i) + ",1,1,2,1000,,LS,R,0,1,0\n";
  }
  for (int i = 0; i < cpu_pods; ++i) rows += "z" + std::to_string(i) + ",1,1,0,0,,LS,R,0,1,0\n";
  return *read_text(rows);
}

std::multiset<std::uint64_t> rows_of(const std::vector<WorkloadItem>& items, std::size_t count) {
  std::multiset<std::uint64_t> rows;
  for (std::size_t i = 0; i < count; ++i) rows.insert(items[i].source_row);
  return rows;
}

TEST(OpenbStudy, ShufflesTheListThenFillsUpToTheLoad) {
  const auto list = list_of(10, 10);  // 20 GPUs asked for
  const auto items =
      drain(*openb_study(list, {.seed = 1, .gpu_capacity = kWholeGpu * 100, .load_milli = 1300}));
  std::int64_t asked = 0;
  for (const WorkloadItem& item : items) asked += item.pod_template->gpu.total().count();
  // Each next pod asks for two devices, of which the stop test counts one: 130 are reached exactly.
  EXPECT_EQ(asked, 130'000);
  std::multiset<std::uint64_t> all;
  for (std::uint64_t row = 1; row <= 20; ++row) all.insert(row);
  EXPECT_EQ(rows_of(items, 20), all) << "the whole list comes first";
  for (std::size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i].arrival, kTimeZero + std::chrono::seconds{i});
    EXPECT_EQ(items[i].service, Duration::max());
  }
}

TEST(OpenbStudy, MayEndAboveTheLoadByWhatTheStopTestDoesNotCount) {
  const auto items = drain(
      *openb_study(list_of(4, 0), {.seed = 1, .gpu_capacity = kWholeGpu * 10, .load_milli = 1300}));
  // 8 GPUs are asked for, 12 after two more pods; then 12 + 1 ≤ 13, so a third one is added.
  EXPECT_EQ(items.size(), 7U);
}

TEST(OpenbStudy, RemovesPodsFromAListThatAsksForMore) {
  const auto items = drain(*openb_study(
      list_of(10, 10), {.seed = 1, .gpu_capacity = kWholeGpu * 10, .load_milli = 1300}));
  std::int64_t gpus = 0;
  for (const WorkloadItem& item : items) gpus += item.pod_template->gpu.count;
  EXPECT_EQ(gpus, 12);
}

TEST(OpenbStudy, GoesBySeed) {
  const auto list = list_of(10, 10);
  const auto with = [&list](std::uint64_t seed) {
    return drain(*openb_study(list, {.seed = seed, .gpu_capacity = kWholeGpu * 100}));
  };
  EXPECT_EQ(with(42), with(42));
  EXPECT_NE(with(42), with(43));
}

TEST(OpenbStudy, HasAnotherFutureAfterTheSamePast) {
  const auto list = list_of(10, 10);
  const OpenbStudyOptions options{.seed = 42, .gpu_capacity = kWholeGpu * 100};
  const auto all = drain(*openb_study(list, options));
  const auto source = openb_study(list, options);
  std::vector<WorkloadItem> forked(5);
  for (WorkloadItem& item : forked) ASSERT_TRUE(source->next(item).value());
  source->reseed(43);
  for (const WorkloadItem& item : drain(*source)) forked.push_back(item);
  EXPECT_TRUE(std::equal(forked.begin(), forked.begin() + 5, all.begin()));
  EXPECT_NE(forked, all);
  EXPECT_EQ(rows_of(forked, forked.size()), rows_of(all, all.size())) << "the same pods in all";
}

TEST(OpenbNodes, AreShuffledIntoAnOrderOfTheSeed) {
  const auto order = shuffled_nodes(100, 7);
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 100U);
  EXPECT_EQ(*std::max_element(order.begin(), order.end()), 99U);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(order, shuffled_nodes(100, 7));
  EXPECT_NE(order, shuffled_nodes(100, 8));
}

// The figures of the data set's own description.
TEST(OpenbData, HasTheNodesOfItsDescription) {
  ORRERY_SHARED_TRACE(path, "openb/openb_node_list_all_node.csv");
  const auto all = read_openb_nodes(path);
  ASSERT_TRUE(all) << to_string(all.error());
  EXPECT_EQ(all->size(), 1523U);
  EXPECT_EQ(gpu_capacity(*all), MilliGpu{6'212'000});
  std::map<std::string, int> by_model;
  std::int64_t cpu = 0;
  for (const Node& node : *all) {
    cpu += node.cpu.count();
    if (node.gpus > 0) by_model[node.gpu_model] += node.gpus;
  }
  EXPECT_EQ(cpu / 1000, 125'514);
  EXPECT_EQ(by_model, (std::map<std::string, int>{{"A10", 2},
                                                  {"G2", 4392},
                                                  {"G3", 312},
                                                  {"P100", 265},
                                                  {"T4", 842},
                                                  {"V100M16", 195},
                                                  {"V100M32", 204}}));
}

struct ListFacts {
  std::string name;
  std::size_t pods;
  std::int64_t gpu_milli;
  std::int64_t cpu_milli;
  std::uint64_t never_scheduled;
  bool has_times;
};

TEST(OpenbData, HasTheListsOfItsDescription) {
  const std::vector<ListFacts> lists{
      {"default", 8152, 6'086'800, 85'436'012, 897, true},
      {"cpu0", 7064, 6'086'800, 66'238'112, 861, true},
      {"cpu300", 10094, 6'086'800, 119'444'912, 955, true},
      {"gpushare100", 8152, 3'952'670, 61'762'240, 1209, true},
      {"gpuspec33", 8152, 6'086'800, 85'436'012, 897, true},
      {"multigpu40", 8746, 9'442'800, 118'032'212, 0, false},
  };
  TraceStore store;
  for (const ListFacts& facts : lists) {
    SCOPED_TRACE(facts.name);
    ORRERY_SHARED_TRACE(path, "openb/openb_pod_list_" + facts.name + ".csv");
    const auto list = store.openb_pods(path, OnBadRow::Fail);
    ASSERT_TRUE(list) << to_string(list.error());
    EXPECT_EQ((*list)->pods.size(), facts.pods);
    EXPECT_EQ((*list)->gpu_total(), MilliGpu{facts.gpu_milli});
    std::int64_t cpu = 0;
    for (const OpenbPod& pod : (*list)->pods) cpu += pod.cpu.count();
    EXPECT_EQ(cpu, facts.cpu_milli);
    EXPECT_EQ((*list)->never_scheduled, facts.never_scheduled);
    EXPECT_EQ((*list)->has_times, facts.has_times);
    EXPECT_EQ(*store.openb_pods(path, OnBadRow::Fail), *list) << "read once";
  }
}

TEST(OpenbData, StudyReachesTheLoadOfThePublishedRuns) {
  ORRERY_SHARED_TRACE(path, "openb/openb_pod_list_default.csv");
  TraceStore store;
  const auto list = store.openb_pods(path, OnBadRow::Fail);
  ASSERT_TRUE(list);
  for (std::uint64_t seed = 42; seed < 52; ++seed) {
    const auto items =
        drain(*openb_study(*list, {.seed = seed, .gpu_capacity = MilliGpu{6'212'000}}));
    std::int64_t asked = 0;
    for (const WorkloadItem& item : items) asked += item.pod_template->gpu.total().count();
    EXPECT_GT(asked, 8'075'600 - 1000);
    EXPECT_LE(asked, 8'075'600 + 7000);
    EXPECT_NEAR(static_cast<double>(items.size()), 10'815, 300);
  }
}

TEST(OpenbData, TypicalPodsOfTheDefaultList) {
  ORRERY_SHARED_TRACE(path, "openb/openb_pod_list_default.csv");
  TraceStore store;
  const auto list = store.openb_pods(path, OnBadRow::Fail);
  ASSERT_TRUE(list);
  const auto requests = (*list)->requests();
  EXPECT_EQ(requests.size(), 91U);
  EXPECT_EQ(typical_pods(requests, 0.95).typical.size(), 35U);
}

}  // namespace
}  // namespace orrery::traces
