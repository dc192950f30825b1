#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orrery/models/check.hpp"
#include "orrery/models/cluster_state.hpp"

/// Invariants of ClusterState, whatever happens in whatever order:
///
/// 1. On each node, allocatable − free is the sum of what the pods placed there ask for, resource
///    by resource and device by device, and free is never negative.
/// 2. A placement that unfit() admits is accepted; one that it refuses for want of room stops the
///    run. (Taints and selectors bind policies, not the API server.) fits(), which takes a short
///    way for pods that ask for little, agrees with unfit().
///
/// Strategy: a few unequal nodes and templates that are easily too large for them, and random
/// changes of every kind, followed by a book-keeper that knows nothing of columns.
namespace orrery {
namespace {

using namespace orrery::literals;

std::vector<Node> some_nodes() {
  return {{.name = "cpu", .cpu = 4_cpu, .memory = 8_GiB, .ephemeral_storage = 4_GiB, .pods = 3},
          {.name = "gpu", .cpu = 8_cpu, .memory = 16_GiB, .gpus = 2, .gpu_model = "V100"},
          {.name = "many-gpus",
           .cpu = 16_cpu,
           .memory = 16_GiB,
           .gpus = 16,
           .gpu_model = "A100",
           .extended = {{"fpga", 3}}},
          {.name = "empty"}};
}

std::vector<PodTemplate> some_templates() {
  return {{},
          {.gpu = {.count = 1, .milli = 300}},
          {.gpu = {.count = 1, .milli = 1000}, .gpu_models = {"V100"}},
          {.gpu = {.count = 4, .milli = 1000}},
          {.ephemeral_storage = 1_GiB, .extended = {{"fpga", 1}}},
          {.ephemeral_storage = 2_GiB}};
}

/// What the pods hold, written down independently of ClusterState.
struct Holding {
  NodeId node;
  GpuDeviceMask devices;
  bool is_assumed = false;
};

class Story {
 public:
  Story() {
    for (const PodTemplate& spec : templates_) {
      state_.apply(
          change::TemplateAdded{.id = PodTemplateId{state_.template_count()},
                                .pod_template = std::make_shared<const PodTemplate>(spec)});
    }
    for (const Node& node : some_nodes()) {
      state_.apply(change::NodeAdded{.id = NodeId{state_.node_count()},
                                     .node = std::make_shared<const Node>(node)});
    }
  }

  void step() {
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
      case 1:
        return add_pod();
      case 2:
      case 3:
        return place(*rc::gen::arbitrary<bool>());
      case 4:
        return forget();
      case 5:
        return confirm();
      case 6:
        return end();
      default:
        return toggle_node();
    }
  }

  void check() const {
    for (std::size_t index = 0; index < state_.node_count(); ++index) check_node(NodeId{index});
  }

 private:
  void add_pod() {
    Pod pod;
    pod.uid = ++uids_;
    pod.cpu = MilliCpu{*rc::gen::inRange<std::int64_t>(0, 6000)};
    pod.memory = Bytes{*rc::gen::inRange<std::int64_t>(0, 10) << 30};
    pod.pod_template = PodTemplateId{*rc::gen::inRange<std::size_t>(0, state_.template_count())};
    PodId id{state_.pods().size()};
    if (!free_ids_.empty()) {
      id = free_ids_.back();
      free_ids_.pop_back();
    }
    state_.apply(change::PodAdded{.id = id, .pod = pod});
    waiting_[id] = pod;
  }

  void place(bool assume) {
    const std::optional<PodId> id = pick(waiting_);
    if (!id) return;
    const NodeId node{*rc::gen::inRange<std::size_t>(0, state_.node_count())};
    const Pod pod = state_.pod(*id);
    const GpuRequest request = state_.pod_template(*id).gpu;
    const GpuDeviceMask devices = best_fit_devices(state_.nodes().gpu_devices[node], request);
    const StateChange change =
        assume ? StateChange{change::PodAssumed{.id = *id, .node = node, .devices = devices}}
               : StateChange{change::PodBound{.id = *id, .node = node, .devices = devices}};
    const Unfit reason = state_.unfit(node, pod);
    RC_ASSERT(state_.fits(node, pod) == (reason == Unfit::None));
    if (reason == Unfit::NotReady || reason == Unfit::Cordoned) return;  // said before any other
    if (lacks_room(reason)) {
      ClusterState copy = state_;  // a failed check leaves a state that nobody may use
      RC_ASSERT_THROWS_AS(copy.apply(change), CheckFailure);
      return;
    }
    state_.apply(change);
    placed_[*id] = {.node = node, .devices = devices, .is_assumed = assume};
    requests_[*id] = pod;
    waiting_.erase(*id);
  }

  static bool lacks_room(Unfit reason) {
    return reason == Unfit::Pods || reason == Unfit::Cpu || reason == Unfit::Memory ||
           reason == Unfit::EphemeralStorage || reason == Unfit::ExtendedResource ||
           reason == Unfit::Gpu;
  }

  void forget() {
    const std::optional<PodId> id = pick(placed_);
    if (!id || !placed_.at(*id).is_assumed) return;
    state_.apply(change::PodForgotten{.id = *id, .node = placed_.at(*id).node});
    waiting_[*id] = requests_.at(*id);
    placed_.erase(*id);
  }

  void confirm() {
    const std::optional<PodId> id = pick(placed_);
    if (!id) return;
    Holding& holding = placed_.at(*id);
    if (holding.is_assumed) {
      state_.apply(change::PodBound{.id = *id, .node = holding.node, .devices = holding.devices});
      holding.is_assumed = false;
    }
    state_.apply(change::PodStarted{.id = *id});
  }

  void end() {
    const bool waiting = *rc::gen::inRange(0, 4) == 0;
    const std::optional<PodId> id = waiting ? pick(waiting_) : pick(placed_);
    if (!id) return;
    state_.apply(change::PodEnded{.id = *id, .phase = PodPhase::Succeeded});
    waiting_.erase(*id);
    placed_.erase(*id);
    free_ids_.push_back(*id);
  }

  void toggle_node() {
    const NodeId node{*rc::gen::inRange<std::size_t>(0, state_.node_count())};
    const bool on = *rc::gen::arbitrary<bool>();
    state_.apply(*rc::gen::arbitrary<bool>()
                     ? StateChange{change::NodeReadyChanged{.id = node, .is_ready = on}}
                     : StateChange{change::NodeCordonChanged{.id = node, .is_cordoned = on}});
  }

  template <class Map>
  static std::optional<PodId> pick(const Map& pods) {
    if (pods.empty()) return std::nullopt;
    const auto position = *rc::gen::inRange<std::size_t>(0, pods.size());
    return std::next(pods.begin(), static_cast<std::ptrdiff_t>(position))->first;
  }

  void check_node(NodeId node) const {
    MilliCpu cpu;
    Bytes memory;
    Bytes storage;
    std::int32_t pods = 0;
    std::int64_t fpgas = 0;
    std::vector<int> milli(kGpusPerNodeMax);
    for (const auto& [id, holding] : placed_) {
      if (holding.node != node) continue;
      const PodTemplate& spec = templates_[requests_.at(id).pod_template.index()];
      cpu += requests_.at(id).cpu;
      memory += requests_.at(id).memory;
      storage += spec.ephemeral_storage;
      pods += 1;
      if (!spec.extended.empty()) fpgas += spec.extended.at("fpga");
      for (std::size_t device = 0; device < kGpusPerNodeMax; ++device) {
        if (holding.devices.has(device)) milli[device] += spec.gpu.milli;
      }
    }
    const NodeColumns& nodes = state_.nodes();
    RC_ASSERT(nodes.cpu_allocatable[node] - nodes.cpu_free[node] == cpu);
    RC_ASSERT(nodes.memory_allocatable[node] - nodes.memory_free[node] == memory);
    RC_ASSERT(nodes.storage_allocatable[node] - nodes.storage_free[node] == storage);
    RC_ASSERT(nodes.pods_allocatable[node] - nodes.pods_free[node] == pods);
    const ExtendedColumn& column = nodes.extended.at("fpga");
    RC_ASSERT(column.allocatable[node] - column.free[node] == fpgas);
    RC_ASSERT(nodes.cpu_free[node].count() >= 0);
    RC_ASSERT(nodes.memory_free[node].count() >= 0);
    RC_ASSERT(nodes.storage_free[node].count() >= 0);
    RC_ASSERT(nodes.pods_free[node] >= 0);
    RC_ASSERT(column.free[node] >= 0);
    check_devices(node, milli);
  }

  void check_devices(NodeId node, const std::vector<int>& milli) const {
    const NodeColumns& nodes = state_.nodes();
    std::int64_t free_total = 0;
    for (std::size_t device = 0; device < kGpusPerNodeMax; ++device) {
      const bool exists = device < static_cast<std::size_t>(nodes.gpu_count[node]);
      const int left = nodes.gpu_devices[node].free[device];
      RC_ASSERT(left == (exists ? 1000 : 0) - milli[device]);
      RC_ASSERT(left >= 0);
      free_total += left;
    }
    RC_ASSERT(nodes.gpu_free[node] == MilliGpu{free_total});
  }

  const std::vector<PodTemplate> templates_ = some_templates();
  ClusterState state_;
  std::map<PodId, Pod> waiting_;
  std::map<PodId, Holding> placed_;
  std::map<PodId, Pod> requests_;
  std::vector<PodId> free_ids_;
  std::uint64_t uids_ = 0;
};

RC_GTEST_PROP(ClusterStateProperty, KeepsTheBooksWhateverHappens, ()) {
  Story story;
  const int steps = *rc::gen::inRange(1, 120);
  for (int step = 0; step < steps; ++step) {
    story.step();
    story.check();
  }
}

}  // namespace
}  // namespace orrery
