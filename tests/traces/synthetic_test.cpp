#include "orrery/traces/synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/tests/traces/drain.hpp"
#include "orrery/traces/arrivals.hpp"

namespace orrery::traces {
namespace {

using namespace literals;
using nlohmann::json;
using test::drain;

ArrivalModel arrivals(const std::string& text) {
  auto model = read_arrivals(json::parse(text), {});
  EXPECT_TRUE(model) << to_string(model.error());
  return model.value_or(ArrivalModel{});
}

std::vector<double> instants(const ArrivalModel& model, double until, double share = 1,
                             std::uint64_t entity = 0) {
  ArrivalProcess process(model, share, {.seed = 5, .shared_entity = 1, .entity = entity});
  std::vector<double> times;
  for (double at = seconds(process.next()); at < until; at = seconds(process.next())) {
    times.push_back(at);
  }
  return times;
}

// Null value: rate × time. A Poisson count has that variance; five standard deviations.
TEST(Arrivals, PoissonHasItsRateAndExponentialGaps) {
  const auto times = instants(arrivals(R"("2/s")"), 50'000);
  EXPECT_NEAR(static_cast<double>(times.size()), 100'000, 5 * std::sqrt(100'000.0));
  double squares = 0;
  for (std::size_t i = 1; i < times.size(); ++i) squares += std::pow(times[i] - times[i - 1], 2);
  EXPECT_NEAR(squares / static_cast<double>(times.size()), 2 * 0.25, 0.02) << "E[gap²] = 2/λ²";
}

// Null value: phases of equal mean stay; the mean rate is theirs. 2 000 phase pairs, whose random
// lengths dominate the error: about 2.2 % standard error of the count.
TEST(Arrivals, MmppHasItsMeanRateAndIsMoreVariableThanPoisson) {
  const ArrivalModel model = arrivals(
      R"({"mmpp": {"phases": [{"rate": "1/s", "stay": "50s"}, {"rate": "9/s", "stay": "50s"}]}})");
  EXPECT_DOUBLE_EQ(mean_rate(model), 5);
  const double until = 200'000;
  const auto times = instants(model, until);
  EXPECT_NEAR(static_cast<double>(times.size()) / until, 5, 0.55);
  std::vector<double> counts(static_cast<std::size_t>(until / 10));
  for (const double at : times) ++counts[static_cast<std::size_t>(at / 10)];
  double mean = 0;
  double squares = 0;
  for (const double count : counts) {
    mean += count / static_cast<double>(counts.size());
    squares += count * count / static_cast<double>(counts.size());
  }
  EXPECT_GT((squares - mean * mean) / mean, 5) << "a Poisson process has 1";
}

TEST(Arrivals, ClassesThatShareAnMmppSeeOnePath) {
  const ArrivalModel model = arrivals(
      R"({"mmpp": {"phases": [{"rate": "0/s", "stay": "100s"}, {"rate": "50/s", "stay": "100s"}]}})");
  const auto one = instants(model, 2'000, 0.5, 1);
  const auto two = instants(model, 2'000, 0.5, 2);
  EXPECT_NE(one, two);
  std::vector<bool> busy_one(200);
  std::vector<bool> busy_two(200);
  for (const double at : one) busy_one[static_cast<std::size_t>(at / 10)] = true;
  for (const double at : two) busy_two[static_cast<std::size_t>(at / 10)] = true;
  EXPECT_EQ(busy_one, busy_two);
}

TEST(Arrivals, DiurnalFollowsTheDayAndTheWeek) {
  const ArrivalModel model = arrivals(
      R"({"diurnal": {"rate": "0.1/s", "amplitude": 1, "peak": "14:00",
                      "weekdays": [2, 2, 2, 2, 2, 0, 0]}})");
  const double day = 86'400;
  const auto times = instants(model, 70 * day);
  EXPECT_NEAR(static_cast<double>(times.size()), 0.1 * 70 * day, 5 * std::sqrt(0.1 * 70 * day));
  std::map<int, int> by_hour;
  for (const double at : times) {
    EXPECT_LT(static_cast<int>(at / day) % 7, 5) << "nothing on the last two days";
    ++by_hour[static_cast<int>(std::fmod(at, day) / 3600)];
  }
  EXPECT_GT(by_hour[13] + by_hour[14], 100 * (by_hour[1] + by_hour[2]) / 2);
  EXPECT_NEAR(by_hour[13], by_hour[14], 5 * std::sqrt(2.0 * by_hour[14]))
      << "symmetric at the peak";
}

TEST(Arrivals, BurstsArriveAtOneInstant) {
  const ArrivalModel model = arrivals(R"({"bursty": {"rate": "1/h", "size": 7}})");
  EXPECT_DOUBLE_EQ(mean_rate(model), 7.0 / 3600);
  std::map<double, int> sizes;
  for (const double at : instants(model, 1'000'000)) ++sizes[at];
  EXPECT_NEAR(static_cast<double>(sizes.size()), 277.8, 5 * std::sqrt(277.8));
  for (const auto& [at, size] : sizes) EXPECT_EQ(size, 7);
}

TEST(Arrivals, ReadBackWhatTheyWrite) {
  for (
      const std::string text :
      {R"("12/s")", R"({"diurnal": {"rate": "3/h", "amplitude": 0.5, "peak": "14:00"}})",
       R"({"bursty": {"rate": "1/h", "size": {"uniform": {"min": 1, "max": 9}}}})",
       R"({"mmpp": {"phases": [{"rate": "1/s", "stay": "50s"}, {"rate": "9/s", "stay": "5s"}]}})"}) {
    const ArrivalModel model = arrivals(text);
    EXPECT_EQ(arrivals(to_json(model).dump()), model) << text;
  }
}

TEST(Arrivals, NameThePlaceOfEachMistake) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"12", ""},
      {R"("0/s")", ""},
      {R"({"poison": {"rate": "1/s"}})", "/poison"},
      {R"({"poisson": {"rate": 1}})", "/poisson/rate"},
      {R"({"mmpp": {"phases": [{"rate": "1/s", "stay": "1s"}]}})", "/mmpp/phases"},
      {R"({"mmpp": {"phases": [{"rate": "0/s", "stay": "1s"}, {"rate": "0/s", "stay": "1s"}]}})",
       "/mmpp/phases"},
      {R"({"mmpp": {"phases": [{"rate": "0/s", "stay": "0s"}]}})", "/mmpp/phases/0/stay"},
      {R"({"diurnal": {"rate": "1/s", "amplitude": 1.5}})", "/diurnal/amplitude"},
      {R"({"diurnal": {"rate": "1/s", "peak": "30h"}})", "/diurnal/peak"},
      {R"({"diurnal": {"rate": "1/s", "weekdays": [1, 2]}})", "/diurnal/weekdays"},
      {R"({"bursty": {"rate": "1/s"}})", "/bursty"}};
  for (const auto& [text, pointer] : cases) {
    SCOPED_TRACE(text);
    const auto model = read_arrivals(json::parse(text), {});
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().at.pointer, pointer) << to_string(model.error());
  }
}

const char* const kTwoClasses = R"({
  "arrivals": "1/s", "count": 2000,
  "classes": [
    {"name": "web", "weight": 3, "cpu": {"uniform": {"min": "250m", "max": 2}}, "memory": "1GiB",
     "duration": "never", "priority": 10, "labels": {"app": "web"}, "owner": "team-a"},
    {"name": "train", "weight": 1, "cpu": 4, "memory": {"log-normal": {"mean": "8GiB", "cv": 1}},
     "duration": {"exponential": {"mean": "1h"}}, "estimate_factor": 2, "gpus": 8,
     "gpu_models": ["A100"], "gang_size": {"uniform": {"min": 1, "max": 4}}, "cluster": "berlin"}]})";

SyntheticWorkload workload(const std::string& text) {
  auto read = read_synthetic(json::parse(text), {});
  EXPECT_TRUE(read) << to_string(read.error());
  return read.value_or(SyntheticWorkload{});
}

TEST(Synthetic, DrawsEachClassAsItIsDescribed) {
  const auto items = drain(*synthetic_workload(workload(kTwoClasses), 1));
  std::uint64_t arrivals_seen = 0;
  int web = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const WorkloadItem& item = items[i];
    if (i == 0 || item.gang != items[i - 1].gang) {
      ++arrivals_seen;
      if (item.cluster.empty()) ++web;
    } else {
      EXPECT_EQ(item, items[i - 1]) << "pods of a gang are alike";
    }
    if (item.cluster.empty()) {
      EXPECT_EQ(item.service, Duration::max());
      EXPECT_EQ(item.pod_template->labels.at("app"), "web");
      EXPECT_EQ(item.pod_template->priority, 10);
      EXPECT_GE(item.cpu, 250_m);
      EXPECT_LE(item.cpu, 2_cpu);
      EXPECT_EQ(item.pod_template,
                items[0].cluster.empty() ? items[0].pod_template : item.pod_template);
    } else {
      EXPECT_EQ(item.pod_template->gpu.count, 8);
      EXPECT_NEAR(seconds(item.estimate), 2 * seconds(item.service), 1e-6);
      EXPECT_LE(item.gang_size, 4U);
    }
  }
  EXPECT_EQ(arrivals_seen, 2000U);
  EXPECT_NEAR(web, 1500, 5 * std::sqrt(2000 * 0.75 * 0.25));
}

std::vector<WorkloadItem> of_class(const std::vector<WorkloadItem>& items, bool is_web) {
  std::vector<WorkloadItem> chosen;
  for (WorkloadItem item : items) {
    if (item.cluster.empty() != is_web) continue;
    item.gang = 0;  // counts all classes
    item.pod_template = nullptr;
    chosen.push_back(item);
  }
  return chosen;
}

TEST(Synthetic, ClassesDoNotDisturbEachOther) {
  json changed = json::parse(kTwoClasses);
  changed["classes"][0]["arrivals"] = "0.75/s";
  changed["classes"][1]["arrivals"] = "0.25/s";
  changed["horizon"] = "30m";
  changed.erase("count");
  const auto before = drain(*synthetic_workload(workload(changed.dump()), 1));
  changed["classes"][1]["cpu"] = {{"exponential", {{"mean", 3}}}};
  changed["classes"][1]["duration"] = "5s";
  changed["classes"][1]["gang_size"] = 3;
  std::swap(changed["classes"][0], changed["classes"][1]);
  const auto after = drain(*synthetic_workload(workload(changed.dump()), 1));
  EXPECT_EQ(of_class(before, true), of_class(after, true));
  EXPECT_NE(of_class(before, false), of_class(after, false));
}

TEST(Synthetic, GoesBySeedAndInstance) {
  const SyntheticWorkload model = workload(kTwoClasses);
  const auto with = [&model](std::uint64_t seed, std::uint64_t instance) {
    return of_class(drain(*synthetic_workload(model, seed, instance)), true);
  };
  EXPECT_EQ(with(1, 0), with(1, 0));
  EXPECT_NE(with(1, 0), with(2, 0));
  EXPECT_NE(with(1, 0), with(1, 1));
}

TEST(Synthetic, HasAnotherFutureAfterTheSamePast) {
  using Asked = std::vector<std::tuple<Time, MilliCpu, Bytes, Duration>>;
  const SyntheticWorkload model = workload(kTwoClasses);
  const auto asked = [](const std::vector<WorkloadItem>& items) {
    Asked list;
    for (const auto& item : items)
      list.emplace_back(item.arrival, item.cpu, item.memory, item.service);
    return list;
  };
  const auto forked = [&](std::uint64_t seed) {
    const auto source = synthetic_workload(model, 1);
    std::vector<WorkloadItem> items(20);
    for (WorkloadItem& item : items) EXPECT_TRUE(source->next(item).value());
    source->reseed(seed);
    for (const WorkloadItem& item : drain(*source)) items.push_back(item);
    return asked(items);
  };
  const Asked all = asked(drain(*synthetic_workload(model, 1)));
  const Asked other = forked(2);
  EXPECT_TRUE(std::equal(other.begin(), other.begin() + 20, all.begin()));
  std::set<Time> known;
  for (const auto& pod : all) known.insert(std::get<Time>(pod));
  std::set<Time> shared;
  for (auto pod = other.begin() + 20; pod != other.end(); ++pod) {
    if (known.contains(std::get<Time>(*pod))) shared.insert(std::get<Time>(*pod));
  }
  EXPECT_LE(shared.size(), 3U) << "the gang in hand, and the next arrival of each class";
  // Of each class, in its own order: how the classes mix does not matter.
  const auto sizes = [](const Asked& pods) {
    std::vector<MilliCpu> web;
    for (const auto& [at, cpu, memory, service] : pods) {
      if (service == Duration::max()) web.push_back(cpu);
    }
    web.resize(500);
    return web;
  };
  const auto gangs = [](const Asked& pods) {  // how long they run, and how many members each has
    std::vector<Duration> services;
    std::vector<int> members;
    for (const auto& [at, cpu, memory, service] : pods) {
      if (service == Duration::max()) continue;
      const bool is_new = services.empty() || services.back() != service;
      if (is_new) services.push_back(service);
      if (is_new) members.push_back(0);
      ++members.back();
    }
    services.resize(100);
    members.resize(100);
    return std::pair(services, members);
  };
  EXPECT_NE(sizes(other), sizes(all));
  EXPECT_NE(gangs(other).first, gangs(all).first);
  EXPECT_NE(gangs(other).second, gangs(all).second);
  EXPECT_NE(forked(3), other);
  EXPECT_EQ(forked(2), other);
}

TEST(Synthetic, EndsAtTheHorizon) {
  json text = json::parse(kTwoClasses);
  text.erase("count");
  text["horizon"] = "10m";
  const auto items = drain(*synthetic_workload(workload(text.dump()), 1));
  EXPECT_GT(items.size(), 400U);
  EXPECT_LT(items.back().arrival, kTimeZero + 10min);
}

TEST(Synthetic, SharesOnlySingleGpus) {
  const auto items =
      drain(*synthetic_workload(workload(R"({"arrivals": "1/s", "count": 300, "classes": [
        {"name": "a", "cpu": 1, "memory": 0, "duration": "1s",
         "gpus": {"uniform": {"min": 0, "max": 3}}, "gpu_share": {"uniform": {"min": 0.1, "max": 1}}}]})"),
                                3));
  int shared = 0;
  for (const WorkloadItem& item : items) {
    const GpuRequest& gpu = item.pod_template->gpu;
    EXPECT_TRUE(gpu.count == 1 || gpu.milli == 1000);
    if (gpu.is_shared()) ++shared;
  }
  EXPECT_GT(shared, 50);
}

TEST(Synthetic, NamesThePlaceOfEachMistake) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"arrivals": "1/s", "count": 1})", ""},
      {R"({"arrivals": "1/s", "count": 1, "classes": []})", "/classes"},
      {R"({"arrivals": "1/s", "classes": [{"name": "a", "cpu": 1, "memory": 0, "duration": "1s"}]})",
       ""},
      {R"({"count": 1, "classes": [{"name": "a", "cpu": 1, "memory": 0, "duration": "1s"}]})",
       "/classes/0"},
      {R"({"arrivals": "1/s", "count": 1, "classes": [{"name": "a", "cpu": -1, "memory": 0,
           "duration": "1s"}]})",
       "/classes/0/cpu"},
      {R"({"arrivals": "1/s", "count": 1, "classes": [{"name": "a", "cpu": 1, "memory": 0}]})",
       "/classes/0"},
      {R"({"arrivals": "1/s", "count": 1, "classes": [{"name": "a", "cpu": 1, "memory": 0,
           "duration": "1s", "wieght": 2}]})",
       "/classes/0/wieght"},
      {R"({"arrivals": "1/s", "count": 1, "classes": [
           {"name": "a", "cpu": 1, "memory": 0, "duration": "1s"},
           {"name": "a", "cpu": 1, "memory": 0, "duration": "1s"}]})",
       "/classes/1/name"}};
  for (const auto& [text, pointer] : cases) {
    SCOPED_TRACE(text);
    const auto read = read_synthetic(json::parse(text), {});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().at.pointer, pointer) << to_string(read.error());
  }
}

}  // namespace
}  // namespace orrery::traces
