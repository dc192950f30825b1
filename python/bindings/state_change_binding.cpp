#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include <fmt/format.h>

#include "orrery/python/bindings/state_change_binding.hpp"

namespace orrery::python {
namespace {

struct Kind {
  const char* operator()(const change::TemplateAdded&) const { return "TemplateAdded"; }
  const char* operator()(const change::NodeAdded&) const { return "NodeAdded"; }
  const char* operator()(const change::NodeReadyChanged&) const { return "NodeReadyChanged"; }
  const char* operator()(const change::NodeCordonChanged&) const { return "NodeCordonChanged"; }
  const char* operator()(const change::NodeTaintsChanged&) const { return "NodeTaintsChanged"; }
  const char* operator()(const change::NodeRemoved&) const { return "NodeRemoved"; }
  const char* operator()(const change::PodAdded&) const { return "PodAdded"; }
  const char* operator()(const change::PodAssumed&) const { return "PodAssumed"; }
  const char* operator()(const change::PodForgotten&) const { return "PodForgotten"; }
  const char* operator()(const change::PodBound&) const { return "PodBound"; }
  const char* operator()(const change::PodStarted&) const { return "PodStarted"; }
  const char* operator()(const change::PodEnded&) const { return "PodEnded"; }
  const char* operator()(const change::PodTerminating&) const { return "PodTerminating"; }
  const char* operator()(const change::PodNominated&) const { return "PodNominated"; }
  const char* operator()(const change::BudgetChanged&) const { return "BudgetChanged"; }
};

const char* kind_of(const StateChange& change) { return std::visit(Kind{}, change); }

NodeId node_of(const StateChange& change) {
  return std::visit(
      [](const auto& one) -> NodeId {
        if constexpr (std::is_same_v<decltype(one.id), NodeId>) {
          return one.id;
        } else if constexpr (requires { one.node; }) {
          return one.node;
        } else if constexpr (requires { one.pod; }) {
          return one.pod.node;
        } else {
          return {};
        }
      },
      change);
}

py::object pod_of(const StateChange& change) {
  return std::visit(
      [](const auto& one) -> py::object {
        if constexpr (std::is_same_v<decltype(one.id), PodId>) {
          return py::int_(one.id.index());
        } else {
          return py::none();
        }
      },
      change);
}

py::object flag_of(const StateChange& change) {
  if (const auto* ready = std::get_if<change::NodeReadyChanged>(&change)) {
    return py::bool_(ready->is_ready);
  }
  if (const auto* cordon = std::get_if<change::NodeCordonChanged>(&change)) {
    return py::bool_(cordon->is_cordoned);
  }
  return py::none();
}

}  // namespace

void bind_state_change(py::module_& module) {
  py::class_<StateChange>(module, "StateChange",
                          "What the API server's watch reports, or a reservation of the "
                          "scheduler's own; just applied to the view.")
      .def_property_readonly("kind", kind_of,
                             "NodeAdded, NodeReadyChanged, NodeCordonChanged, NodeTaintsChanged, "
                             "NodeRemoved, PodAdded, PodAssumed, PodForgotten, PodBound, "
                             "PodStarted, PodEnded, PodTerminating, PodNominated, "
                             "BudgetChanged or TemplateAdded.")
      .def_property_readonly(
          "node", [](const StateChange& change) { return node_index(node_of(change)); },
          "Index of the node that it names; None when it names none.")
      .def_property_readonly("pod", pod_of, "Id of the pod that it is about, or None.")
      .def_property_readonly("flag", flag_of,
                             "Of NodeReadyChanged: is it ready? Of NodeCordonChanged: is it "
                             "cordoned? Else None.")
      .def("__repr__", [](const StateChange& change) {
        return fmt::format("StateChange({}, node={}, pod={})", kind_of(change),
                           py::repr(node_index(node_of(change))).cast<std::string>(),
                           py::repr(pod_of(change)).cast<std::string>());
      });
}

}  // namespace orrery::python
