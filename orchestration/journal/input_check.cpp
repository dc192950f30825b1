#include "orrery/orchestration/journal/input_check.hpp"

#include <variant>

namespace orrery::orchestration {
namespace {

constexpr const char* kUnknownNode = "it names a node that was not added before";
constexpr const char* kUnknownPod = "it names a pod that was not added before";

struct Check {
  const ClusterState& state;

  [[nodiscard]] const char* node(NodeId id) const {
    return id.index() < state.node_count() ? nullptr : kUnknownNode;
  }
  [[nodiscard]] const char* pod(PodId id) const {
    return state.pods().contains(id) ? nullptr : kUnknownPod;
  }
  [[nodiscard]] const char* pod_on(PodId id, NodeId on) const {
    return pod(id) != nullptr ? kUnknownPod : node(on);
  }

  const char* operator()(const change::TemplateAdded& added) const {
    return added.id.index() == state.template_count() ? nullptr
                                                      : "templates come in the order of their ids";
  }
  const char* operator()(const change::NodeAdded& added) const {
    return added.id.index() == state.node_count() ? nullptr
                                                  : "nodes come in the order of their ids";
  }
  const char* operator()(const change::NodeReadyChanged& changed) const { return node(changed.id); }
  const char* operator()(const change::NodeCordonChanged& changed) const {
    return node(changed.id);
  }
  const char* operator()(const change::NodeTaintsChanged& changed) const {
    return node(changed.id);
  }
  const char* operator()(const change::NodeRemoved& removed) const { return node(removed.id); }
  const char* operator()(const change::PodAdded& added) const {
    if (added.id.index() > state.pods().size()) return "pod ids are dense, and one was left out";
    if (added.pod.pod_template.index() >= state.template_count()) {
      return "it names a template that was not added before";
    }
    return added.pod.node.is_none() ? nullptr : node(added.pod.node);
  }
  const char* operator()(const change::PodAssumed& assumed) const {
    return pod_on(assumed.id, assumed.node);
  }
  const char* operator()(const change::PodForgotten& forgotten) const {
    return pod_on(forgotten.id, forgotten.node);
  }
  const char* operator()(const change::PodBound& bound) const {
    return pod_on(bound.id, bound.node);
  }
  const char* operator()(const change::PodStarted& started) const { return pod(started.id); }
  const char* operator()(const change::PodEnded& ended) const { return pod(ended.id); }
  const char* operator()(const change::PodTerminating& terminating) const {
    return pod(terminating.id);
  }
  const char* operator()(const change::PodNominated& nominated) const {
    return nominated.node.is_none() ? pod(nominated.id) : pod_on(nominated.id, nominated.node);
  }
  const char* operator()(const change::BudgetChanged& changed) const {
    return changed.id.index() <= state.budgets().size()
               ? nullptr
               : "budget ids are dense, and one was left out";
  }
};

}  // namespace

const char* contradiction(const StateChange& change, const ClusterState& state) {
  return std::visit(Check{state}, change);
}

const char* contradiction(const BindFailed& refused, const ClusterState& state) {
  return Check{state}.pod(refused.pod);
}

}  // namespace orrery::orchestration
