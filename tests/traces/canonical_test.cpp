#include "orrery/traces/canonical.hpp"

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "orrery/tests/support/scratch_path.hpp"
#include "orrery/tests/traces/drain.hpp"
#include "orrery/traces/summary.hpp"
#include "orrery/traces/template_json.hpp"

namespace orrery::traces {
namespace {

using test::drain;

/// Pods from a list.
class ListSource final : public WorkloadSource {
 public:
  explicit ListSource(std::vector<WorkloadItem> items) : items_(std::move(items)) {}
  Result<bool> next(WorkloadItem& item) override {
    if (at_ == items_.size()) return false;
    item = items_[at_++];
    return true;
  }
  [[nodiscard]] std::string describe() const override { return "a list"; }

 private:
  std::vector<WorkloadItem> items_;
  std::size_t at_ = 0;
};

std::string text_of(const std::vector<WorkloadItem>& items) {
  ListSource source(items);
  std::string text;
  const auto rows = convert(source, append_to(text));
  EXPECT_TRUE(rows);
  EXPECT_EQ(*rows, items.size());
  return text;
}

bool same(const std::vector<WorkloadItem>& a, const std::vector<WorkloadItem>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    WorkloadItem with_template = a[i];
    if (*a[i].pod_template != *b[i].pod_template) return false;
    with_template.pod_template = b[i].pod_template;
    if (!(with_template == b[i])) return false;
  }
  return true;
}

rc::Gen<std::string> any_name() {
  return rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\"\\/\n\t~ 1")));
}

LabelSelector any_selector() {
  if (*rc::gen::inRange(0, 4) == 0) return {.requirements = {}, .selects_nothing = true};
  LabelSelector selector =
      LabelSelector::all_of(*rc::gen::container<Labels>(any_name(), any_name()));
  if (*rc::gen::arbitrary<bool>()) {
    selector.requirements.push_back({.key = "a", .op = LabelRequirement::Operator::DoesNotExist});
  }
  return selector;
}

PodAffinity any_pod_affinity() {
  const auto term = [] {
    return PodAffinityTerm{.selector = any_selector(),
                           .topology_key = *any_name(),
                           .namespaces = *rc::gen::container<std::vector<std::string>>(any_name()),
                           .in_all_namespaces = *rc::gen::arbitrary<bool>()};
  };
  PodAffinity affinity;
  if (*rc::gen::arbitrary<bool>()) affinity.required = {term(), term()};
  if (*rc::gen::arbitrary<bool>()) {
    affinity.preferred = {{.weight = *rc::gen::inRange(1, 101), .term = term()}};
  }
  return affinity;
}

/// What Kubernetes' scheduler looks at besides.
void add_rules(PodTemplate& spec) {
  spec.name_space = *any_name();
  spec.affinity.required.push_back({{.key = "metadata.name", .values = {"n"}, .of_field = true}});
  spec.pod_affinity = any_pod_affinity();
  spec.pod_anti_affinity = any_pod_affinity();
  spec.topology_spread.push_back(
      {.max_skew = *rc::gen::inRange(1, 9),
       .topology_key = *any_name(),
       .when_unsatisfiable =
           *rc::gen::element(WhenUnsatisfiable::DoNotSchedule, WhenUnsatisfiable::ScheduleAnyway),
       .selector = any_selector(),
       .min_domains = *rc::gen::inRange(1, 9),
       .honors_affinity = *rc::gen::arbitrary<bool>(),
       .honors_taints = *rc::gen::arbitrary<bool>()});
  spec.default_spread_selector = any_selector();
  spec.host_ports.push_back(
      {.address = *any_name(),
       .protocol = *rc::gen::element(Protocol::TCP, Protocol::UDP, Protocol::SCTP),
       .port = *rc::gen::inRange(1, 65'536)});
  spec.images = *rc::gen::container<std::vector<std::string>>(any_name());
  spec.preempts = *rc::gen::arbitrary<bool>();
  spec.cpu_unnamed = MilliCpu{*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
  spec.memory_unnamed = Bytes{*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
}

PodTemplate any_template() {
  PodTemplate spec;
  spec.owner = *any_name();
  spec.labels = *rc::gen::container<Labels>(any_name(), any_name());
  spec.priority = *rc::gen::arbitrary<std::int32_t>();
  spec.gpu.count = static_cast<std::uint8_t>(*rc::gen::inRange(0, 17));
  if (spec.gpu.count == 1) spec.gpu.milli = static_cast<std::int16_t>(*rc::gen::inRange(1, 1001));
  spec.gpu_models = *rc::gen::container<std::vector<std::string>>(any_name());
  spec.ephemeral_storage = Bytes{*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
  spec.extended = *rc::gen::container<std::map<std::string, std::int64_t>>(
      any_name(), rc::gen::inRange<std::int64_t>(0, INT64_MAX));
  spec.node_selector = *rc::gen::container<Labels>(any_name(), any_name());
  if (*rc::gen::arbitrary<bool>()) {
    spec.affinity.required.push_back(
        {{.key = "zone", .op = LabelRequirement::Operator::NotIn, .values = {"a", "b"}}});
    spec.affinity.preferred.push_back(
        {.weight = 7,
         .term = {{.key = "x", .op = LabelRequirement::Operator::Exists, .values = {}}}});
    spec.tolerations.push_back({.key = "gpu",
                                .op = Toleration::Operator::Exists,
                                .value = "",
                                .any_effect = false,
                                .effect = TaintEffect::NoExecute,
                                .lasts = std::chrono::seconds{300}});
    spec.tolerations.push_back({.key = "", .op = Toleration::Operator::Exists, .value = "v"});
  }
  if (*rc::gen::arbitrary<bool>()) add_rules(spec);
  return spec;
}

std::vector<WorkloadItem> any_items() {
  std::vector<std::shared_ptr<const PodTemplate>> templates;
  const int kinds = *rc::gen::inRange(1, 4);
  for (int i = 0; i < kinds; ++i) {
    templates.push_back(std::make_shared<const PodTemplate>(any_template()));
  }
  std::vector<WorkloadItem> items;
  Time arrival;
  const int arrivals = *rc::gen::inRange(0, 20);
  for (int i = 0; i < arrivals; ++i) {
    arrival += Duration{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000)};
    WorkloadItem item;
    item.arrival = arrival;
    item.cpu = MilliCpu{*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
    item.memory = Bytes{*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
    item.pod_template = *rc::gen::elementOf(templates);
    item.service = *rc::gen::arbitrary<bool>()
                       ? Duration::max()
                       : Duration{*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
    item.estimate = Duration{*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
    item.gang_size = static_cast<std::uint32_t>(*rc::gen::inRange(1, 4));
    item.gang = static_cast<std::uint64_t>(i);
    item.source_row = static_cast<std::uint64_t>(*rc::gen::inRange(0, 1000));
    item.cluster = *any_name();
    for (std::uint32_t pod = 0; pod < item.gang_size; ++pod) items.push_back(item);
  }
  return items;
}

// Invariant: whatever pods are written, the same are read, and writing them again gives the same
// bytes.
RC_GTEST_PROP(Canonical, ReadsBackWhatItWrites, ()) {
  const std::vector<WorkloadItem> items = any_items();
  const std::string text = text_of(items);
  auto reader = read_canonical(*bytes_of(text, "t.jsonl"));
  RC_ASSERT(static_cast<bool>(reader));
  const auto read = drain(**reader);
  RC_ASSERT(same(items, read));
}

TEST(Canonical, WritesAndReadsCompressedFiles) {
  WorkloadItem item;
  item.pod_template = std::make_shared<const PodTemplate>();
  for (const std::string ending : {"", ".gz", ".zst"}) {
    const std::string path = test::scratch_path("canonical.jsonl" + ending);
    ListSource source({item, item});
    ASSERT_TRUE(convert(source, *create_file(path)));
    auto reader = read_canonical(*open_bytes(path));
    ASSERT_TRUE(reader) << to_string(reader.error());
    EXPECT_TRUE(same(drain(**reader), {item, item}));
    std::filesystem::remove(path);
  }
}

TEST(Canonical, LooksAsItsPageSays) {
  WorkloadItem item;
  item.arrival = kTimeZero + std::chrono::seconds{1};
  item.cpu = MilliCpu{500};
  item.memory = Bytes{1024};
  item.service = Duration::max();
  item.source_row = 7;
  item.cluster = "berlin";
  item.pod_template = std::make_shared<const PodTemplate>(
      PodTemplate{.owner = "team", .gpu = {.count = 1, .milli = 460}});
  EXPECT_EQ(
      text_of({item}),
      R"({"format":"orrery-trace","version":1,"description":"a list","units":{"time":"ns","cpu":"milli","memory":"bytes","gpu":"milli"},"row":["arrival","cpu","memory","template","service","estimate","gang_size","gang","source_row","cluster"]})"
      "\n"
      R"({"pod":{"gpu":{"count":1,"milli":460},"owner":"team"},"template":0})"
      "\n"
      R"({"cluster":0,"name":"berlin"})"
      "\n"
      "[1000000000,500,1024,0,null,0,1,0,7,0]\n"
      R"({"end":{"rows":1}})"
      "\n");
}

const std::string kStart = R"({"format":"orrery-trace","version":1})"
                           "\n"
                           R"({"template":0,"pod":{}})"
                           "\n";
const std::string kRow = "[1,0,0,0,5,0,1,0,0,null]\n";

struct Bad {
  std::string text;
  std::string message;
  bool may_skip;
};

TEST(Canonical, SaysWhereAndWhyATraceIsMalformed) {
  const std::string numbers =
      "expected ten whole numbers that are not negative (service and cluster may be null)";
  const std::vector<Bad> cases{
      {"", "t: the file is empty: expected a header line", false},
      {"name,cpu\n",
       "t:1: this is not a trace in Orrery's format: found 'name,cpu', expected "
       "{\"format\":\"orrery-trace\",…} ('orrery traces' lists the other formats)",
       false},
      {R"({"format":"orrery-trace","version":2})",
       "t:1: a version that this program cannot read: found '2', expected version 1", false},
      {kStart + kRow,
       "t:4: the trace is cut off: found 'the end of the file', expected an \"end\" line", false},
      {kStart + kRow + "{\"end\":{\"rows\":2}}\n",
       "t:4: rows are missing: found '1', expected 2 rows", false},
      {kStart + "[1,0,0,0,5,0,1,0,0]\n{\"end\":{\"rows\":1}}\n",
       "t:3: field 'source_row': found '[1,0,0,0,5,0,1,0,0]', " + numbers, true},
      {kStart + "[1,-1,0,0,5,0,1,0,0,null]\n{\"end\":{\"rows\":1}}\n",
       "t:3: field 'cpu': found '[1,-1,0,0,5,0,1,0,0,null]', " + numbers, true},
      {kStart + "[1,0.5,0,0,5,0,1,0,0,null]\n{\"end\":{\"rows\":1}}\n",
       "t:3: field 'cpu': found '[1,0.5,0,0,5,0,1,0,0,null]', " + numbers, true},
      {kStart + "[null,0,0,0,5,0,1,0,0,null]\n{\"end\":{\"rows\":1}}\n",
       "t:3: field 'arrival': found '[null,0,0,0,5,0,1,0,0,null]', " + numbers, true},
      {kStart + "[1,0,0,3,5,0,1,0,0,null]\n{\"end\":{\"rows\":1}}\n",
       "t:3: field 'template': found '3', expected a declared template", true},
      {kStart + "[1,0,0,0,5,0,1,0,0,0]\n{\"end\":{\"rows\":1}}\n",
       "t:3: field 'cluster': found '0', expected a declared cluster", true},
      {kStart + kRow + "[0,0,0,0,5,0,1,0,0,null]\n{\"end\":{\"rows\":2}}\n",
       "t:4: field 'arrival': found '0', expected no time before 1", true},
      {kStart + "[1,0,0,0,5,0,0,0,0,null]\n{\"end\":{\"rows\":1}}\n",
       "t:3: field 'gang_size': found '0', expected 1 to 65535", true},
      {kStart + "[1,0,0,0,5,0,2,0,0,null]\n[1,0,0,0,5,0,2,1,0,null]\n",
       "t:4: a gang is not whole: found 'gang 1', expected 1 more of gang 0", false},
      {kStart + "[1,0,0,0,5,0,2,0,0,null]\n[x]\n", "t:4: field 'arrival': found '[x]', " + numbers,
       false},
      {kStart + "[1,0,0,0,5,0,2,0,0,null]\n{\"end\":{\"rows\":1}}\n",
       "t:4: the last gang is not whole", false},
      {kStart + "{\"template\":2,\"pod\":{}}\n",
       "t:3: templates are numbered from 0: found '2', expected 1", false},
      {kStart + "{\"template\":1,\"pod\":{\"gpu\":{\"count\":2,\"milli\":500}}}\n",
       "t:3: /pod/gpu/milli: found '500', expected 1 to 1000, and 1000 for more than one device",
       false},
      {kStart + "{\"template\":1,\"pod\":{\"host_ports\":[{\"port\":70000}]}}\n",
       "t:3: /pod/host_ports/0/port: found '70000', expected a port from 1 to 65535", false},
      {kStart + "{\"template\":1,\"pod\":{\"topology_spread\":[{\"topology_key\":\"zone\","
                "\"selector\":[],\"max_skew\":0}]}}\n",
       "t:3: /pod/topology_spread/0/max_skew: found '0', expected a whole number of at least 1",
       false},
      {kStart + "{\"template\":1,\"pod\":{\"prioritty\":2}}\n",
       "t:3: /pod/prioritty: unknown field 'prioritty' (did you mean 'priority'?)", false},
      {kStart + "what\n",
       "t:3: found 'what', expected a row, a \"template\", a \"cluster\" or the \"end\"", false},
  };
  for (const Bad& one : cases) {
    SCOPED_TRACE(one.text);
    for (const OnBadRow mode : {OnBadRow::Fail, OnBadRow::Skip}) {
      auto reader = read_canonical(*bytes_of(one.text, "t"), mode);
      Result<bool> more = true;
      if (reader) {
        for (WorkloadItem item; more && *more;) more = (*reader)->next(item);
      }
      if (mode == OnBadRow::Skip && one.may_skip) {
        ASSERT_TRUE(reader && more) << to_string(more.error());
        EXPECT_EQ((*reader)->skipped_rows(), 1U);
      } else {
        ASSERT_FALSE(reader && more);
        EXPECT_EQ(to_string(reader ? more.error() : reader.error()), one.message);
      }
    }
  }
}

TEST(Digest, HasExactExtremesAndQuantilesWithinOnePercent) {
  Digest digest;
  for (std::int64_t i = 1; i <= 100'000; ++i) digest.add(i * 1000);
  EXPECT_EQ(digest.min(), 1000);
  EXPECT_EQ(digest.max(), 100'000'000);
  EXPECT_DOUBLE_EQ(digest.mean(), 50'000'500);
  for (const double q : {0.01, 0.5, 0.95, 0.999}) {
    EXPECT_NEAR(static_cast<double>(digest.quantile(q)), q * 1e8, 0.01 * q * 1e8) << q;
  }
  Digest small;
  for (const std::int64_t value : {3, 3, 5, 200}) small.add(value);
  EXPECT_EQ(small.quantile(0.5), 3);
  EXPECT_EQ(small.quantile(0.75), 5);
  EXPECT_EQ(small.quantile(1), 200);
  Digest huge;
  huge.add(INT64_MAX);
  EXPECT_EQ(huge.quantile(0.5), INT64_MAX);
  EXPECT_EQ(Digest{}.quantile(0.5), 0);
}

TEST(Summary, CountsPodsGangsAndWork) {
  WorkloadItem pod;
  pod.cpu = MilliCpu{2000};
  pod.service = std::chrono::hours{1};
  pod.pod_template = std::make_shared<const PodTemplate>(
      PodTemplate{.owner = "a", .gpu = {.count = 1, .milli = 500}});
  WorkloadItem gang = pod;
  gang.arrival = kTimeZero + std::chrono::seconds{9};
  gang.gang_size = 2;
  gang.gang = 1;
  gang.service = Duration::max();
  gang.pod_template = std::make_shared<const PodTemplate>();
  ListSource source({pod, gang, gang});
  const auto summary = summarize(source);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->pods, 3U);
  EXPECT_EQ(summary->gangs, 1U);
  EXPECT_EQ(summary->gpu_pods, 1U);
  EXPECT_EQ(summary->shared_gpu_pods, 1U);
  EXPECT_EQ(summary->endless_pods, 2U);
  EXPECT_EQ(summary->templates, 2U);
  EXPECT_EQ(summary->cpu_seconds, 7200);
  EXPECT_EQ(summary->gpu_seconds, 1800);
  EXPECT_EQ(summary->interarrival.count(), 1U);
  EXPECT_EQ(summary->interarrival.max(), 9'000'000'000);
  EXPECT_EQ(summary->pods_by_owner.at("a"), 1U);
  EXPECT_NE(to_text(*summary).find("3 (1 with GPUs, 1 of them share one; 2 never end)"),
            std::string::npos)
      << to_text(*summary);
}

}  // namespace
}  // namespace orrery::traces
