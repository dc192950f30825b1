#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/pod.hpp"
#include "orrery/sim/cluster/cluster_simulation.hpp"
#include "orrery/sim/cluster/timeline_writer.hpp"

namespace orrery::sim {

/// Draws one cluster as its API server reports it: for each node a process whose tracks are places,
/// one for each pod that it holds at a time; and one for the scheduler, with its decisions as
/// instants and the number of waiting pods. A crash shows from when its silence was noticed.
class TimelineObserver final : public SchedulerObserver {
 public:
  /// `timeline` must outlive the observer.
  TimelineObserver(TimelineWriter& timeline, std::string cluster_name);

  void before_change(const StateChange& change, Time now) override;
  void before_cycle(orchestration::ClusterOrchestrator& scheduler, Time now) override;
  void bind_failed(PodId pod, std::uint64_t uid, Time now) override;
  void decided(const orchestration::Decision& decision, Time now) override;

  /// Ends what is still going on at the end of the run.
  void finish(Time end);

 private:
  /// What is known of a pod between its arrival and its end.
  struct DrawnPod {
    Pod pod;
    NodeId node;              ///< none while it waits
    std::uint32_t place = 0;  ///< its track on the node
    Time since;               ///< when it was bound, or started
    Time bound;
    bool has_started = false;
  };
  struct DrawnNode {
    std::string name;
    std::uint32_t process = 0;
    std::vector<bool> places;  ///< taken or not
    bool is_ready = true;
    Time since;  ///< when it was last reported not to be ready
  };

  void apply(const change::TemplateAdded& added, Time now);
  void apply(const change::NodeAdded& added, Time now);
  void apply(const change::NodeReadyChanged& changed, Time now);
  void apply(const change::PodAdded& added, Time now);
  void apply(const change::PodBound& bound, Time now);
  void apply(const change::PodStarted& started, Time now);
  void apply(const change::PodEnded& ended, Time now);
  template <class Other>
  void apply(const Other& /*change*/, Time /*now*/) {}  // nothing that is drawn

  void begin_on(DrawnPod& pod, NodeId node, Time now);
  void end_on(DrawnPod& pod, std::string_view outcome, Time now);
  void draw(const DrawnPod& pod, std::string_view outcome, Time now);
  void count_waiting(std::int64_t delta, Time now);
  [[nodiscard]] const PodTemplate& spec(const Pod& pod) const {
    return *templates_[pod.pod_template.index()];
  }
  [[nodiscard]] std::string name_of(const Pod& pod) const;

  TimelineWriter& timeline_;
  std::string cluster_;
  std::uint32_t scheduler_;
  std::int64_t waiting_ = 0;
  std::vector<std::shared_ptr<const PodTemplate>> templates_;  ///< by id
  std::map<NodeId, DrawnNode> nodes_;
  std::map<PodId, DrawnPod> pods_;
};

}  // namespace orrery::sim
