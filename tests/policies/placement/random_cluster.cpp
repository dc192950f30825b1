#include "orrery/tests/policies/placement/random_cluster.hpp"

#include <array>
#include <memory>
#include <utility>

#include "orrery/models/stream.hpp"

namespace orrery::test {
namespace {

/// Independent choices out of one word: pick(n) gives 0 … n − 1.
class Choices {
 public:
  explicit Choices(std::uint32_t word) : stream_(word, Purpose::Test, 0) {}
  std::size_t pick(std::size_t n) { return static_cast<std::size_t>(stream_.below(n)); }
  template <class Value, std::size_t n>
  Value of(const std::array<Value, n>& values) {
    return values[pick(n)];
  }

 private:
  Stream stream_;
};

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

Node random_node(std::uint32_t word) {
  Choices choices{word};
  Node node;
  node.cpu = MilliCpu{choices.of(std::array{2000, 4000, 7770, 8000})};
  // A byte less than a whole MiB: what looks equal in MiB need not fit.
  node.memory = Bytes{choices.of(std::array{4 * kGiB, 8 * kGiB, 8 * kGiB - 1, 16 * kGiB})};
  node.pods = choices.of(std::array{3, 110, 110, 110});
  node.gpus = choices.of(std::array{0, 1, 2, 4, 8});
  node.gpu_model = choices.of(std::array{"T4", "V100", "A10"});
  node.ephemeral_storage = Bytes{choices.of(std::array{0 * kGiB, 10 * kGiB})};
  if (choices.pick(3) == 0) node.extended["example.com/fpga"] = 1;
  if (choices.pick(2) == 0) node.labels["disk"] = "ssd";
  if (choices.pick(6) == 0) node.taints.push_back({.key = "dedicated", .value = "gpu"});
  return node;
}

std::shared_ptr<const PodTemplate> template_number(std::size_t number) {
  constexpr std::array<GpuRequest, 8> kGpus{{{.count = 0},
                                             {.count = 0},
                                             {.count = 1, .milli = 250},
                                             {.count = 1, .milli = 500},
                                             {.count = 1, .milli = 999},
                                             {.count = 1},
                                             {.count = 2},
                                             {.count = 4}}};
  auto made = std::make_shared<PodTemplate>();
  made->gpu = kGpus[number % kGpus.size()];
  const std::size_t extra = number / kGpus.size();
  if (extra == 1) made->gpu_models = {"V100", "H100"};
  if (extra == 2) made->node_selector["disk"] = "ssd";
  if (extra == 3) {
    made->tolerations.push_back({.key = "dedicated", .op = Toleration::Operator::Exists});
  }
  if (extra == 4) made->extended["example.com/fpga"] = 1;
  if (extra == 5) made->ephemeral_storage = Bytes{6 * kGiB};
  return made;
}
constexpr std::size_t kTemplates = 8 * 6;

}  // namespace

RandomCluster::RandomCluster(Listener listener) : listener_(std::move(listener)) {
  for (std::size_t number = 0; number < kTemplates; ++number) {
    change(change::TemplateAdded{.id = PodTemplateId{number},
                                 .pod_template = template_number(number)});
  }
}

void RandomCluster::change(const StateChange& change) {
  state_.apply(change);
  listener_(change);
}

void RandomCluster::add_node(std::uint32_t word) {
  change(change::NodeAdded{.id = NodeId{state_.node_count()},
                           .node = std::make_shared<const Node>(random_node(word))});
}

PodId RandomCluster::add_pod(std::uint32_t word) {
  Choices choices{word};
  Pod pod;
  pod.uid = ++pods_made_;
  pod.cpu = MilliCpu{choices.of(std::array{0, 250, 500, 1000, 1300, 3000})};
  pod.memory =
      Bytes{choices.of(std::array{0 * kGiB, kGiB, kGiB + 1, 3 * kGiB, 8 * kGiB - 1, 8 * kGiB})};
  // Plain templates are more frequent than those with rules.
  const std::size_t extra = choices.pick(2) == 0 ? 0 : choices.pick(6);
  pod.pod_template = PodTemplateId{extra * 8 + choices.pick(8)};
  PodId id{state_.pods().size()};
  if (!free_ids_.empty()) {
    id = free_ids_.back();
    free_ids_.pop_back();
  }
  change(change::PodAdded{.id = id, .pod = pod});
  return id;
}

void RandomCluster::assume(PodId pod, NodeId node, GpuDeviceMask devices) {
  change(change::PodAssumed{.id = pod, .node = node, .devices = devices});
  held_.push_back(pod);
}

void RandomCluster::give_up(PodId pod) {
  change(change::PodEnded{.id = pod, .phase = PodPhase::Failed});
  free_ids_.push_back(pod);
}

void RandomCluster::end_or_forget(std::uint32_t word) {
  if (held_.empty()) return;
  Choices choices{word};
  const std::size_t at = choices.pick(held_.size());
  const PodId pod = held_[at];
  const Pod row = state_.pod(pod);
  if (row.is_assumed && choices.pick(2) == 0) {
    change(change::PodBound{.id = pod, .node = row.node, .devices = row.devices});
    change(change::PodStarted{.id = pod});
    return;
  }
  held_[at] = held_.back();
  held_.pop_back();
  if (row.is_assumed) change(change::PodForgotten{.id = pod, .node = row.node});
  change(change::PodEnded{.id = pod, .phase = PodPhase::Succeeded});
  free_ids_.push_back(pod);
}

void RandomCluster::trouble_node(std::uint32_t word) {
  if (state_.node_count() == 0) return;
  Choices choices{word};
  const NodeId node{choices.pick(state_.node_count())};
  switch (choices.pick(8)) {
    case 0:
      change(change::NodeReadyChanged{.id = node, .is_ready = false});
      break;
    case 1:
      change(change::NodeCordonChanged{.id = node, .is_cordoned = true});
      break;
    case 2:
      change(change::NodeTaintsChanged{.id = node,
                                       .taints = std::make_shared<const std::vector<Taint>>(
                                           1, Taint{.key = "dedicated", .value = "gpu"})});
      break;
    case 3:
      if (choices.pick(8) == 0) change(change::NodeRemoved{.id = node});
      break;
    default:
      change(change::NodeReadyChanged{.id = node, .is_ready = true});
      change(change::NodeCordonChanged{.id = node, .is_cordoned = false});
      change(change::NodeTaintsChanged{.id = node,
                                       .taints = std::make_shared<const std::vector<Taint>>()});
  }
}

PodId RandomCluster::step(std::uint32_t word) {
  switch (Choices{word}.pick(8)) {
    case 0:
      trouble_node(word / 8);
      return {};
    case 1:
    case 2:
      end_or_forget(word / 8);
      return {};
    case 3:
      if (state_.node_count() < 12 || word % 16 == 0) add_node(word / 8);
      return {};
    default:
      return add_pod(word / 8);
  }
}

}  // namespace orrery::test
