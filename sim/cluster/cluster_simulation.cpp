#include "orrery/sim/cluster/cluster_simulation.hpp"

#include <utility>

#include <fmt/format.h>

#include "orrery/models/check.hpp"
#include "orrery/sim/kubernetes/admission.hpp"

namespace orrery::sim {

ClusterSimulation::ClusterSimulation(Engine& engine, ClusterSetup setup, ClusterId cluster,
                                     std::uint64_t seed, const WindowPlan& plan,
                                     bool measures_load_curve)
    : engine_(engine),
      setup_(std::move(setup)),
      cluster_(cluster),
      seed_(seed),
      has_start_up_(setup_.delays.start_up != PodStartUp{}),
      has_horizon_(plan.horizon != kTimeMax),
      orchestrator_(setup_.scheduler, std::move(setup_.policy)),
      metrics_(setup_, plan, measures_load_curve),
      causes_(failure_causes(setup_.failures, seed, cluster)) {}

void ClusterSimulation::start() {
  for (std::size_t i = 0; i < setup_.nodes.size(); ++i) {
    const NodeId node = world_.add_node();
    down_by_.push_back(0);
    cut_by_.push_back(0);
    metrics_.node_joined(*setup_.nodes[i], setup_.rates.empty() ? NodeRates{} : setup_.rates[i],
                         engine_.now());
    deliver_change(change::NodeAdded{.id = node, .node = setup_.nodes[i]});
    metrics_.node_reserved(orchestrator_.state(), node, engine_.now());
  }
  if (setup_.kubernetes) start_kubernetes();
  take_over();
  if (controllers_ != nullptr) controllers_->workloads().start(engine_.now());
  for (std::uint32_t i = 0; i < setup_.incidents.size(); ++i) {
    after(setup_.incidents[i].at - engine_.now(), Kind::Happens, i);
  }
  outage_ends_at_.resize(causes_.size());
  outage_events_.resize(causes_.size());
  for (std::uint32_t cause = 0; cause < causes_.size(); ++cause) schedule_outage(cause);
  fetch_next();
}

void ClusterSimulation::fork(std::unique_ptr<policies::PlacementPolicy> policy,
                             std::uint64_t seed) {
  if (seed != seed_) {
    seed_ = seed;
    setup_.workload->reseed(seed);
    redraw_outages();
  }
  if (policy != nullptr) orchestrator_.replace_policy(std::move(policy), engine_.now());
  run_scheduler();
}

void ClusterSimulation::handle(Engine&, const Event& event) {
  try {
    react(event);
  } catch (const CheckFailure& bug) {
    throw CheckFailure(fmt::format("{} [cluster {}, seed {}, virtual time {:.9f} s]", bug.what(),
                                   setup_.name, seed_, seconds(engine_.now())));
  }
}

/// Rows of pods and nodes lie anywhere in tables that no cache holds: without this, every end of a
/// pod would wait for memory several times, one row after the other. The row of a pod comes first,
/// that of its node once the pod's tells which.
void ClusterSimulation::fetch_early() const {
  constexpr std::size_t kPodsAhead = 4;
  constexpr std::size_t kNodesAhead = 1;
  constexpr std::size_t kNodesInCache = 4096;
  const EventPayload* later = engine_.likely_ahead(*this, kPodsAhead);
  if (later != nullptr && static_cast<Kind>(later->kind) == Kind::Finished) {
    world_.fetch_early(PodId{later->subject});
    orchestrator_.state().fetch_early(PodId{later->subject});
  }
  if (world_.node_count() < kNodesInCache) return;
  const EventPayload* soon = engine_.likely_ahead(*this, kNodesAhead);
  if (soon != nullptr && static_cast<Kind>(soon->kind) == Kind::Finished) {
    const NodeId node = world_.pod(PodId{soon->subject}).node;
    world_.fetch_early(node);
    orchestrator_.state().fetch_early(node);
  }
}

void ClusterSimulation::react(const Event& event) {
  fetch_early();
  const std::uint32_t subject = event.payload.subject;
  const auto kind = static_cast<Kind>(event.payload.kind);
  if (kind != Kind::OutageBegins && kind != Kind::OutageEnds) --active_events_;
  switch (kind) {
    case Kind::Arrival:
      arrive();
      break;
    case Kind::Cycle:
      is_cycle_pending_ = false;
      cycle();
      break;
    case Kind::Backoff:
      backoff_wakeup_ = kTimeMax;
      break;
    case Kind::Watch:
      deliver(watch_.receive());
      break;
    case Kind::BindCommit:
      commit_bind(PodId{subject}, NodeId{static_cast<std::uint32_t>(event.payload.data)},
                  GpuDeviceMask{static_cast<std::uint16_t>(event.payload.data >> 32)});
      break;
    case Kind::Started:
      start_pod(PodId{subject});
      break;
    case Kind::Finished:
      finish_pod(PodId{subject});
      break;
    case Kind::GangFinished:
      finish_gang(GangId{subject});
      break;
    case Kind::OutageBegins:
      outage_begins(subject);
      break;
    case Kind::OutageEnds:
      outage_ends(subject);
      break;
    case Kind::SilenceNoticed:
      notice_silence(NodeId{subject});
      break;
    case Kind::Happens:
      happen(setup_.incidents[subject]);
      break;
    case Kind::KubeletReturns:
      kubelet_returns(NodeId{subject});
      break;
    case Kind::Terminated:
      terminated(PodId{subject});
      break;
    case Kind::Controller:
    default:  // the controllers' kinds follow
      EventPayload payload = event.payload;
      payload.kind -= static_cast<std::uint32_t>(Kind::Controller);
      controllers_->handle(payload, engine_.now());
      break;
  }
  run_scheduler();
  if (kind == Kind::Arrival) metrics_.arrival_handled();
  if (active_events_ == 0 && !has_horizon_ && is_finished()) cancel_outages();
}

EventHandle ClusterSimulation::after(Duration delay, Kind kind, std::uint32_t subject,
                                     std::uint64_t data) {
  if (kind != Kind::OutageBegins && kind != Kind::OutageEnds) ++active_events_;
  return engine_.schedule_after(
      delay, *this, {.kind = static_cast<std::uint32_t>(kind), .subject = subject, .data = data});
}

void ClusterSimulation::fetch_next() {
  const Result<bool> has_more = setup_.workload->next(next_item_);
  if (!has_more) {
    workload_error_ = has_more.error();
    engine_.request_stop();
  }
  if (!has_more || !*has_more) {
    is_exhausted_ = true;
    return;
  }
  ORRERY_CHECK(next_item_.arrival >= engine_.now(), "work arrives in the order of time");
  after(next_item_.arrival - engine_.now(), Kind::Arrival);
}

PodTemplateId ClusterSimulation::intern(const std::shared_ptr<const PodTemplate>& pod_template) {
  if (pod_template.get() == last_template_) return last_template_id_;
  const auto [found, is_new] = template_ids_.try_emplace(pod_template.get(), templates_.size());
  if (is_new) {
    const bool is_admitted = setup_.kubernetes.has_value();
    if (is_admitted) as_submitted_.push_back(pod_template);
    templates_.push_back(is_admitted ? admitted(pod_template, setup_.kubernetes->nodes)
                                     : pod_template);
    publish(StateChange{
        change::TemplateAdded{.id = found->second, .pod_template = templates_[found->second]}});
  }
  last_template_ = pod_template.get();
  return last_template_id_ = found->second;
}

void ClusterSimulation::arrive() {
  const Time now = engine_.now();
  WorldPod work{.arrival = now, .service = next_item_.service};
  work.work = work_items_++;
  if (next_item_.gang_size > 1) {
    if (filling_gang_.is_none()) {
      filling_gang_ = world_.add_gang();
      world_.gang(filling_gang_).size = next_item_.gang_size;
    }
    work.gang = filling_gang_;
  }
  if (work_items_ == 1) first_arrival_ = now;
  metrics_.pod_arrived(*next_item_.pod_template, now);
  add_pod(work, {.cpu = next_item_.cpu,
                 .memory = next_item_.memory,
                 .estimated_duration = next_item_.estimate,
                 .pod_template = intern(next_item_.pod_template)});
  if (work.gang && world_.gang(work.gang).members.size() == world_.gang(work.gang).size) {
    filling_gang_ = GangId{};
  }
  fetch_next();
}

PodId ClusterSimulation::add_pod(const WorldPod& work, const Pod& request) {
  const PodId id = world_.add_pod(work);
  const WorldPod& row = world_.pod(id);
  StateChange change{change::PodAdded{.id = id, .pod = request}};
  Pod& pod = std::get_if<change::PodAdded>(&change)->pod;
  pod.uid = row.uid;
  pod.created = engine_.now();
  pod.gang = row.gang;
  if (row.gang) {
    WorldGang& gang = world_.gang(row.gang);
    gang.members.push_back(id);
    pod.gang_size = static_cast<std::uint16_t>(gang.size);
  }
  publish(change);
  return id;
}

bool ClusterSimulation::is_finished() const {
  if (!is_exhausted_ || active_events_ > 0) return false;
  // What still waits needs a node that is down now, or waits in vain: several rounds of repairs
  // that changed nothing settle which.
  return world_.live_pods() == pods_that_never_fit_ ||
         repairs_while_idle_ > 4 * world_.node_count();
}

std::uint64_t ClusterSimulation::fingerprint() const {
  std::uint64_t digest = world_.fingerprint();
  for (const FailureCause& cause : causes_) digest = mix_bits(digest ^ cause.fingerprint());
  digest = mix_bits(digest ^ work_items_);
  const NodeColumns& nodes = orchestrator_.state().nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    digest = mix_bits(digest ^ static_cast<std::uint64_t>(nodes.cpu_free[NodeId{i}].count()));
    for (const std::int16_t left : nodes.gpu_devices[NodeId{i}].free) {
      digest = mix_bits(digest ^ static_cast<std::uint64_t>(left));
    }
  }
  const auto span = static_cast<std::uint64_t>(last_completion_.time_since_epoch().count());
  return mix_bits(digest ^ span);
}

}  // namespace orrery::sim
