#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orrery/tests/orchestration/cluster/scheduler_driver.hpp"

/// Invariants of the scheduler, whatever happens around it in whatever order:
///
/// 1. No node is over-committed on any resource or device, and what is allocated on it is the sum
///    of what the pods there hold.
/// 2. Each pod is in exactly one state: waiting, reserved or bound; the scheduler and the
///    book-keeper agree which.
/// 3. Only waiting pods are decided on, under their own uid; a gang is bound as a whole, in one
///    cycle.
/// 4. When there is nothing left to do, no waiting pod fits on any node, and no gang that is
///    complete could be placed by first fit: nothing is forgotten.
/// 5. Victims of preemption are of lower priority, on the node that is held for the other pod.
///
/// Strategy: a few unequal nodes, pods and gangs that are easily too large for them, and random
/// arrivals, ends, crashes, repairs, cordons, taints, joining nodes, bindings that are committed,
/// refused, or overtaken by somebody else, and passing time. A book-keeper that knows nothing of
/// columns and queues follows.
namespace orrery::orchestration {
namespace {

using namespace orrery::literals;
using test::PodSpec;
using test::SchedulerDriver;

const std::vector<Node>& some_nodes() {
  static const std::vector<Node> kNodes = {
      {.cpu = 4_cpu, .memory = 8_GiB, .ephemeral_storage = 4_GiB, .pods = 3},
      {.cpu = 8_cpu, .memory = 16_GiB, .gpus = 2, .gpu_model = "V100"},
      {.cpu = 16_cpu, .memory = 16_GiB, .gpus = 4, .gpu_model = "A100", .extended = {{"fpga", 2}}},
      {.cpu = 2_cpu, .memory = 32_GiB, .taints = {{.key = "mine"}}}};
  return kNodes;
}

const std::vector<PodSpec>& some_pods() {
  static const std::vector<PodSpec> kPods = {
      {.cpu = 1_cpu},
      {.cpu = 3_cpu, .memory = 6_GiB},
      {.cpu = 1_cpu, .gpu = {.count = 1, .milli = 400}},
      {.cpu = 1_cpu, .gpu = {.count = 1, .milli = 1000}, .gpu_models = {"V100"}},
      {.cpu = 2_cpu, .gpu = {.count = 2, .milli = 1000}, .priority = 5},
      {.cpu = 500_m, .ephemeral_storage = 2_GiB, .estimated_duration = 3s},
      {.cpu = 500_m, .extended = {{"fpga", 1}}, .priority = -3},
      {.cpu = 7_cpu, .priority = 2, .estimated_duration = 9s},
      {.cpu = 1_cpu, .memory = 20_GiB, .tolerations = {{.op = Toleration::Operator::Exists}}},
      {.cpu = 100_cpu}};
  return kPods;
}

enum class Phase : std::uint8_t { Waiting, Reserved, Bound };

struct Entry {
  PodSpec spec;
  std::uint64_t uid = 0;
  Phase phase = Phase::Waiting;
  NodeId node;
  GpuDeviceMask devices;
  bool was_placed = false;  ///< of a gang: its members go alone from then on
};

SchedulerConfig some_config() {
  return {
      .queue_order = *rc::gen::element(policies::QueueOrder::Fifo, policies::QueueOrder::Priority,
                                       policies::QueueOrder::ShortestFirst),
      .retry = *rc::gen::weightedElement<Retry>({{4, Retry::OnChange}, {1, Retry::Never}}),
      .is_blocking = *rc::gen::weightedElement<bool>({{4, false}, {1, true}}),
      .backoff_initial = *rc::gen::element<Duration>(0s, 1s)};
}

class Story {
 public:
  Story(SchedulerConfig config, std::string policy)
      : is_first_fit_(policy == "first-fit"), driver_(config, test::placement(policy)) {
    for (const Node& node : some_nodes()) driver_.node(node);
  }

  void step() {
    switch (*rc::gen::weightedElement<int>(
        {{6, 0}, {2, 1}, {3, 2}, {2, 3}, {1, 4}, {1, 5}, {6, 6}, {3, 7}, {2, 8}, {1, 9}})) {
      case 0:
        arrive(*rc::gen::elementOf(some_pods()));
        break;
      case 1:
        gang_arrives();
        break;
      case 2:
        end_one();
        break;
      case 3:
        driver_.tell(change::NodeReadyChanged{some_node(), any()});
        break;
      case 4:
        driver_.tell(change::NodeCordonChanged{some_node(), any()});
        break;
      case 5:
        change_nodes();
        break;
      case 6:
        work();
        break;
      case 7:
        commit(any());
        break;
      case 8:
        somebody_else_binds();
        break;
      default:
        driver_.now += *rc::gen::element<Duration>(100ms, 1s, 30s);
    }
    check();
  }

 private:
  static bool any() { return *rc::gen::arbitrary<bool>(); }
  NodeId some_node() const {
    return NodeId{*rc::gen::inRange<std::size_t>(0, state().node_count())};
  }
  const ClusterState& state() const { return driver_.state(); }

  void arrive(PodSpec spec) {
    const PodId id = driver_.pod(spec);
    RC_ASSERT(!book_.contains(id));
    book_[id] = {.spec = std::move(spec), .uid = driver_.row(id).uid};
  }

  /// Sometimes the last member never comes.
  void gang_arrives() {
    PodSpec spec = *rc::gen::elementOf(some_pods());
    spec.gang = GangId{next_gang_++};
    spec.gang_size = *rc::gen::inRange<std::uint16_t>(2, 5);
    const int missing = *rc::gen::weightedElement<int>({{5, 0}, {1, 1}});
    for (int i = 0; i < spec.gang_size - missing; ++i) arrive(spec);
  }

  std::vector<PodId> pods_in(std::initializer_list<Phase> phases) const {
    std::vector<PodId> pods;
    for (const auto& [id, entry] : book_) {
      if (std::find(phases.begin(), phases.end(), entry.phase) != phases.end()) pods.push_back(id);
    }
    return pods;
  }

  void end(PodId pod) {
    driver_.end(pod, any() ? PodPhase::Succeeded : PodPhase::Failed);
    book_.erase(pod);
  }

  void end_one() {
    const auto pods = pods_in({Phase::Waiting, Phase::Reserved, Phase::Bound});
    if (!pods.empty()) end(*rc::gen::elementOf(pods));
  }

  void change_nodes() {
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        if (state().node_count() < 8) driver_.node(*rc::gen::elementOf(some_nodes()));
        return;
      case 1:
        if (any()) driver_.tell(change::NodeRemoved{some_node()});
        return;
      default:
        std::vector<Taint> taints;
        if (any()) taints.push_back({.key = "mine"});
        driver_.tell(change::NodeTaintsChanged{
            some_node(), std::make_shared<const std::vector<Taint>>(std::move(taints))});
    }
  }

  /// One cycle, or all that there are.
  void work() {
    const bool all = any();
    while (driver_.scheduler.has_work(driver_.now)) {
      take(driver_.cycle());
      check();
      if (!all) return;
    }
    check_nothing_is_forgotten();
  }

  void take(const std::vector<Decision>& decisions) {
    std::map<GangId, std::size_t> bound_together;
    std::vector<PodId> given_up;
    std::vector<PodId> victims;
    for (const Decision& decision : decisions) {
      if (const auto* bind = std::get_if<Bind>(&decision)) {
        Entry& entry = waiting(bind->pod, bind->uid);
        if (entry.spec.gang && !entry.was_placed) ++bound_together[entry.spec.gang];
        entry.phase = Phase::Reserved;
        entry.node = bind->node;
        entry.devices = bind->devices;
        entry.was_placed = true;
        in_flight_.push_back(*bind);
      } else if (const auto* preempt = std::get_if<Preempt>(&decision)) {
        check_victims(*preempt);
        for (const auto& victim : preempt->victims) victims.push_back(victim.pod);
      } else {
        const Wait& wait = std::get<Wait>(decision);
        waiting(wait.pod, wait.uid);
        const bool may_retry = driver_.scheduler.config().retry == Retry::OnChange;
        RC_ASSERT(wait.is_final == !may_retry);
        if (wait.is_final) given_up.push_back(wait.pod);
      }
    }
    for (const auto& [gang, members] : bound_together) {
      RC_ASSERT(members == driver_.row(in_flight_.back().pod).gang_size);
    }
    for (const PodId pod : given_up) give_up(pod);
    for (const PodId pod : victims) end(pod);
  }

  void check_victims(const Preempt& preempt) {
    const std::int32_t priority = waiting(preempt.pod, preempt.uid).spec.priority;
    RC_ASSERT(state().nominations().at(preempt.pod) == preempt.node);
    RC_ASSERT(!preempt.victims.empty());
    for (const auto& victim : preempt.victims) {
      const Entry& entry = book_.at(victim.pod);
      RC_ASSERT(entry.uid == victim.uid);
      RC_ASSERT(entry.node == preempt.node);
      RC_ASSERT(entry.spec.priority < priority);
    }
  }

  Entry& waiting(PodId pod, std::uint64_t uid) {
    RC_ASSERT(book_.contains(pod));
    Entry& entry = book_.at(pod);
    RC_ASSERT(entry.uid == uid);
    RC_ASSERT(entry.phase == Phase::Waiting);
    return entry;
  }

  /// What is given up ends; of a gang, all that wait.
  void give_up(PodId pod) {
    const Entry leader = book_.at(pod);
    if (leader.spec.gang.is_none() || leader.was_placed) return end(pod);
    for (const PodId member : pods_in({Phase::Waiting})) {
      if (book_.at(member).spec.gang == leader.spec.gang) end(member);
    }
  }

  /// A binding reaches the API server, which may refuse it; it must when the pod has gone.
  void commit(bool is_accepted) {
    if (in_flight_.empty()) return;
    const auto chosen =
        in_flight_.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(in_flight_));
    const Bind bind = *chosen;
    in_flight_.erase(chosen);
    const auto found = book_.find(bind.pod);
    const bool is_there = found != book_.end() && found->second.uid == bind.uid;
    if (is_there && found->second.phase == Phase::Bound) return;  // somebody else was faster
    if (is_there && is_accepted) {
      driver_.confirm(bind);
      found->second.phase = Phase::Bound;
      if (any()) driver_.tell(change::PodStarted{bind.pod});
      return;
    }
    driver_.refuse(bind);
    if (!is_there) return;
    found->second.phase = Phase::Waiting;
    found->second.node = NodeId{};
    found->second.devices = GpuDeviceMask{};
  }

  /// Another scheduler binds a pod of its own choice to a node with room.
  void somebody_else_binds() {
    std::vector<PodId> pods = pods_in({Phase::Waiting, Phase::Reserved});
    std::erase_if(pods,
                  [&](PodId id) { return book_.at(id).spec.gang && !book_.at(id).was_placed; });
    if (pods.empty()) return;
    const PodId pod = *rc::gen::elementOf(pods);
    const NodeId node = some_node();
    if (!state().fits(node, driver_.row(pod))) return;
    Entry& entry = book_.at(pod);
    entry.phase = Phase::Bound;
    entry.node = node;
    entry.devices = best_fit_devices(state().nodes().gpu_devices[node], entry.spec.gpu);
    driver_.tell(change::PodBound{pod, node, entry.devices});
  }

  void check() const {
    for (const auto& [id, entry] : book_) {
      const Pod& row = driver_.row(id);
      RC_ASSERT(row.uid == entry.uid);
      RC_ASSERT(row.node == entry.node);
      RC_ASSERT(row.devices == entry.devices);
      RC_ASSERT(row.is_assumed == (entry.phase == Phase::Reserved));
      RC_ASSERT(row.node.is_none() == (entry.phase == Phase::Waiting));
    }
    std::size_t live = 0;
    for (const Pod& row : state().pods()) live += row.uid != 0 ? 1 : 0;
    RC_ASSERT(live == book_.size());
    for (std::size_t node = 0; node < state().node_count(); ++node) check_node(NodeId{node});
  }

  void check_node(NodeId node) const {
    const NodeColumns& nodes = state().nodes();
    const Node& offer = *nodes.info[node];
    MilliCpu cpu = offer.cpu;
    Bytes memory = offer.memory;
    Bytes storage = offer.ephemeral_storage;
    std::int32_t pods = offer.pods;
    std::int64_t fpgas = offer.extended.contains("fpga") ? offer.extended.at("fpga") : 0;
    std::vector<int> devices(kGpusPerNodeMax, 0);
    std::fill_n(devices.begin(), offer.gpus, 1000);
    for (const auto& [id, entry] : book_) {
      if (entry.node != node) continue;
      cpu -= entry.spec.cpu;
      memory -= entry.spec.memory;
      storage -= entry.spec.ephemeral_storage;
      --pods;
      if (entry.spec.extended.contains("fpga")) fpgas -= entry.spec.extended.at("fpga");
      RC_ASSERT(entry.devices.size() == entry.spec.gpu.count);
      for (std::size_t d = 0; d < devices.size(); ++d) {
        if (entry.devices.has(d)) devices[d] -= entry.spec.gpu.milli;
      }
    }
    RC_ASSERT(cpu.count() >= 0 && memory.count() >= 0 && storage.count() >= 0);
    RC_ASSERT(pods >= 0 && fpgas >= 0);
    RC_ASSERT(nodes.cpu_free[node] == cpu && nodes.memory_free[node] == memory);
    RC_ASSERT(nodes.storage_free[node] == storage && nodes.pods_free[node] == pods);
    RC_ASSERT(nodes.extended.at("fpga").free[node] == fpgas);
    for (std::size_t d = 0; d < devices.size(); ++d) {
      RC_ASSERT(devices[d] >= 0);
      RC_ASSERT(nodes.gpu_devices[node].free[d] == devices[d]);
    }
  }

  void check_nothing_is_forgotten() const {
    const SchedulerConfig& config = driver_.scheduler.config();
    if (config.is_blocking || driver_.scheduler.next_expiry() != kTimeMax) return;
    std::map<GangId, std::vector<PodId>> gangs;
    for (const PodId pod : pods_in({Phase::Waiting})) {
      const Entry& entry = book_.at(pod);
      if (entry.spec.gang && !entry.was_placed) {
        gangs[entry.spec.gang].push_back(pod);
        continue;
      }
      for (std::size_t node = 0; node < state().node_count(); ++node) {
        RC_ASSERT(!state().fits(NodeId{node}, driver_.row(pod)));
      }
    }
    for (const auto& [gang, members] : gangs) {
      const bool is_complete = members.size() == driver_.row(members.front()).gang_size;
      RC_ASSERT(!is_first_fit_ || !is_complete || !first_fit_places(members));
    }
  }

  bool first_fit_places(const std::vector<PodId>& members) const {
    ClusterState trial = state();
    for (const PodId pod : members) {
      std::size_t node = 0;
      while (node < trial.node_count() && !trial.fits(NodeId{node}, trial.pod(pod))) ++node;
      if (node == trial.node_count()) return false;
      const GpuRequest gpu = trial.pod_template(pod).gpu;
      trial.apply(change::PodAssumed{
          pod, NodeId{node}, best_fit_devices(trial.nodes().gpu_devices[NodeId{node}], gpu)});
    }
    return true;
  }

  bool is_first_fit_;
  SchedulerDriver driver_;
  std::map<PodId, Entry> book_;
  std::vector<Bind> in_flight_;
  std::uint32_t next_gang_ = 0;
};

RC_GTEST_PROP(ClusterOrchestratorProperty, HoldsWhateverHappens, ()) {
  const auto policy =
      *rc::gen::element<std::string>("first-fit", "best-fit", "random", "kube-default");
  Story story{some_config(), policy};
  const int steps = *rc::gen::inRange(1, 150);
  for (int i = 0; i < steps; ++i) story.step();
}

}  // namespace
}  // namespace orrery::orchestration
