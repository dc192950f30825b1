#include "orrery/models/cluster_state.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "orrery/models/check.hpp"

namespace orrery {
namespace {

std::uint8_t bit(NodeBlock block) { return static_cast<std::uint8_t>(block); }

void set_block(std::uint8_t& blocked, NodeBlock block, bool on) {
  blocked = static_cast<std::uint8_t>(on ? blocked | bit(block) : blocked & ~bit(block));
}

std::size_t position_of(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

GpuDevices whole_devices(std::int32_t count) {
  GpuDevices devices;
  std::fill_n(devices.free.begin(), count, static_cast<std::int16_t>(kWholeGpu.count()));
  return devices;
}

void shift_devices(GpuDevices& devices, GpuDeviceMask mask, int milli) {
  for (std::size_t device = 0; device < kGpusPerNodeMax; ++device) {
    if (mask.has(device)) {
      devices.free[device] = static_cast<std::int16_t>(devices.free[device] + milli);
    }
  }
}

bool tolerates_all(const PodTemplate& pod, const std::vector<Taint>& taints) {
  return std::all_of(taints.begin(), taints.end(), [&](const Taint& taint) {
    return taint.effect == TaintEffect::PreferNoSchedule ||
           std::any_of(pod.tolerations.begin(), pod.tolerations.end(),
                       [&](const Toleration& toleration) { return toleration.tolerates(taint); });
  });
}

bool selects(const PodTemplate& pod, const Node& node) {
  const Labels& labels = node.labels;
  const bool selected =
      std::all_of(pod.node_selector.begin(), pod.node_selector.end(), [&](const auto& wanted) {
        const auto found = labels.find(wanted.first);
        return found != labels.end() && found->second == wanted.second;
      });
  return selected && pod.affinity.admits(labels, node.name);
}

/// A cordoned node is one with this taint, and so is one that is not ready
/// (k8s.io/api core/v1 well_known_taints.go).
std::uint8_t blocks_overcome_by(const std::vector<Toleration>& tolerations) {
  std::uint8_t blocks = 0;
  for (const Toleration& one : tolerations) {
    if (one.tolerates({.key = "node.kubernetes.io/unschedulable"})) {
      set_block(blocks, NodeBlock::Cordoned, true);
    }
    if (one.tolerates({.key = "node.kubernetes.io/not-ready"})) {
      set_block(blocks, NodeBlock::NotReady, true);
    }
  }
  return blocks;
}

/// What one node has to offer, free or in all, so that both questions share one list of reasons.
struct Offer {
  MilliCpu cpu;
  Bytes memory;
  Bytes storage;
  std::int32_t pods;
};

Unfit unfit_plain(const Offer& offer, const Pod& pod, const PodTemplate& spec) {
  if (offer.pods < 1) return Unfit::Pods;
  if (offer.cpu < pod.cpu) return Unfit::Cpu;
  if (offer.memory < pod.memory) return Unfit::Memory;
  if (offer.storage < spec.ephemeral_storage) return Unfit::EphemeralStorage;
  return Unfit::None;
}

}  // namespace

std::string_view to_string(Unfit reason) {
  switch (reason) {
    case Unfit::None:
      return "fits";
    case Unfit::NotReady:
      return "node not ready";
    case Unfit::Cordoned:
      return "node cordoned";
    case Unfit::Removed:
      return "node removed";
    case Unfit::NodeSelector:
      return "node selector or affinity does not match";
    case Unfit::Taint:
      return "untolerated taint";
    case Unfit::Pods:
      return "too many pods";
    case Unfit::Cpu:
      return "insufficient cpu";
    case Unfit::Memory:
      return "insufficient memory";
    case Unfit::EphemeralStorage:
      return "insufficient ephemeral-storage";
    case Unfit::ExtendedResource:
      return "insufficient extended resource";
    case Unfit::GpuModel:
      return "GPU model not admissible";
    case Unfit::Gpu:
      return "insufficient gpu";
  }
  return "unknown";
}

GpuDeviceMask best_fit_devices(const GpuDevices& devices, GpuRequest request) {
  GpuDeviceMask chosen;
  for (int taken = 0; taken < request.count; ++taken) {
    std::size_t best = kGpusPerNodeMax;
    for (std::size_t device = 0; device < kGpusPerNodeMax; ++device) {
      if (chosen.has(device) || devices.free[device] < request.milli) continue;
      if (best == kGpusPerNodeMax || devices.free[device] < devices.free[best]) best = device;
    }
    if (best == kGpusPerNodeMax) return {};
    chosen.add(best);
  }
  return chosen;
}

void ClusterState::apply(const StateChange& change) {
  visit_change([this](const auto& specific) { apply(specific); }, change);
}

void ClusterState::apply(const change::TemplateAdded& added) {
  ORRERY_CHECK(added.id.index() == templates_.size(), "templates are added in the order of ids");
  ResolvedTemplate resolved{.spec = added.pod_template};
  resolve(resolved);
  templates_.push_back(std::move(resolved));
}

void ClusterState::resolve(ResolvedTemplate& resolved) const {
  const PodTemplate& spec = *resolved.spec;
  resolved.ignored_blocks = blocks_overcome_by(spec.tolerations);
  resolved.has_placement_rules = !spec.node_selector.empty() || !spec.affinity.required.empty();
  resolved.is_plain = !resolved.has_placement_rules && spec.gpu.count == 0 &&
                      spec.ephemeral_storage.count() == 0 && spec.extended.empty();
  if (spec.gpu_models.empty()) return;
  resolved.gpu_models = 0;
  for (std::size_t model = 0; model < gpu_models_.size(); ++model) {
    if (std::find(spec.gpu_models.begin(), spec.gpu_models.end(), gpu_models_[model]) !=
        spec.gpu_models.end()) {
      resolved.gpu_models |= std::uint64_t{1} << model;
    }
  }
}

GpuModelId ClusterState::intern_gpu_model(const std::string& name) {
  const std::size_t known = gpu_models_.size();
  const std::size_t position = position_of(gpu_models_, name);
  ORRERY_CHECK(position < kGpuModelsMax, "too many GPU models in one cluster");
  if (position == known) {
    for (ResolvedTemplate& resolved : templates_) resolve(resolved);
  }
  return GpuModelId{position};
}

void ClusterState::apply(const change::NodeAdded& added) {
  ORRERY_CHECK(added.id.index() == nodes_.size(), "nodes are added in the order of ids");
  const Node& node = *added.node;
  ORRERY_CHECK(node.gpus >= 0 && static_cast<std::size_t>(node.gpus) <= kGpusPerNodeMax,
               "too many GPUs on one node");
  nodes_.cpu_allocatable.push_back(node.cpu);
  nodes_.cpu_free.push_back(node.cpu);
  nodes_.memory_allocatable.push_back(node.memory);
  nodes_.memory_free.push_back(node.memory);
  nodes_.storage_allocatable.push_back(node.ephemeral_storage);
  nodes_.storage_free.push_back(node.ephemeral_storage);
  nodes_.pods_allocatable.push_back(node.pods);
  nodes_.pods_free.push_back(node.pods);
  nodes_.gpu_count.push_back(node.gpus);
  nodes_.gpu_model.push_back(node.gpus > 0 ? intern_gpu_model(node.gpu_model) : GpuModelId{});
  nodes_.gpu_free.push_back(kWholeGpu * node.gpus);
  nodes_.gpu_devices.push_back(whole_devices(node.gpus));
  nodes_.blocked.push_back(0);
  nodes_.zone.push_back(node.zone.empty() ? ZoneId{} : ZoneId{position_of(zones_, node.zone)});
  nodes_.rack.push_back(node.rack.empty() ? RackId{} : RackId{position_of(racks_, node.rack)});
  for (const auto& [name, amount] : node.extended) nodes_.extended[name];
  for (auto& [name, column] : nodes_.extended) {
    const auto found = node.extended.find(name);
    const std::int64_t amount = found == node.extended.end() ? 0 : found->second;
    column.allocatable.resize(nodes_.size());
    column.free.resize(nodes_.size());
    column.allocatable[added.id] = amount;
    column.free[added.id] = amount;
  }
  nodes_.info.push_back(added.node);
  nodes_.is_tainted.push_back(node.taints.empty() ? 0 : 1);
  nodes_.taints.push_back(std::make_shared<const std::vector<Taint>>(node.taints));
}

void ClusterState::apply(const change::NodeReadyChanged& changed) {
  set_block(nodes_.blocked[changed.id], NodeBlock::NotReady, !changed.is_ready);
}

void ClusterState::apply(const change::NodeCordonChanged& changed) {
  set_block(nodes_.blocked[changed.id], NodeBlock::Cordoned, changed.is_cordoned);
}

void ClusterState::apply(const change::NodeTaintsChanged& changed) {
  nodes_.taints[changed.id] = changed.taints;
  nodes_.is_tainted[changed.id] = changed.taints->empty() ? 0 : 1;
}

void ClusterState::apply(const change::NodeRemoved& removed) {
  set_block(nodes_.blocked[removed.id], NodeBlock::Removed, true);
}

void ClusterState::apply(const change::PodAdded& added) {
  while (!pods_.contains(added.id)) pods_.push_back(Pod{});
  ORRERY_CHECK(pods_[added.id].uid == 0, "pod id is still in use");
  ORRERY_CHECK(added.pod.uid != 0, "pod without uid");
  pods_[added.id] = added.pod;
  if (added.pod.node) take(added.id, added.pod.node, added.pod.devices);
}

void ClusterState::apply(const change::PodAssumed& assumed) {
  Pod& pod = pods_[assumed.id];
  ORRERY_CHECK(pod.uid != 0 && pod.node.is_none(), "assumed pod must be waiting");
  take(assumed.id, assumed.node, assumed.devices);
  pod.is_assumed = true;
  if (!nominations_.empty()) nominations_.erase(assumed.id);
}

void ClusterState::apply(const change::PodForgotten& forgotten) {
  ORRERY_CHECK(pods_[forgotten.id].is_assumed, "forgotten pod must be assumed");
  give_back(forgotten.id);
}

void ClusterState::apply(const change::PodBound& bound) {
  Pod& pod = pods_[bound.id];
  ORRERY_CHECK(pod.uid != 0, "bound pod must exist");
  ORRERY_CHECK(!pod.is_assumed || (pod.node == bound.node && pod.devices == bound.devices),
               "a pod that somebody else bound elsewhere is forgotten first");
  if (pod.node.is_none()) take(bound.id, bound.node, bound.devices);
  pod.is_assumed = false;
  if (!nominations_.empty()) nominations_.erase(bound.id);
}

void ClusterState::apply(const change::PodStarted& started) {
  pods_[started.id].phase = PodPhase::Running;
}

void ClusterState::apply(const change::PodEnded& ended) {
  Pod& pod = pods_[ended.id];
  ORRERY_CHECK(pod.uid != 0, "ended pod must exist");
  const NodeId node = pod.node;
  if (node) give_back(ended.id);
  pod.node = node;  // for those who are notified now
  pod.phase = ended.phase;
  pod.uid = 0;
  nominations_.erase(ended.id);
}

void ClusterState::apply(const change::PodTerminating& terminating) {
  pods_[terminating.id].is_terminating = true;
}

void ClusterState::apply(const change::PodNominated& nominated) {
  if (nominated.node) {
    nominations_[nominated.id] = nominated.node;
  } else {
    nominations_.erase(nominated.id);
  }
}

void ClusterState::apply(const change::BudgetChanged& changed) {
  if (!budgets_.contains(changed.id)) budgets_.resize(changed.id.index() + 1);
  budgets_[changed.id] = changed.budget;
}

void ClusterState::take(PodId id, NodeId node, GpuDeviceMask devices) {
  Pod& pod = pods_[id];
  const ResolvedTemplate& resolved = templates_[pod.pod_template];
  if (!has_plain_room(node, pod)) over_committed(node);
  nodes_.cpu_free[node] -= pod.cpu;
  nodes_.memory_free[node] -= pod.memory;
  nodes_.pods_free[node] -= 1;
  if (resolved.is_plain) {
    ORRERY_CHECK(devices.empty(), "devices for a pod that asks for none");
  } else {
    take_special(*resolved.spec, node, devices);
  }
  pod.node = node;
  pod.devices = devices;
}

void ClusterState::take_special(const PodTemplate& spec, NodeId node, GpuDeviceMask devices) {
  ORRERY_CHECK(devices.size() == spec.gpu.count, "a device for each GPU asked for");
  nodes_.storage_free[node] -= spec.ephemeral_storage;
  bool is_within = nodes_.storage_free[node].count() >= 0;
  if (spec.gpu.count > 0) {
    shift_devices(nodes_.gpu_devices[node], devices, -spec.gpu.milli);
    nodes_.gpu_free[node] -= spec.gpu.total();
    for (const std::int16_t left : nodes_.gpu_devices[node].free) is_within &= left >= 0;
  }
  for (const auto& [name, amount] : spec.extended) {
    const auto column = nodes_.extended.find(name);
    ORRERY_CHECK(column != nodes_.extended.end(), "the node offers the extended resource");
    column->second.free[node] -= amount;
    is_within &= column->second.free[node] >= 0;
  }
  if (!is_within) over_committed(node);
}

void ClusterState::give_back(PodId id) {
  Pod& pod = pods_[id];
  const ResolvedTemplate& resolved = templates_[pod.pod_template];
  nodes_.cpu_free[pod.node] += pod.cpu;
  nodes_.memory_free[pod.node] += pod.memory;
  nodes_.pods_free[pod.node] += 1;
  if (!resolved.is_plain) give_back_special(*resolved.spec, pod.node, pod.devices);
  pod.node = NodeId{};
  pod.devices = GpuDeviceMask{};
  pod.is_assumed = false;
}

void ClusterState::give_back_special(const PodTemplate& spec, NodeId node, GpuDeviceMask devices) {
  nodes_.storage_free[node] += spec.ephemeral_storage;
  if (spec.gpu.count > 0) {
    shift_devices(nodes_.gpu_devices[node], devices, spec.gpu.milli);
    nodes_.gpu_free[node] += spec.gpu.total();
  }
  for (const auto& [name, amount] : spec.extended) {
    nodes_.extended.find(name)->second.free[node] += amount;
  }
}

void ClusterState::over_committed(NodeId node) const {
  ORRERY_CHECK(false, fmt::format("node {} is over-committed", node_name(node)));
}

Unfit ClusterState::excluded(NodeId node, PodTemplateId id) const {
  const ResolvedTemplate& resolved = templates_[id];
  if (resolved.has_placement_rules && !selects(*resolved.spec, *nodes_.info[node])) {
    return Unfit::NodeSelector;
  }
  if (nodes_.is_tainted[node] != 0 && !tolerates_all(*resolved.spec, *nodes_.taints[node])) {
    return Unfit::Taint;
  }
  if (resolved.spec->gpu.count > 0 && resolved.gpu_models != ~std::uint64_t{0}) {
    const GpuModelId model = nodes_.gpu_model[node];
    if (model.is_none() || ((resolved.gpu_models >> model.index()) & 1U) == 0) {
      return Unfit::GpuModel;
    }
  }
  return Unfit::None;
}

Unfit ClusterState::unfit(NodeId node, const Pod& pod, std::uint8_t ignored_blocks) const {
  const ResolvedTemplate& resolved = templates_[pod.pod_template];
  const auto blocked = static_cast<std::uint8_t>(nodes_.blocked[node] & ~unsigned{ignored_blocks});
  if (blocked != 0) {
    if ((blocked & bit(NodeBlock::Removed)) != 0) return Unfit::Removed;
    return (blocked & bit(NodeBlock::NotReady)) != 0 ? Unfit::NotReady : Unfit::Cordoned;
  }
  const PodTemplate& spec = *resolved.spec;
  const Unfit plain = unfit_plain({.cpu = nodes_.cpu_free[node],
                                   .memory = nodes_.memory_free[node],
                                   .storage = nodes_.storage_free[node],
                                   .pods = nodes_.pods_free[node]},
                                  pod, spec);
  if (plain != Unfit::None) return plain;
  if (spec.gpu.count > 0 && nodes_.gpu_devices[node].count_with(spec.gpu.milli) < spec.gpu.count) {
    return Unfit::Gpu;
  }
  for (const auto& [name, amount] : spec.extended) {
    const auto column = nodes_.extended.find(name);
    if (column == nodes_.extended.end() || column->second.free[node] < amount) {
      return Unfit::ExtendedResource;
    }
  }
  return excluded(node, pod.pod_template);
}

Unfit ClusterState::never_fits(NodeId node, const Pod& pod) const {
  if ((nodes_.blocked[node] & bit(NodeBlock::Removed)) != 0) return Unfit::Removed;
  const PodTemplate& spec = *templates_[pod.pod_template].spec;
  const Unfit plain = unfit_plain({.cpu = nodes_.cpu_allocatable[node],
                                   .memory = nodes_.memory_allocatable[node],
                                   .storage = nodes_.storage_allocatable[node],
                                   .pods = nodes_.pods_allocatable[node]},
                                  pod, spec);
  if (plain != Unfit::None) return plain;
  if (spec.gpu.count > 0 && (nodes_.gpu_count[node] < spec.gpu.count ||
                             spec.gpu.milli > static_cast<std::int16_t>(kWholeGpu.count()))) {
    return Unfit::Gpu;
  }
  for (const auto& [name, amount] : spec.extended) {
    const auto column = nodes_.extended.find(name);
    if (column == nodes_.extended.end() || column->second.allocatable[node] < amount) {
      return Unfit::ExtendedResource;
    }
  }
  return excluded(node, pod.pod_template);
}

MilliCpu ClusterState::cpu_allocatable_total() const {
  MilliCpu total;
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (nodes_.blocked[NodeId{node}] == 0) total += nodes_.cpu_allocatable[NodeId{node}];
  }
  return total;
}

MilliGpu ClusterState::gpu_allocatable_total() const {
  MilliGpu total;
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (nodes_.blocked[NodeId{node}] == 0) total += kWholeGpu * nodes_.gpu_count[NodeId{node}];
  }
  return total;
}

}  // namespace orrery
