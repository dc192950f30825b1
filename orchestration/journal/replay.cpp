#include "orrery/orchestration/journal/replay.hpp"

#include <memory>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/check.hpp"
#include "orrery/orchestration/cluster/cluster_orchestrator.hpp"
#include "orrery/orchestration/journal/input_check.hpp"
#include "orrery/orchestration/journal/record_codec.hpp"

namespace orrery::orchestration {
namespace {

using nlohmann::json;

constexpr const char* kNothing = "nothing";

std::string describe(const Bind& bind, const ClusterState& state) {
  std::string text =
      fmt::format("bind pod {} (uid {}) to node {}", bind.pod.index(), bind.uid, bind.node.index());
  if (bind.node.index() < state.node_count()) {
    text += fmt::format(" ({})", state.node_name(bind.node));
  }
  const char* separator = " on device ";
  for (std::size_t device = 0; device < kGpusPerNodeMax; ++device) {
    if (!bind.devices.has(device)) continue;
    text += fmt::format("{}{}", std::exchange(separator, ", "), device);
  }
  return text;
}

std::string describe(const Wait& wait, const ClusterState& /*state*/) {
  return fmt::format("{} pod {} (uid {}): {}", wait.is_final ? "give up" : "leave waiting",
                     wait.pod.index(), wait.uid, policies::to_string(wait.reason));
}

std::string describe(const Preempt& preempt, const ClusterState& state) {
  std::string text =
      fmt::format("preempt on node {} for pod {} (uid {}):", state.node_name(preempt.node),
                  preempt.pod.index(), preempt.uid);
  for (const Preempt::Victim& victim : preempt.victims) {
    fmt::format_to(std::back_inserter(text), " pod {} (uid {})", victim.pod.index(), victim.uid);
  }
  return text;
}

std::string describe(const Decision& decision, const ClusterState& state) {
  return std::visit([&](const auto& what) { return describe(what, state); }, decision);
}

std::string bytes_of(const Decision& decision, Time at) {
  std::string bytes;
  encode({.at = at, .entry = decision}, kTimeZero, bytes);
  return bytes;
}

tl::unexpected<Error> at_record(const JournalReader& journal, std::string_view message) {
  return failure(
      {.at = {.file = journal.name()},
       .message = fmt::format("record {} cannot be replayed: {}", journal.records(), message)});
}

/// Feeds one scheduler and holds its decisions against the recorded ones.
class Replay {
 public:
  Replay(const JournalReader& journal, ReplayReport& report, ClusterOrchestrator scheduler)
      : journal_(journal), report_(report), scheduler_(std::move(scheduler)) {}

  /// Takes over what the journal read last; false at a difference.
  Result<bool> take(const JournalRecord& record) {
    if (const auto* decision = std::get_if<Decision>(&record.entry)) {
      return compare(*decision, record.at);
    }
    if (std::holds_alternative<CycleBegun>(record.entry)) {
      if (!is_settled()) return false;
      cycle(record.at);
    } else if (const char* wrong = feed(record)) {
      return at_record(journal_, wrong);
    }
    ++report_.inputs;
    return true;
  }

  /// The journal has no more records: nor may the scheduler have more decisions.
  void finish() { static_cast<void>(is_settled()); }

 private:
  const char* feed(const JournalRecord& record) {
    const Time now = record.at;
    if (const auto* change = std::get_if<StateChange>(&record.entry)) {
      if (const char* wrong = contradiction(*change, scheduler_.state())) return wrong;
      scheduler_.observe(*change, now);
    } else if (const auto* refused = std::get_if<BindFailed>(&record.entry)) {
      if (const char* wrong = contradiction(*refused, scheduler_.state())) return wrong;
      scheduler_.bind_failed(refused->pod, refused->uid, now);
    }
    return nullptr;
  }

  void cycle(Time now) {
    cycle_at_ = now;
    decisions_.clear();
    compared_ = 0;
    scheduler_.schedule_next(now, decisions_);
  }

  /// Has every decision of the last cycle been found in the journal?
  bool is_settled() {
    if (compared_ == decisions_.size()) return true;
    differ(kNothing, describe(decisions_[compared_], scheduler_.state()), cycle_at_);
    return false;
  }

  bool compare(const Decision& recorded, Time at) {
    const bool has_one = compared_ < decisions_.size();
    if (has_one && bytes_of(recorded, at) == bytes_of(decisions_[compared_], cycle_at_)) {
      ++compared_;
      ++report_.decisions;
      return true;
    }
    const ClusterState& state = scheduler_.state();
    differ(describe(recorded, state), has_one ? describe(decisions_[compared_], state) : kNothing,
           at);
    return false;
  }

  void differ(std::string recorded, std::string replayed, Time at) {
    report_.difference = {.record = journal_.records(),
                          .at = at,
                          .recorded = std::move(recorded),
                          .replayed = std::move(replayed)};
  }

  const JournalReader& journal_;
  ReplayReport& report_;
  ClusterOrchestrator scheduler_;
  std::vector<Decision> decisions_;  // of the last cycle
  std::size_t compared_ = 0;         // of them
  Time cycle_at_;
};

Result<ClusterOrchestrator> make_scheduler(const JournalReader& journal,
                                           const policies::PolicyRegistry& registry) {
  const JournalHeader& header = journal.header();
  auto policy = policies::make_placement(
      json::parse(header.policy_json), {.file = journal.name(), .pointer = "/policy"},
      {.seed = header.seed,
       .cluster = header.cluster,
       .profile =
           header.profile ? std::make_shared<const WorkloadProfile>(*header.profile) : nullptr,
       .registry = registry});
  if (!policy) return failure(std::move(policy.error()));
  return ClusterOrchestrator{header.scheduler, std::move(*policy)};
}

/// Feeds all records; false at a difference.
Result<bool> feed_all(JournalReader& journal, Replay& replay, ReplayReport& report) {
  JournalRecord record;
  while (true) {
    const Result<bool> has_record = journal.next(record);
    if (!has_record && journal.is_cut_off()) report.cut_off = has_record.error();
    if (!has_record && !journal.is_cut_off()) return failure(has_record.error());
    if (!has_record || !*has_record) return true;
    Result<bool> goes_on = replay.take(record);
    if (!goes_on || !*goes_on) return goes_on;
  }
}

}  // namespace

Result<ReplayReport> replay_journal(JournalReader& journal,
                                    const policies::PolicyRegistry& registry) {
  auto scheduler = make_scheduler(journal, registry);
  if (!scheduler) return failure(std::move(scheduler.error()));
  ReplayReport report{.header = journal.header()};
  Replay replay{journal, report, std::move(*scheduler)};
  try {
    const Result<bool> is_equal = feed_all(journal, replay, report);
    if (!is_equal) return failure(is_equal.error());
    if (*is_equal && !report.cut_off) replay.finish();
  } catch (const CheckFailure& bug) {
    return at_record(journal, bug.what());
  }
  return report;
}

Result<ReplayReport> replay_journal(const std::string& path,
                                    const policies::PolicyRegistry& registry) {
  auto journal = JournalReader::open(path);
  if (!journal) return failure(std::move(journal.error()));
  return replay_journal(**journal, registry);
}

std::string to_text(const ReplayReport& report) {
  const JournalHeader& header = report.header;
  const std::string text = fmt::format(
      "cluster {} ({}), policy {}, seed {}, written by orrery {}\n", header.cluster.index(),
      header.cluster_name, header.policy_json, header.seed, header.orrery_version);
  if (!report.difference) {
    return text + fmt::format("{} inputs gave the same {} decisions, byte for byte\n",
                              report.inputs, report.decisions);
  }
  const ReplayDifference& difference = *report.difference;
  return text + fmt::format(
                    "{} inputs gave the same {} decisions, then another at record {} (virtual time "
                    "{:.9f} s)\n  recorded: {}\n  replayed: {}\n",
                    report.inputs, report.decisions, difference.record, seconds(difference.at),
                    difference.recorded, difference.replayed);
}

}  // namespace orrery::orchestration
