#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "orrery/orchestration/journal/replay.hpp"
#include "orrery/policies/registry.hpp"
#include "orrery/sim/cluster/journal_observer.hpp"
#include "orrery/tests/orchestration/journal/journal_files.hpp"
#include "orrery/tests/support/scripted_cluster.hpp"

namespace orrery::orchestration {
namespace {

using namespace orrery::literals;
using test::Contents;
using test::contents_of;
using test::counter;
using test::journal_of;
using test::ScriptedCluster;
using testing::HasSubstr;

WorkloadProfile profile() {
  return typical_pods({{.cpu = 2_cpu, .gpu = {.count = 1, .milli = 400}, .pods = 3},
                       {.cpu = 1_cpu, .gpu = {}, .pods = 5}},
                      1.0);
}

/// Six nodes of two kinds, 200 tasks that need more than there is room for, gangs and shared GPUs
/// among them, crashes that kill pods and, because a binding takes time, refuse some.
ScriptedCluster busy_cluster() {
  ScriptedCluster script;
  script.nodes(3, {.cpu = 8_cpu, .memory = 32_GiB});
  script.nodes(3, {.cpu = 8_cpu, .memory = 32_GiB, .gpus = 2, .gpu_model = "V100"});
  for (int i = 0; i < 200; ++i) {
    ScriptedCluster::Task task{.at = i * 700ms,
                               .cpu = MilliCpu{500 + 500 * (i % 5)},
                               .memory = Bytes{(1 + i % 3) * (std::int64_t{1} << 30)},
                               .service = 5s + (i % 7) * 3s,
                               .priority = i % 3,
                               .estimate = 5s + (i % 4) * 1s};
    if (i % 4 == 0) task.gpu = {.count = 1, .milli = 400};
    if (i % 9 == 0) task.gpu = {.count = 2, .milli = 1000};
    if (i % 10 == 3) task.gang_size = 3;
    script.task(task);
  }
  for (int node = 0; node < 6; ++node) {
    script.outage(node, 10s + node * 13s, 25s + node * 13s);
    script.outage(node, 120s + node * 4s, 127s + node * 4s);
  }
  sim::ClusterSetup& cluster = script.cluster();
  cluster.delays = {.watch = 30ms, .scheduling = 5ms, .bind = 3s, .detection = 3s};
  cluster.profile = std::make_shared<const WorkloadProfile>(profile());
  script.simulation().seed = 11;
  return script;
}

struct Recorded {
  std::string journal;
  RunOutcome outcome;
};

Recorded record(ScriptedCluster script, const std::string& policy) {
  script.policy(policy);
  sim::SimulationSetup setup = script.build();
  const sim::ClusterSetup& cluster = setup.clusters.front();
  std::ostringstream out;
  JournalWriter journal(out, "out",
                        sim::journal_header(cluster, ClusterId{0}, setup.seed,
                                            nlohmann::json(policy).dump(), cluster.profile.get()));
  sim::JournalObserver observer{journal};
  RunOutcome outcome = sim::run_simulation(std::move(setup), {.observers = {&observer}}).value();
  EXPECT_TRUE(journal.close());
  return {.journal = out.str(), .outcome = std::move(outcome)};
}

Result<ReplayReport> replay(const std::string& bytes) {
  std::istringstream in(bytes);
  auto reader = JournalReader::from(in, "run.journal");
  if (!reader) return failure(reader.error());
  return replay_journal(**reader, policies::with_builtin_policies());
}

std::string error_of(const std::string& bytes) {
  const auto report = replay(bytes);
  return report ? "no error" : to_string(report.error());
}

class ReplayOfPolicy : public testing::TestWithParam<std::string> {};

TEST_P(ReplayOfPolicy, GivesTheSameDecisions) {
  const Recorded run = record(busy_cluster(), GetParam());
  EXPECT_GT(counter(run.outcome, "binds_refused"), 0);
  EXPECT_GT(counter(run.outcome, "gangs_started"), 0);
  EXPECT_GT(counter(run.outcome, "pods_lost"), 0);
  const ReplayReport report = replay(run.journal).value();
  EXPECT_FALSE(report.difference) << to_text(report);
  EXPECT_FALSE(report.cut_off);
  EXPECT_GT(report.decisions, 240U);
  EXPECT_EQ(report.inputs + report.decisions, contents_of(run.journal).records.size());
}

/// How the registry's names look in the name of a test.
std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Registry, ReplayOfPolicy,
    testing::ValuesIn(policies::with_builtin_policies().names(policies::PlacementPolicy::kKind)),
    test_name);

TEST(Replay, GivesTheSameDecisionsWithoutAnyDelay) {
  ScriptedCluster script = busy_cluster();
  script.cluster().delays = {.detection = 3s};
  script.cluster().scheduler = {.queue_order = policies::QueueOrder::Priority};
  const ReplayReport report = replay(record(std::move(script), "best-fit").journal).value();
  EXPECT_FALSE(report.difference) << to_text(report);
  EXPECT_GT(report.decisions, 240U);
}

TEST(Replay, GivesTheSameDecisionsWherePodsAreEvictedAndNodesTainted) {
  ScriptedCluster script = busy_cluster();
  script.cluster().kubernetes = sim::KubernetesSetup{};
  script.cluster().kubernetes->nodes.grace_period = 10s;
  script.cluster().kubernetes->nodes.default_toleration = 1s;
  script.cluster().kubernetes->shutdown = 1s;
  script.outage(5, 150s, 190s);
  const Recorded run = record(std::move(script), "worst-fit");
  EXPECT_GT(test::metric(run.outcome, "pods_evicted"), 0);
  const ReplayReport report = replay(run.journal).value();
  EXPECT_FALSE(report.difference) << to_text(report);
}

TEST(Replay, GivesTheSameDecisionsInEverySetting) {
  for (const auto order : {policies::QueueOrder::Fifo, policies::QueueOrder::ShortestFirst}) {
    for (const bool is_blocking : {false, true}) {
      for (const Retry retry : {Retry::OnChange, Retry::Never}) {
        ScriptedCluster script = busy_cluster();
        script.cluster().scheduler = {
            .queue_order = order, .retry = retry, .is_blocking = is_blocking};
        const ReplayReport report = replay(record(std::move(script), "random").journal).value();
        EXPECT_FALSE(report.difference) << to_text(report);
      }
    }
  }
}

TEST(Replay, SaysWhatItFound) {
  const Recorded run = record(busy_cluster(), "first-fit");
  const ReplayReport report = replay(run.journal).value();
  EXPECT_THAT(to_text(report),
              testing::MatchesRegex("cluster 0 \\(test\\), policy \"first-fit\", seed 11, written "
                                    "by orrery [0-9.]+\n[0-9]+ inputs gave the same [0-9]+ "
                                    "decisions, byte for byte\n"));
}

/// One pod for which there is room on either of two nodes.
std::vector<JournalRecord> small_run() {
  ScriptedCluster script;
  script.nodes(2, {.cpu = 4_cpu, .gpus = 2, .gpu_model = "A100"});
  script.task({.at = 5s, .service = 10s, .gpu = {.count = 1, .milli = 500}});
  return contents_of(record(std::move(script), "first-fit").journal).records;
}

std::size_t first_decision(const std::vector<JournalRecord>& records) {
  std::size_t position = 0;
  while (!records[position].is_decision()) ++position;
  return position;
}

TEST(Replay, FindsATamperedDecision) {
  std::vector<JournalRecord> records = small_run();
  const std::size_t position = first_decision(records);
  auto& bind = std::get<Bind>(std::get<Decision>(records[position].entry));
  bind.node = NodeId{1};
  bind.devices = GpuDeviceMask{3};
  const ReplayReport report = replay(journal_of(records)).value();
  ASSERT_TRUE(report.difference);
  EXPECT_EQ(report.difference->record, position + 1);
  EXPECT_EQ(report.difference->at, kTimeZero + 5s);
  EXPECT_EQ(report.difference->recorded, "bind pod 0 (uid 1) to node 1 (n1) on device 0, 1");
  EXPECT_EQ(report.difference->replayed, "bind pod 0 (uid 1) to node 0 (n0) on device 0");
  EXPECT_EQ(report.decisions, 0U);
  EXPECT_THAT(to_text(report),
              HasSubstr("then another at record 6 (virtual time 5.000000000 s)\n"
                        "  recorded: bind pod 0 (uid 1) to node 1 (n1) on device 0, 1\n"
                        "  replayed: bind pod 0 (uid 1) to node 0 (n0) on device 0\n"));
}

TEST(Replay, FindsADecisionThatWasTakenAtAnotherTime) {
  std::vector<JournalRecord> records = small_run();
  records[first_decision(records)].at += 1ns;
  EXPECT_TRUE(replay(journal_of(records)).value().difference);
}

TEST(Replay, FindsADecisionThatWasLeftOut) {
  std::vector<JournalRecord> records = small_run();
  records.erase(records.begin() + static_cast<std::ptrdiff_t>(first_decision(records)));
  const ReplayReport report = replay(journal_of(records)).value();
  ASSERT_TRUE(report.difference);
  EXPECT_EQ(report.difference->recorded, "nothing");
  EXPECT_EQ(report.difference->replayed, "bind pod 0 (uid 1) to node 0 (n0) on device 0");
}

TEST(Replay, FindsADecisionThatWasMadeUp) {
  std::vector<JournalRecord> records = small_run();
  records.push_back(
      {records.back().at, Decision{Wait{PodId{0}, 1, policies::WaitReason::NeverFits, true}}});
  const ReplayReport report = replay(journal_of(records)).value();
  ASSERT_TRUE(report.difference);
  EXPECT_EQ(report.difference->record, records.size());
  EXPECT_EQ(report.difference->recorded, "give up pod 0 (uid 1): no node could ever hold it");
  EXPECT_EQ(report.difference->replayed, "nothing");
}

TEST(Replay, GoesAsFarAsAJournalThatWasCutOff) {
  const std::string whole = record(busy_cluster(), "first-fit").journal;
  const ReplayReport report = replay(whole.substr(0, whole.size() - 1)).value();
  ASSERT_TRUE(report.cut_off);
  EXPECT_FALSE(report.difference);
  EXPECT_EQ(report.decisions, replay(whole).value().decisions);
  EXPECT_THAT(to_string(*report.cut_off), HasSubstr("run.journal: block"));
}

TEST(Replay, ForgivesTheLastCycleOfAKilledWriterItsMissingDecisions) {
  std::vector<JournalRecord> records = small_run();
  records.resize(first_decision(records));
  std::ostringstream out;
  JournalWriter writer(out, "out", {.policy_json = R"("first-fit")"});
  for (const JournalRecord& entry : records) writer.write(entry);
  writer.flush();
  const ReplayReport report = replay(out.str()).value();
  EXPECT_TRUE(report.cut_off);
  EXPECT_FALSE(report.difference);
  EXPECT_EQ(report.inputs, records.size());
}

TEST(Replay, RefusesDamagedAndNewerJournals) {
  std::string bytes = record(busy_cluster(), "first-fit").journal;
  std::string damaged = bytes;
  damaged[bytes.size() / 2] = static_cast<char>(damaged[bytes.size() / 2] ^ 4);
  EXPECT_THAT(error_of(damaged), testing::MatchesRegex("run.journal: block [0-9]+ .at byte [0-9]+."
                                                       ": is corrupt: its checksum does not match"
                                                       ".*"));
  bytes[8] = 3;
  EXPECT_THAT(error_of(bytes), HasSubstr("version 3"));
}

TEST(Replay, NamesAPolicyThatIsNotThere) {
  EXPECT_EQ(error_of(journal_of({}, {.policy_json = R"({"name":"first-fitt"})"})),
            "run.journal: /policy/name: unknown placement policy: found 'first-fitt' (did you mean "
            "'first-fit' or 'worst-fit'?)");
}

TEST(Replay, RefusesInputsThatContradictEachOther) {
  const Node node{.name = "n", .cpu = 1_cpu};
  const StateChange add_node = change::NodeAdded{NodeId{0}, std::make_shared<const Node>(node)};
  const StateChange add_template =
      change::TemplateAdded{PodTemplateId{0}, std::make_shared<const PodTemplate>()};
  const StateChange add_pod =
      change::PodAdded{PodId{0}, {.uid = 1, .cpu = 2_cpu, .pod_template = PodTemplateId{0}}};
  const struct {
    std::vector<StateChange> changes;
    std::string error;
  } cases[] = {
      {{change::NodeAdded{NodeId{1}, std::make_shared<const Node>(node)}},
       "record 1 cannot be replayed: nodes come in the order of their ids"},
      {{change::TemplateAdded{PodTemplateId{}, std::make_shared<const PodTemplate>()}},
       "templates come in the order of their ids"},
      {{change::NodeReadyChanged{NodeId{7}, true}}, "it names a node that was not added before"},
      {{change::NodeRemoved{NodeId{}}}, "it names a node that was not added before"},
      {{add_node,
        change::NodeTaintsChanged{NodeId{1}, std::make_shared<const std::vector<Taint>>()}},
       "record 2 cannot be replayed: it names a node"},
      {{add_node, add_pod}, "it names a template that was not added before"},
      {{add_template,
        change::PodAdded{PodId{4'000'000'000U}, {.uid = 1, .pod_template = PodTemplateId{0}}}},
       "pod ids are dense"},
      {{add_template,
        change::PodAdded{PodId{0},
                         {.uid = 1, .pod_template = PodTemplateId{0}, .node = NodeId{0}}}},
       "it names a node that was not added before"},
      {{change::PodEnded{PodId{0}}}, "it names a pod that was not added before"},
      {{change::PodStarted{PodId{}}}, "it names a pod that was not added before"},
      {{add_node, add_template, add_pod, change::PodBound{PodId{0}, NodeId{1}, {}}},
       "it names a node that was not added before"},
      {{add_node, add_template, add_pod, add_pod}, "pod id is still in use"},
      {{add_node, add_template, add_pod, change::PodBound{PodId{0}, NodeId{0}, {}}},
       "record 4 cannot be replayed: "},
      {{add_node, add_template, add_pod, change::PodForgotten{PodId{0}, NodeId{0}}},
       "forgotten pod must be assumed"},
  };
  for (const auto& [changes, error] : cases) {
    std::vector<JournalRecord> records;
    for (const StateChange& change : changes) records.push_back({kTimeZero, change});
    EXPECT_THAT(error_of(journal_of(records)), HasSubstr(error));
  }
  EXPECT_THAT(error_of(journal_of({{kTimeZero, BindFailed{PodId{3}, 1}}})),
              HasSubstr("it names a pod that was not added before"));
}

}  // namespace
}  // namespace orrery::orchestration
