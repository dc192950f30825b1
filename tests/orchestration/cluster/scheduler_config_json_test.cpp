#include "orrery/orchestration/cluster/scheduler_config_json.hpp"

#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "orrery/tests/support/row_name.hpp"

namespace orrery::orchestration {
namespace {

using namespace orrery::literals;
using nlohmann::json;

Result<SchedulerConfig> read(const std::string& text) {
  return read_scheduler_config(json::parse(text), {.file = "x.json", .pointer = "/scheduler"});
}

TEST(SchedulerConfigJson, HasItsDefaults) { EXPECT_EQ(read("{}").value(), SchedulerConfig{}); }

TEST(SchedulerConfigJson, ReadsEveryMember) {
  const SchedulerConfig expected{.queue_order = policies::QueueOrder::Priority,
                                 .retry = Retry::Never,
                                 .is_blocking = true,
                                 .backoff_initial = 2s,
                                 .backoff_max = 1min};
  EXPECT_EQ(read(R"({"queue": "priority", "retry": "never", "blocking": true,
                     "backoff": {"initial": "2s", "max": "1m"}})")
                .value(),
            expected);
}

TEST(SchedulerConfigJson, ReadsBackWhatItWrote) {
  for (const auto order : {policies::QueueOrder::Fifo, policies::QueueOrder::Priority,
                           policies::QueueOrder::ShortestFirst}) {
    for (const Retry retry : {Retry::OnChange, Retry::Never}) {
      const SchedulerConfig config{.queue_order = order,
                                   .retry = retry,
                                   .is_blocking = retry == Retry::Never,
                                   .backoff_initial = 1500ms,
                                   .backoff_max = 30s};
      EXPECT_EQ(read(to_json(config).dump()).value(), config);
    }
  }
}

struct BadConfig {
  std::string name;
  std::string text;
  std::string error;
};

class SchedulerConfigJsonErrors : public testing::TestWithParam<BadConfig> {};

TEST_P(SchedulerConfigJsonErrors, PointAtTheValue) {
  const auto config = read(GetParam().text);
  ASSERT_FALSE(config);
  EXPECT_EQ(to_string(config.error()), "x.json: " + GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SchedulerConfigJsonErrors,
    testing::Values(
        BadConfig{"NoObject", "[]", "/scheduler: found '[]', expected an object"},
        BadConfig{"UnknownQueue", R"({"queue": "shortest"})",
                  "/scheduler/queue: found 'shortest', expected one of fifo, priority, "
                  "shortest-first"},
        BadConfig{"MisspeltRetry", R"({"retry": "nevr"})",
                  "/scheduler/retry: found 'nevr', expected one of on-change, never (did you mean "
                  "'never'?)"},
        BadConfig{"QueueIsNoText", R"({"queue": 1})",
                  "/scheduler/queue: found '1', expected one of fifo, priority, shortest-first"},
        BadConfig{"BlockingIsNoFlag", R"({"blocking": 1})",
                  "/scheduler/blocking: found '1', expected true or false"},
        BadConfig{"BackoffWithoutUnit", R"({"backoff": {"initial": 1}})",
                  "/scheduler/backoff/initial: found '1', expected a duration with its unit, such "
                  "as \"30s\" (a bare number has no unit)"},
        BadConfig{"MaxBelowInitial", R"({"backoff": {"initial": "5s", "max": "2s"}})",
                  "/scheduler/backoff/max: the largest back-off is below the first: found '2s', "
                  "expected at least 5s"},
        BadConfig{"InitialAboveDefaultMax", R"({"backoff": {"initial": "1m"}})",
                  "/scheduler/backoff/initial: the largest back-off is below the first: found "
                  "'1m', expected at most 10s, or a \"max\""},
        BadConfig{"UnknownMember", R"({"que": "fifo"})",
                  "/scheduler/que: unknown field 'que' (did you mean 'queue'?)"}),
    test::RowName{});

}  // namespace
}  // namespace orrery::orchestration
