#pragma once

#include <cstdint>
#include <string>

#include "orrery/models/ids.hpp"
#include "orrery/orchestration/journal/journal_header.hpp"
#include "orrery/orchestration/journal/journal_writer.hpp"
#include "orrery/sim/cluster/cluster_setup.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"

namespace orrery::sim {

/// Writes the decision journal of one simulated cluster:
///
///   auto journal = orchestration::JournalWriter::create(path, journal_header(...));
///   JournalObserver observer{**journal};
///   run_simulation(std::move(setup), {.observers = {&observer}});
///   journal->close();
class JournalObserver final : public SchedulerObserver {
 public:
  /// `journal` must outlive the observer; whoever made it closes it.
  explicit JournalObserver(orchestration::JournalWriter& journal) : journal_(journal) {}

  void before_change(const StateChange& change, Time now) override;
  void before_cycle(orchestration::ClusterOrchestrator& scheduler, Time now) override;
  void bind_failed(PodId pod, std::uint64_t uid, Time now) override;
  void decided(const orchestration::Decision& decision, Time now) override;

 private:
  orchestration::JournalWriter& journal_;
};

/// The header for cluster number `cluster` of a simulation, whose policy was built from the JSON
/// text `policy_json`. `profile` is what the policy's context held; null: nothing.
[[nodiscard]] orchestration::JournalHeader journal_header(const ClusterSetup& setup,
                                                          ClusterId cluster, std::uint64_t seed,
                                                          std::string policy_json,
                                                          const WorkloadProfile* profile);

}  // namespace orrery::sim
