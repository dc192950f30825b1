#include "orrery/sim/cluster/journal_observer.hpp"

#include <utility>

namespace orrery::sim {

using orchestration::BindFailed;
using orchestration::CycleBegun;

void JournalObserver::before_change(const StateChange& change, Time now) {
  journal_.write({.at = now, .entry = change});
}

void JournalObserver::before_cycle(orchestration::ClusterOrchestrator& /*scheduler*/, Time now) {
  journal_.write({.at = now, .entry = CycleBegun{}});
}

void JournalObserver::bind_failed(PodId pod, std::uint64_t uid, Time now) {
  journal_.write({.at = now, .entry = BindFailed{.pod = pod, .uid = uid}});
}

void JournalObserver::decided(const orchestration::Decision& decision, Time now) {
  journal_.write({.at = now, .entry = decision});
}

orchestration::JournalHeader journal_header(const ClusterSetup& setup, ClusterId cluster,
                                            std::uint64_t seed, std::string policy_json,
                                            const WorkloadProfile* profile) {
  orchestration::JournalHeader header{.policy_json = std::move(policy_json),
                                      .scheduler = setup.scheduler,
                                      .seed = seed,
                                      .cluster = cluster,
                                      .cluster_name = setup.name};
  if (profile != nullptr) header.profile = *profile;
  return header;
}

}  // namespace orrery::sim
