// Philly's jobs and the two failure logs.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orrery/tests/support/shared_data.hpp"
#include "orrery/tests/traces/drain.hpp"
#include "orrery/traces/failure_logs.hpp"
#include "orrery/traces/philly.hpp"
#include "orrery/traces/trace_store.hpp"

namespace orrery::traces {
namespace {

using namespace literals;
using test::drain;
using testing::HasSubstr;

constexpr const char* kPhillyHeader = "timestamp,duration,num_gpus,gpu_time,cluster\n";

Result<std::shared_ptr<const PhillyJobs>> philly(const std::string& rows,
                                                 OnBadRow mode = OnBadRow::Fail) {
  return read_philly(*bytes_of(kPhillyHeader + rows, "philly.csv"), mode);
}

TEST(Philly, SortsJobsAndSplitsLargeOnesIntoGangs) {
  const auto jobs = philly(
      "2017-10-09 07:01:55,66.5,1,66.5,aa\n"
      "2017-10-09 07:00:00,10.0,20,200.0,bb\n"
      "\n");
  ASSERT_TRUE(jobs) << to_string(jobs.error());
  const auto items = drain(*philly_workload(*jobs, {}));
  ASSERT_EQ(items.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(items[i].arrival, kTimeZero);
    EXPECT_EQ(items[i].gang_size, 3U);
    EXPECT_EQ(items[i].gang, items[0].gang);
    EXPECT_EQ(items[i].source_row, 2U);
    EXPECT_EQ(items[i].service, 10s);
    EXPECT_EQ(items[i].pod_template->owner, "bb");
    EXPECT_EQ(items[i].pod_template->gpu.count, i < 2 ? 8 : 4);
    EXPECT_EQ(items[i].cpu, MilliCpu{4000} * (i < 2 ? 8 : 4));
  }
  EXPECT_EQ(items[0].pod_template, items[1].pod_template) << "interned";
  EXPECT_EQ(items[3].arrival, kTimeZero + 115s);
  EXPECT_EQ(items[3].gang_size, 1U);
  EXPECT_EQ(items[3].service, 66500ms);
  EXPECT_EQ(items[3].memory, 32_GiB);
}

TEST(Philly, TakesTheWantedVirtualClustersOnly) {
  const auto jobs = philly("2017-10-09 07:01:55,1,1,1,aa\n2017-10-09 07:02:55,1,1,1,bb\n");
  ASSERT_TRUE(jobs);
  const auto items = drain(*philly_workload(*jobs, {.virtual_clusters = {"bb"}}));
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].arrival, kTimeZero + 60s) << "time zero is the whole list's";
}

TEST(Philly, SaysWhereARowIsMalformed) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"2017-10-09,1,1,1,aa", "timestamp"},
      {"2017-10-09 07:01:55,-1,1,1,aa", "duration"},
      {"2017-10-09 07:01:55,1,0,1,aa", "num_gpus"},
      {"2017-10-09 07:01:55,1,1.5,1,aa", "num_gpus"},
      {"2017-10-09 07:01:55,1,1,1,", "cluster"}};
  for (const auto& [row, field] : cases) {
    SCOPED_TRACE(row);
    const auto jobs = philly("2017-10-09 07:01:55,1,1,1,aa\n" + row + "\n");
    ASSERT_FALSE(jobs);
    EXPECT_EQ(jobs.error().at.line, 3U);
    EXPECT_EQ(jobs.error().at.field, field);
    const auto skipped = philly("2017-10-09 07:01:55,1,1,1,aa\n" + row + "\n", OnBadRow::Skip);
    ASSERT_TRUE(skipped);
    EXPECT_EQ((*skipped)->skipped_rows, 1U);
  }
}

// The figures of the data set's own description; its row count includes a blank last line.
TEST(PhillyData, HasTheJobsOfItsDescription) {
  ORRERY_SHARED_TRACE(path, "philly/philly.csv.zst");
  TraceStore store;
  const auto jobs = store.philly(path, OnBadRow::Fail);
  ASSERT_TRUE(jobs) << to_string(jobs.error());
  EXPECT_EQ((*jobs)->jobs.size(), 82'247U);
  EXPECT_EQ((*jobs)->virtual_clusters.size(), 15U);
  std::size_t pods = 0;
  std::int64_t gpu_seconds = 0;
  std::size_t singles = 0;
  for (const WorkloadItem& item : drain(*philly_workload(*jobs, {}))) {
    ++pods;
    gpu_seconds += item.pod_template->gpu.count * (item.service / 1s);
    if (item.gang_size == 1 && item.pod_template->gpu.count == 1) ++singles;
  }
  EXPECT_EQ(singles, 76'627U);
  EXPECT_EQ(gpu_seconds, 3'521'082'502);
  // 12, 16, 24, 32, 64 and 128 GPUs make gangs of 2, 2, 3, 4, 8 and 16 pods of up to eight.
  EXPECT_EQ(pods, 82'247U + 7 + 199 + 7 * 2 + 67 * 3 + 6 * 7 + 3 * 15);
}

constexpr const char* kLanlHeader =
    "System,machine type,nodes,nodenumz,Prob Started,Prob Fixed,Down Time,Software\n";

Result<std::shared_ptr<const FailureLog>> lanl(const std::string& rows,
                                               const FailureLogOptions& options = {}) {
  return read_lanl_failures(*bytes_of(kLanlHeader + rows, "lanl.csv"), options);
}

DownInterval minutes(int start, int end) {
  return {kTimeZero + std::chrono::minutes{start}, kTimeZero + std::chrono::minutes{end}};
}

TEST(LanlFailures, BecomeTheOutagesOfEachNode) {
  const auto log = lanl(
      "20,cluster,3,1,1/1/2003 0:10,1/1/2003 0:20,10,\n"
      "20,cluster,3,1,1/1/2003 0:15,1/1/2003 0:30,15,\"MPI, PVM\"\n"
      "20,cluster,3,0,1/1/2003 0:00,1/1/2003 0:00,0,\n"
      "2,cluster,,,1/1/2003 0:00,1/1/2003 0:05,0,\n"
      "14,cluster,2,7,1/1/2003 1:00,1/1/2003 2:00,60,\n");
  ASSERT_TRUE(log) << to_string(log.error());
  const std::vector<NodeOutages> expected{{"lanl-14-7", {minutes(60, 120)}},
                                          {"lanl-20-0", {minutes(0, 1)}},
                                          {"lanl-20-1", {minutes(10, 30)}},
                                          {"lanl-20-2", {}}};
  EXPECT_EQ((*log)->outages.nodes, expected);
  EXPECT_EQ((*log)->outages.span, 2h);
  EXPECT_EQ((*log)->rows_without_node, 1U);
}

TEST(LanlFailures, AreCutToTheWindow) {
  const std::int64_t start = 1'041'379'200;  // 2003-01-01
  const auto log = lanl(
      "20,cluster,1,0,1/1/2003 0:00,1/1/2003 0:30,10,\n"
      "20,cluster,1,0,1/1/2003 0:40,1/1/2003 5:00,10,\n"
      "20,cluster,1,0,1/2/2003 0:40,1/2/2003 5:00,10,\n",
      {.select = {"20"}, .from = start + 600, .until = start + 3600});
  ASSERT_TRUE(log) << to_string(log.error());
  EXPECT_EQ((*log)->outages.nodes[0].down, (std::vector{minutes(0, 20), minutes(30, 50)}));
  EXPECT_EQ((*log)->outages.span, 50min);
  EXPECT_FALSE(lanl("20,c,1,0,1/1/2003 0:00,1/1/2003 0:30,10,\n", {.select = {"21"}}));
}

TEST(LanlFailures, SayWhereARowIsMalformed) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"x,c,1,0,1/1/2003 0:00,1/1/2003 0:30,1,", "System"},
      {"2,c,1,-4,1/1/2003 0:00,1/1/2003 0:30,1,", "nodenumz"},
      {"2,c,1,0,13/1/2003 0:00,1/1/2003 0:30,1,", "Prob Started"},
      {"2,c,1,0,1/1/2003 0:00,,1,", "Prob Fixed"},
      {"2,c,1,0,1/2/2003 0:00,1/1/2003 0:00,1,", "Prob Fixed"}};
  for (const auto& [row, field] : cases) {
    SCOPED_TRACE(row);
    const auto log = lanl(row + "\n");
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().at.field, field);
  }
}

TEST(LanlData, HasTheFailuresOfItsDescription) {
  ORRERY_SHARED_TRACE(path, "failures-lanl/LA-UR-05-7318-failure-data-1996-2005.csv.zst");
  TraceStore store;
  const auto log = store.lanl_failures(path, {});
  ASSERT_TRUE(log) << to_string(log.error());
  EXPECT_EQ((*log)->rows_without_node, 126U) << "system 17";
  EXPECT_EQ((*log)->skipped_rows, 0U);
  // 23 739 records less those without a node, less those joined with one that they overlap or
  // touch.
  EXPECT_LE((*log)->outages.outage_count(), 23'739U - 126 - 91);
  EXPECT_GE((*log)->outages.outage_count(), 23'739U - 126 - 300);
  const auto twenty = store.lanl_failures(path, {.select = {"20"}});
  ASSERT_TRUE(twenty);
  EXPECT_EQ((*twenty)->outages.nodes.size(), 512U);
}

constexpr const char* kGridHeader =
    "# event_id component_id node_id platform_id node_name event_type event_start_time "
    "event_stop_time event_end_reason\n";

TEST(Grid5000Failures, BecomeTheOutagesOfEachNode) {
  const std::string rows =
      "    0\t    0\t    0\t    5\tG1/site1/c1/n1\t         0\t   100\t   160\t       NULL\n"
      "    1\t    0\t    0\t    5\tG1/site1/c1/n1\t         1\t   160\t   200\t       NULL\n"
      "    2\t    0\t    0\t    5\tG1/site1/c1/n1\t         0\t   200\t   200\t       NULL\n"
      "    0\t    0\t    0\t    5\tG1/site2/c1/n1\t         1\t   100\t   400\t       NULL\n";
  const auto log = read_grid5000_failures(*bytes_of(kGridHeader + rows, "e.tab"));
  ASSERT_TRUE(log) << to_string(log.error());
  const std::vector<NodeOutages> expected{{"site1/c1/n1", {minutes(0, 1)}}, {"site2/c1/n1", {}}};
  EXPECT_EQ((*log)->outages.nodes, expected);
  EXPECT_EQ((*log)->outages.span, 5min);
  const auto one =
      read_grid5000_failures(*bytes_of(kGridHeader + rows, "e.tab"), {.select = {"site2"}});
  ASSERT_TRUE(one);
  EXPECT_EQ((*one)->outages.nodes.size(), 1U);
  EXPECT_FALSE(read_grid5000_failures(*bytes_of(kGridHeader + rows, "e.tab"), {.select = {"site"}}))
      << "site is not the beginning of a path";
}

TEST(Grid5000Failures, SayWhereARowIsMalformed) {
  const auto log = read_grid5000_failures(
      *bytes_of(std::string(kGridHeader) + "0\t0\t0\t5\tG1/a\t2\t1\t2\tNULL\n", "e.tab"));
  ASSERT_FALSE(log);
  EXPECT_EQ(to_string(log.error()),
            "e.tab:2: field 'event_type': found '2', expected a whole number from 0 to 1");
}

TEST(Outages, AreThoseOfTheNodesThatTheyName) {
  const auto log = read_outages(
      *bytes_of("end_seconds,node,start_seconds\n60,b,30.5\n10,a,0\n70,b,60\n", "o.csv"));
  ASSERT_TRUE(log) << to_string(log.error());
  const std::vector<NodeOutages> expected{{"b", {{kTimeZero + 30'500ms, kTimeZero + 70s}}},
                                          {"a", {{kTimeZero, kTimeZero + 10s}}}};
  EXPECT_EQ((*log)->outages.nodes, expected);
  EXPECT_EQ((*log)->outages.span, 70s);
}

TEST(Outages, SayWhereARowIsMalformed) {
  const auto error_of = [](const std::string& row) {
    const auto log = read_outages(*bytes_of("node,start_seconds,end_seconds\n" + row, "o.csv"));
    return log ? "" : to_string(log.error());
  };
  EXPECT_THAT(error_of("a,5,4\n"), HasSubstr("o.csv:2: field 'end_seconds'"));
  EXPECT_THAT(error_of("a,-5,4\n"), HasSubstr("o.csv:2: field 'start_seconds'"));
  EXPECT_THAT(error_of(",1,2\n"), HasSubstr("a node's name"));
  EXPECT_EQ(error_of(""), "");
}

TEST(Grid5000Data, HasTheAvailabilityOfItsDescription) {
  ORRERY_SHARED_TRACE(path, "failures-grid5000/event_trace.tab.zst");
  TraceStore store;
  const auto log = store.grid5000_failures(path, {});
  ASSERT_TRUE(log) << to_string(log.error());
  EXPECT_EQ((*log)->outages.nodes.size(), 1288U);
  EXPECT_EQ((*log)->outages.span, std::chrono::seconds{1'163'165'604 - 1'115'811'139});
  // 294 145 intervals of type 0, of which some of the 25 empty ones go.
  EXPECT_LE((*log)->outages.outage_count(), 294'145U);
  EXPECT_GE((*log)->outages.outage_count(), 294'145U - 25);
}

}  // namespace
}  // namespace orrery::traces
