#include "orrery/policies/placement/kube_default/cycle.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace orrery::policies::kube {
namespace {

constexpr const char* kGpus = "nvidia.com/gpu";

bool conflict(const std::vector<HostPort>& wanted, const std::vector<HostPort>& used) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const HostPort& port) {
    return std::any_of(used.begin(), used.end(),
                       [&](const HostPort& other) { return port.conflicts_with(other); });
  });
}

}  // namespace

Cycle::Cycle(SchedulerCache& cache, const ClusterView& view, PodId pod, SumsMemory& memory)
    : cache_(cache),
      state_(view.state),
      pod_(pod),
      row_(view.state.pod(pod)),
      compiled_(cache.compiled(row_.pod_template, state_)),
      affinity_(cache.counters().reads(row_.pod_template)),
      verdicts_(cache.node_rules().verdicts(compiled_.rules, state_)),
      sums_(memory) {
  const KubeSchedulerProfile& profile = cache.profile();
  const PodCounters& counters = cache.counters();
  checks_spread_ = profile.filters[Plugin::PodTopologySpread] && !compiled_.hard.empty();
  if (sums_.size() < compiled_.hard.rules().size()) sums_.resize(compiled_.hard.rules().size());
  for (std::size_t i = 0; checks_spread_ && i < compiled_.hard.rules().size(); ++i) {
    sums_[i].fill(compiled_.hard, i, counters, cache.topology());
  }
  // A plugin that has nothing to filter is left out of the cycle, nominated pods or not.
  const auto counts_somewhere = [&](CounterId one) { return !counters.is_zero(one); };
  checks_pod_affinity_ =
      profile.filters[Plugin::InterPodAffinity] &&
      (!affinity_.required.empty() || !affinity_.avoided.empty() ||
       std::any_of(affinity_.repelling.begin(), affinity_.repelling.end(), counts_somewhere));
  first_of_its_kind_ =
      affinity_.admits_itself &&
      std::none_of(affinity_.required.begin(), affinity_.required.end(), counts_somewhere);
  const PodTemplate& spec = *compiled_.spec;
  is_special_ = spec.ephemeral_storage.count() > 0 || spec.gpu.count > 0 || !spec.extended.empty();
  note_nominations();
}

void Cycle::note_nominations() {
  for (const auto& [pod, node] : state_.nominations()) {
    const Pod& other = state_.pod(pod);
    if (pod == pod_ || other.uid == 0 || other.node) continue;
    if (state_.resolved(other.pod_template).spec->priority >= compiled_.spec->priority) {
      nominated_.emplace_back(node, pod);
    }
  }
}

bool Cycle::has_nominated(NodeId node) const {
  return std::any_of(nominated_.begin(), nominated_.end(),
                     [&](const auto& one) { return one.first == node; });
}

Refusal Cycle::with_nominated(NodeId node, NodeTrial trial) const {
  for (const auto& [where, pod] : nominated_) {
    if (where == node) trial.add(pod);
  }
  return check(node, &trial);
}

Refusal Cycle::refusal(NodeId node) const {
  if (!nominated_.empty() && has_nominated(node)) {
    const Refusal refusal = with_nominated(node, trial(node));
    if (refusal != Refusal::None) return refusal;
  }
  return check(node, nullptr);
}

Refusal Cycle::refusal(NodeId node, const NodeTrial& trial) const {
  if (!nominated_.empty() && has_nominated(node)) {
    const Refusal refusal = with_nominated(node, trial);
    if (refusal != Refusal::None) return refusal;
  }
  return check(node, &trial);
}

Refusal Cycle::check(NodeId node, const NodeTrial* trial) const {
  const Refusal by_rules = check_rules(node);
  if (by_rules != Refusal::None) return by_rules;
  const bool asks_for_ports = !compiled_.spec->host_ports.empty();
  if (asks_for_ports && !has_free_ports(node, trial)) return Refusal::Ports;
  if (cache_.profile().filters[Plugin::NodeResourcesFit]) {
    const Refusal by_room = check_room(node, trial);
    if (by_room != Refusal::None) return by_room;
  }
  if (checks_spread_) {
    const Refusal by_spread = check_spread(node, trial);
    if (by_spread != Refusal::None) return by_spread;
  }
  return checks_pod_affinity_ ? check_pod_affinity(node, trial) : Refusal::None;
}

Refusal Cycle::check_rules(NodeId node) const {
  const std::uint8_t refused = verdicts_[node].refused;
  if (compiled_.named_nodes && cache_.profile().filters[Plugin::NodeAffinity]) [[unlikely]] {
    if (!compiled_.named_nodes->contains(state_.node_name(node))) return Refusal::NotNamed;
  }
  if (refused == 0) [[likely]]
    return Refusal::None;
  if ((refused & NodeVerdict::kRemoved) != 0) return Refusal::Removed;
  if ((refused & NodeVerdict::kUnschedulable) != 0) return Refusal::Unschedulable;
  return (refused & NodeVerdict::kTainted) != 0 ? Refusal::UntoleratedTaint : Refusal::NodeAffinity;
}

bool Cycle::has_free_ports(NodeId node, const NodeTrial* trial) const {
  if (!cache_.profile().filters[Plugin::NodePorts]) return true;
  const std::vector<HostPort>& used =
      trial == nullptr ? cache_.nodes().ports(node) : trial->ports();
  return !conflict(compiled_.spec->host_ports, used);
}

Refusal Cycle::check_room(NodeId node, const NodeTrial* trial) const {
  const NodeColumns& nodes = state_.nodes();
  const MilliCpu cpu_free = trial == nullptr ? nodes.cpu_free[node] : trial->room().cpu;
  const Bytes memory_free = trial == nullptr ? nodes.memory_free[node] : trial->room().memory;
  const std::int64_t pods_free = trial == nullptr ? nodes.pods_free[node] : trial->room().pods;
  Refusal refusal = pods_free < 1 ? Refusal::Resources : Refusal::None;
  if (row_.cpu.count() > 0 && row_.cpu > cpu_free) {
    if (row_.cpu > nodes.cpu_allocatable[node]) return Refusal::ResourcesNeverEnough;
    refusal = Refusal::Resources;
  }
  if (row_.memory.count() > 0 && row_.memory > memory_free) {
    if (row_.memory > nodes.memory_allocatable[node]) return Refusal::ResourcesNeverEnough;
    refusal = Refusal::Resources;
  }
  if (!is_special_) return refusal;
  const Refusal special =
      check_special_room(node, trial == nullptr ? NodeRoom::free_on(node, state_) : trial->room());
  return special == Refusal::None ? refusal : special;
}

Refusal Cycle::check_special_room(NodeId node, const NodeRoom& room) const {
  const NodeColumns& nodes = state_.nodes();
  const PodTemplate& spec = *compiled_.spec;
  Refusal refusal = Refusal::None;
  const auto ask = [&](bool has_room, bool is_ever_enough) {
    if (has_room || refusal == Refusal::ResourcesNeverEnough) return;
    refusal = is_ever_enough ? Refusal::Resources : Refusal::ResourcesNeverEnough;
  };
  ask(spec.ephemeral_storage.count() == 0 || spec.ephemeral_storage <= room.storage,
      spec.ephemeral_storage <= nodes.storage_allocatable[node]);
  if (spec.gpu.count > 0) {
    ask(room.gpus.count_with(spec.gpu.milli) >= spec.gpu.count,
        nodes.gpu_count[node] >= spec.gpu.count);
    const std::uint64_t models = state_.resolved(row_.pod_template).gpu_models;
    const GpuModelId model = nodes.gpu_model[node];
    const bool is_admissible =
        models == ~std::uint64_t{0} || (!model.is_none() && ((models >> model.index()) & 1U) != 0);
    ask(is_admissible, false);
  }
  for (const auto& [name, amount] : spec.extended) {
    if (amount == 0 || is_ignored(name)) continue;
    const auto column = nodes.extended.find(name);
    const bool is_there = column != nodes.extended.end();
    std::int64_t free = is_there ? column->second.free[node] : 0;
    const auto freed = room.extended_freed.find(name);
    if (freed != room.extended_freed.end()) free += freed->second;
    ask(amount <= free, is_there && amount <= column->second.allocatable[node]);
  }
  return refusal;
}

bool Cycle::is_ignored(const std::string& resource) const {
  const KubeSchedulerProfile& profile = cache_.profile();
  const auto names = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  return names(profile.ignored_resources, resource) ||
         names(profile.ignored_resource_groups, resource.substr(0, resource.find('/')));
}

Refusal Cycle::check_spread(NodeId node, const NodeTrial* trial) const {
  const Topology& topology = cache_.topology();
  for (std::size_t i = 0; i < compiled_.hard.rules().size(); ++i) {
    const SpreadRule& rule = compiled_.hard.rules()[i];
    const std::int32_t domain = topology.domain(rule.key, node);
    if (domain == Topology::kNoDomain) return Refusal::SpreadMissingLabel;
    const std::int32_t changed = trial == nullptr ? 0 : trial->spread_change(i);
    const bool is_too_few = compiled_.hard.domain_count(i) < rule.min_domains;
    const std::int64_t smallest = is_too_few ? 0 : sums_[i].smallest(domain, changed);
    const std::int64_t self = rule.matches_itself ? 1 : 0;
    if (sums_[i].in(domain) + changed + self - smallest > rule.max_skew) {
      return Refusal::SpreadSkew;
    }
  }
  return Refusal::None;
}

std::int64_t Cycle::count(CounterId counter, NodeId node, const NodeTrial* trial) const {
  const std::int64_t counted = cache_.counters().at(counter, node);
  return trial == nullptr ? counted : counted + trial->counter_change(counter);
}

Refusal Cycle::check_pod_affinity(NodeId node, const NodeTrial* trial) const {
  const PodCounters& counters = cache_.counters();
  const auto has_some = [&](CounterId counter) {
    return counters.has_key(counter, node) && count(counter, node, trial) > 0;
  };
  if (!affinity_.required.empty() && !has_company(node, trial)) return Refusal::PodAffinity;
  if (std::any_of(affinity_.avoided.begin(), affinity_.avoided.end(), has_some)) {
    return Refusal::PodAntiAffinity;
  }
  if (std::any_of(affinity_.repelling.begin(), affinity_.repelling.end(), has_some)) {
    return Refusal::ExistingAntiAffinity;
  }
  return Refusal::None;
}

bool Cycle::has_company(NodeId node, const NodeTrial* trial) const {
  bool is_complete = true;
  bool is_any_there = false;  // on this node's side, after the trial's changes
  for (const CounterId counter : affinity_.required) {
    if (!cache_.counters().has_key(counter, node)) return false;
    const std::int64_t here = count(counter, node, trial);
    is_complete &= here > 0;
    is_any_there |= here > 0;
  }
  if (is_complete) return true;
  if (trial == nullptr) return first_of_its_kind_;
  // The first of its kind must have nobody left, anywhere.
  const bool is_alone =
      std::all_of(affinity_.required.begin(), affinity_.required.end(), [&](CounterId counter) {
        return cache_.counters().total(counter) + trial->counter_change(counter) == 0;
      });
  return affinity_.admits_itself && !is_any_there && is_alone;
}

std::vector<std::string> Cycle::reasons(NodeId node) const {
  const Refusal first = refusal(node);
  if (first != Refusal::Resources && first != Refusal::ResourcesNeverEnough) {
    return {to_string(first)};
  }
  NodeTrial with = trial(node);
  for (const auto& [where, pod] : nominated_) {
    if (where == node) with.add(pod);
  }
  const NodeRoom& room = with.room();
  std::vector<std::string> reasons;
  if (room.pods < 1) reasons.emplace_back("Too many pods");
  if (row_.cpu.count() > 0 && row_.cpu > room.cpu) reasons.emplace_back("Insufficient cpu");
  if (row_.memory.count() > 0 && row_.memory > room.memory) {
    reasons.emplace_back("Insufficient memory");
  }
  const PodTemplate& spec = *compiled_.spec;
  if (spec.ephemeral_storage.count() > 0 && spec.ephemeral_storage > room.storage) {
    reasons.emplace_back("Insufficient ephemeral-storage");
  }
  if (spec.gpu.count > 0 && room.gpus.count_with(spec.gpu.milli) < spec.gpu.count) {
    reasons.push_back(fmt::format("Insufficient {}", kGpus));
  }
  for (const auto& [name, amount] : spec.extended) {
    const auto column = state_.nodes().extended.find(name);
    std::int64_t free = column == state_.nodes().extended.end() ? 0 : column->second.free[node];
    const auto freed = room.extended_freed.find(name);
    if (freed != room.extended_freed.end()) free += freed->second;
    if (amount > free && !is_ignored(name)) reasons.push_back(fmt::format("Insufficient {}", name));
  }
  if (reasons.empty()) reasons.push_back(to_string(first));
  return reasons;
}

}  // namespace orrery::policies::kube
