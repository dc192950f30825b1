#include "orrery/tests/support/cluster_builder.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

namespace orrery::test {
namespace {

template <class IdType>
IdType find_named(const std::map<std::string, IdType, std::less<>>& ids, std::string_view name) {
  const auto found = ids.find(name);
  if (found == ids.end())
    throw std::out_of_range("the test names nothing '" + std::string(name) + "'");
  return found->second;
}

}  // namespace

PodTemplate template_of(const PodSpec& spec) {
  PodTemplate made;
  made.owner = spec.owner;
  made.labels = spec.labels;
  made.priority = spec.priority;
  made.gpu = spec.gpu;
  made.gpu_models = spec.gpu_models;
  made.ephemeral_storage = spec.ephemeral_storage;
  made.extended = spec.extended;
  made.node_selector = spec.node_selector;
  made.affinity = spec.affinity;
  made.tolerations = spec.tolerations;
  made.name_space = spec.name_space;
  made.pod_affinity = spec.pod_affinity;
  made.pod_anti_affinity = spec.pod_anti_affinity;
  made.topology_spread = spec.topology_spread;
  made.default_spread_selector = spec.default_spread_selector;
  made.host_ports = spec.host_ports;
  made.images = spec.images;
  made.preempts = spec.preempts;
  return made;
}

NodeId NamedCluster::node(std::string_view name) const { return find_named(nodes_, name); }

PodId NamedCluster::pod(std::string_view name) const { return find_named(pods_, name); }

ClusterBuilder& ClusterBuilder::node(const std::string& name, Node node) {
  node.name = name;
  const NodeId id{cluster_.nodes_.size()};
  cluster_.state.apply(
      change::NodeAdded{.id = id, .node = std::make_shared<const Node>(std::move(node))});
  cluster_.nodes_[name] = id;
  return *this;
}

ClusterBuilder& ClusterBuilder::not_ready(std::string_view name) {
  cluster_.state.apply(change::NodeReadyChanged{.id = cluster_.node(name), .is_ready = false});
  return *this;
}

ClusterBuilder& ClusterBuilder::cordoned(std::string_view name) {
  cluster_.state.apply(change::NodeCordonChanged{.id = cluster_.node(name), .is_cordoned = true});
  return *this;
}

ClusterBuilder& ClusterBuilder::pending(const std::string& name, const PodSpec& spec) {
  const PodId id{cluster_.pods_.size()};
  Pod pod;
  pod.uid = cluster_.pods_.size() + 1;
  pod.cpu = spec.cpu;
  pod.memory = spec.memory;
  pod.created = spec.created;
  pod.estimated_duration = spec.estimated_duration;
  pod.pod_template = intern(spec);
  pod.gang = spec.gang;
  pod.gang_size = spec.gang_size;
  cluster_.state.apply(change::PodAdded{.id = id, .pod = pod});
  cluster_.pods_[name] = id;
  return *this;
}

ClusterBuilder& ClusterBuilder::running(const std::string& name, std::string_view node,
                                        const PodSpec& spec) {
  const NodeId on = cluster_.node(node);
  return running(name, node, spec,
                 best_fit_devices(cluster_.state.nodes().gpu_devices[on], spec.gpu));
}

ClusterBuilder& ClusterBuilder::running(const std::string& name, std::string_view node,
                                        const PodSpec& spec, GpuDeviceMask devices) {
  pending(name, spec);
  const PodId id = cluster_.pod(name);
  cluster_.state.apply(change::PodBound{.id = id, .node = cluster_.node(node), .devices = devices});
  cluster_.state.apply(change::PodStarted{.id = id});
  return *this;
}

PodTemplateId ClusterBuilder::intern(const PodSpec& spec) {
  PodTemplate wanted = template_of(spec);
  const ClusterState& state = cluster_.state;
  for (std::size_t index = 0; index < state.template_count(); ++index) {
    if (*state.resolved(PodTemplateId{index}).spec == wanted) return PodTemplateId{index};
  }
  const PodTemplateId id{state.template_count()};
  cluster_.state.apply(change::TemplateAdded{
      .id = id, .pod_template = std::make_shared<const PodTemplate>(std::move(wanted))});
  return id;
}

}  // namespace orrery::test
