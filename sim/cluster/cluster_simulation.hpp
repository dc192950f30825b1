#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <variant>
#include <vector>

#include "orrery/models/stream.hpp"
#include "orrery/orchestration/cluster/cluster_orchestrator.hpp"
#include "orrery/orchestration/cluster/decision.hpp"
#include "orrery/sim/cluster/cluster_metrics.hpp"
#include "orrery/sim/cluster/cluster_setup.hpp"
#include "orrery/sim/cluster/watch_stream.hpp"
#include "orrery/sim/engine/engine.hpp"
#include "orrery/sim/kubernetes/api_server.hpp"
#include "orrery/sim/kubernetes/controller_manager.hpp"
#include "orrery/sim/world/world.hpp"

namespace orrery::sim {

class ClusterSimulation;

/// Sees what the scheduler hears and decides, as it happens: the journal, `orrery explain`.
class SchedulerObserver {
 public:
  virtual ~SchedulerObserver() = default;
  /// Nothing has happened yet. `cluster` stays as long as the run lasts.
  virtual void run_begins(ClusterSimulation& cluster) { static_cast<void>(cluster); }
  /// Nothing will happen any more; the figures have yet to be made.
  virtual void run_ends(Time end) { static_cast<void>(end); }
  virtual void before_change(const StateChange& change, Time now) = 0;
  virtual void before_cycle(orchestration::ClusterOrchestrator& scheduler, Time now) = 0;
  virtual void bind_failed(PodId pod, std::uint64_t uid, Time now) = 0;
  virtual void decided(const orchestration::Decision& decision, Time now) = 0;
};

/// One cluster in virtual time: the world, its API server's watch, and the orchestrator that acts
/// on what it has heard. The way of a pod: arrival → Pending → (watch) → scheduling cycle → bind →
/// start-up → Running → end. A node's crash is known to the world at once, to the API server after
/// the detection delay or when the node comes back; where the cluster is simulated as Kubernetes,
/// after its node lifecycle controller has missed the node's lease. With all delays zero,
/// everything that follows from an event happens within it.
class ClusterSimulation final : public EventHandler, private ApiServer {
 public:
  ClusterSimulation(Engine& engine, ClusterSetup setup, ClusterId cluster, std::uint64_t seed,
                    const WindowPlan& plan, bool measures_load_curve);

  /// Registers the nodes and schedules the first arrival and the first failures.
  void start();
  void handle(Engine& engine, const Event& event) override;

  /// Between two events: `policy` (null: the one that is there) goes on from here, and what has not
  /// been drawn yet comes from the streams of `seed`. Work that has arrived, or is next to arrive,
  /// keeps its length.
  void fork(std::unique_ptr<policies::PlacementPolicy> policy, std::uint64_t seed);

  /// Before start().
  void observe_with(SchedulerObserver* observer) {
    observer_ = observer;
    if (observer != nullptr) observer->run_begins(*this);
  }
  /// The error that the workload source gave, which ended the arrivals.
  [[nodiscard]] const std::optional<Error>& workload_error() const { return workload_error_; }
  /// All work has arrived, and nothing but failures and repairs can happen any more that would
  /// change anything for the pods that are left.
  [[nodiscard]] bool is_finished() const;

  [[nodiscard]] ClusterMetrics& metrics() { return metrics_; }
  [[nodiscard]] const ClusterMetrics& metrics() const { return metrics_; }
  [[nodiscard]] const ClusterSetup& setup() const { return setup_; }
  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] const orchestration::ClusterOrchestrator& orchestrator() const {
    return orchestrator_;
  }
  /// Arrival of the first and completion of the last pod so far; kTimeMax and kTimeZero before.
  [[nodiscard]] Time first_arrival() const { return first_arrival_; }
  [[nodiscard]] Time last_completion() const { return last_completion_; }
  [[nodiscard]] std::uint64_t fingerprint() const;

 private:
  enum class Kind : std::uint32_t {
    Arrival,
    Cycle,
    Backoff,
    Watch,
    BindCommit,
    Started,
    Finished,
    GangFinished,
    OutageBegins,
    OutageEnds,
    SilenceNoticed,
    Happens,  // an incident
    KubeletReturns,
    Terminated,
    Controller,  // and all above: kinds of the controllers' own
  };

  void react(const Event& event);
  void fetch_early() const;
  EventHandle after(Duration delay, Kind kind, std::uint32_t subject = 0, std::uint64_t data = 0);
  /// What the pod asks for, which never changes: it stands in its row of the API state, where it is
  /// from when the scheduler first hears of the pod until it hears of its end.
  [[nodiscard]] const Pod& request(PodId pod) const { return orchestrator_.state().pod(pod); }
  [[nodiscard]] const PodTemplate& spec(PodId pod) const {
    return *templates_[request(pod).pod_template];
  }
  PodTemplateId intern(const std::shared_ptr<const PodTemplate>& pod_template);

  // The start of the run
  void take_over();
  void take_over(const BoundPod& bound);
  void begin_not_ready(NodeId node);

  // Arrivals
  void fetch_next();
  void arrive();
  /// `request` says what is asked; uid, creation and gang are filled in.
  PodId add_pod(const WorldPod& work, const Pod& request);

  // API server and scheduler
  void publish(const StateChange& change);
  void publish(const BindRefused& refusal);
  void deliver(const WatchStream::Message& message);
  void deliver_change(const StateChange& change);
  void deliver_refusal(const BindRefused& refusal);
  void run_scheduler();
  void cycle();
  void carry_out(const orchestration::Decision& decision);
  void begin_bind(const orchestration::Bind& bind);
  void commit_bind(PodId pod, NodeId node, GpuDeviceMask devices);
  void note_wait(const orchestration::Wait& wait);
  void preempt(const orchestration::Preempt& preempt);
  void give_up(PodId pod);

  // Pods on nodes
  void begin_start(PodId pod);
  void start_pod(PodId pod);
  void finish_pod(PodId pod);
  void finish_gang(GangId gang);
  void kill(PodId pod);
  void break_gang(GangId gang);
  void end_pod(PodId pod, PodPhase phase);
  void lose_pod(PodId pod);
  /// The same work again, as a new pod.
  void replace_pod(const WorldPod& old, const Pod& asked);
  void lose_gang(GangId gang);
  void cancel_event(WorldPod& pod);

  // Nodes
  void schedule_outage(std::uint32_t cause);
  void cancel_outages();
  void redraw_outages();
  void outage_begins(std::uint32_t cause);
  void outage_ends(std::uint32_t cause);
  void crash(NodeId node);
  void repair(NodeId node);
  void notice_silence(NodeId node);
  void lose_pods_on(NodeId node);

  // Kubelets, where Kubernetes is simulated: they tell the API server what is the case, and do what
  // it says, while they are in touch with it.
  void happen(const Incident& incident);
  void happen(Incident::Kind kind, NodeId node);
  void cut_off(NodeId node);
  void link_again(NodeId node);
  void lose_touch(NodeId node);
  void regain_touch(NodeId node);
  void kubelet_returns(NodeId node);
  void report(PodId pod);
  void restart(PodId pod);
  void report_start(PodId pod);
  void begin_termination(PodId pod);
  void terminated(PodId pod);
  void set_listed(PodId pod, bool is_listed);

  // ApiServer
  [[nodiscard]] bool is_ready(NodeId node) const override;
  [[nodiscard]] const std::vector<Taint>& taints(NodeId node) const override;
  [[nodiscard]] std::vector<PodRef> pods_on(NodeId node) const override;
  [[nodiscard]] bool exists(PodRef pod) const override;
  [[nodiscard]] bool is_terminating(PodRef pod) const override;
  [[nodiscard]] bool has_started(PodRef pod) const override;
  [[nodiscard]] const std::vector<Toleration>& tolerations(PodRef pod) const override;
  void set_unknown(NodeId node) override;
  void set_taint(NodeId node, const Taint& taint, bool is_there) override;
  void set_not_ready(PodRef pod) override;
  PodRef create_pod(const NewPod& pod) override;
  void delete_pod(PodRef pod, bool is_wanted) override;
  void remove_pod(PodRef pod) override;
  EventHandle wake(Time at, EventPayload payload) override;
  void cancel_wake(EventHandle handle) override;
  void start_kubernetes();
  PodRef ref(PodId pod) const { return {.id = pod, .uid = world_.pod(pod).uid}; }

  Engine& engine_;
  ClusterSetup setup_;
  ClusterId cluster_;
  std::uint64_t seed_;
  bool has_start_up_;
  bool has_horizon_;  // the run goes on to its horizon even when all work is done
  World world_;
  orchestration::ClusterOrchestrator orchestrator_;
  ClusterMetrics metrics_;
  WatchStream watch_;
  SchedulerObserver* observer_ = nullptr;

  std::unordered_map<const PodTemplate*, PodTemplateId> template_ids_;  // looked up only
  IdVector<PodTemplateId, std::shared_ptr<const PodTemplate>> templates_;
  const PodTemplate* last_template_ = nullptr;  // most work repeats the template before it
  PodTemplateId last_template_id_;

  traces::WorkloadItem next_item_;
  std::uint32_t work_items_ = 0;
  std::uint32_t owned_pods_ = 0;  // made by controllers
  GangId filling_gang_;           // receives the members that arrive one after another
  bool is_exhausted_ = false;
  std::optional<Error> workload_error_;

  std::vector<FailureCause> causes_;
  std::vector<Time> outage_ends_at_;        // by cause
  std::vector<EventHandle> outage_events_;  // by cause: the one that begins or ends it next
  IdVector<NodeId, std::int32_t> down_by_;  // causes that hold the node down
  IdVector<NodeId, std::int32_t> cut_by_;   // causes that keep it from the API server
  std::set<NodeId> crashed_by_script_;
  std::set<NodeId> cut_by_script_;
  std::unique_ptr<ControllerManager> controllers_;  // null: no Kubernetes
  IdVector<NodeId, std::vector<Taint>> taints_;     // as the API server has them
  std::map<PodId, Time> recovering_;                // replacements: since when work is missed
  std::vector<std::shared_ptr<const PodTemplate>>
      as_submitted_;                 // before admission: keeps the keys
  std::uint64_t active_events_ = 0;  // pending events other than failures and repairs
  std::uint64_t repairs_while_idle_ = 0;
  std::size_t pods_that_never_fit_ = 0;

  std::vector<orchestration::Decision> decisions_;
  bool is_scheduling_ = false;
  bool is_listing_ = false;  // the scheduler's first list: no watch delays it
  bool is_cycle_pending_ = false;
  Time backoff_wakeup_ = kTimeMax;  // kTimeMax: none is scheduled
  Time first_arrival_ = kTimeMax;
  Time last_completion_{};
};

}  // namespace orrery::sim
