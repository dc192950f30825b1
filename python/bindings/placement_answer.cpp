#include "orrery/python/bindings/placement_answer.hpp"

#include <string>

#include <fmt/format.h>
#include <pybind11/stl.h>

#include "orrery/policies/placement/binding.hpp"
#include "orrery/python/bindings/errors.hpp"

namespace orrery::python {
namespace {

using policies::ClusterView;
using policies::Placement;
using policies::WaitReason;

constexpr const char* kExpected =
    "expected the index of a node, an orrery.Placement, or None to wait";

std::string shown(const py::object& answer) {
  constexpr std::size_t kLongest = 80;
  auto text = py::repr(answer).cast<std::string>();
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "…";
  return fmt::format("{} ({})", text, Py_TYPE(answer.ptr())->tp_name);
}

/// A whole number: int and NumPy's integers, but not bool, which is a mistake.
std::optional<std::int64_t> whole(const py::object& answer) {
  if (PyBool_Check(answer.ptr()) || !PyIndex_Check(answer.ptr())) return std::nullopt;
  const Py_ssize_t number = PyNumber_AsSsize_t(answer.ptr(), nullptr);  // clips what is too large
  if (number == -1 && PyErr_Occurred() != nullptr) {  // an array of several numbers
    PyErr_Clear();
    return std::nullopt;
  }
  return number;
}

std::string request_text(const Pod& pod, const PodTemplate& spec) {
  std::string text =
      fmt::format("cpu {} milli, memory {} bytes", pod.cpu.count(), pod.memory.count());
  if (spec.gpu.count > 0) {
    text += fmt::format(", {} GPU of {} milli", spec.gpu.count, spec.gpu.milli);
  }
  return text;
}

/// Why the pod waits when the policy has not said: there is no room, or the policy left it.
WaitReason reason_to_wait(const ClusterView& view, PodId pod) {
  for (std::size_t i = 0; i < view.state.node_count(); ++i) {
    if (view.state.fits(NodeId{i}, view.state.pod(pod))) return WaitReason::PolicyChoice;
  }
  return WaitReason::NoFeasibleNode;
}

/// The devices that the answer names, each free enough for what the pod asks of one.
GpuDeviceMask checked_devices(const PythonObject& python, const char* method,
                              const ClusterView& view, PodId pod, NodeId node,
                              const std::vector<std::int64_t>& devices) {
  const GpuRequest& gpu = view.state.pod_template(pod).gpu;
  const GpuDevices& free = view.state.nodes().gpu_devices[node];
  const std::int32_t count = view.state.nodes().gpu_count[node];
  GpuDeviceMask mask;
  for (const std::int64_t device : devices) {
    if (device < 0 || device >= count) {
      python.fail(method, fmt::format("returned device {} of node {}, which has {} devices", device,
                                      node.index(), count));
    }
    const auto index = static_cast<std::size_t>(device);
    if (free.free[index] < gpu.milli) {
      python.fail(method, fmt::format("returned device {} of node {}, which has {} milli left: the "
                                      "pod asks for {}",
                                      device, node.index(), free.free[index], gpu.milli));
    }
    mask.add(index);
  }
  if (mask.size() != gpu.count || devices.size() != static_cast<std::size_t>(gpu.count)) {
    python.fail(method, fmt::format("returned {} different devices for a pod that asks for {}",
                                    mask.size(), gpu.count));
  }
  return mask;
}

NodeId checked_choice(const PythonObject& python, const char* method, const ClusterView& view,
                      PodId pod, std::int64_t node) {
  const ClusterState& state = view.state;
  if (node < 0 || node >= static_cast<std::int64_t>(state.node_count())) {
    python.fail(method, fmt::format("returned node {}, but the cluster has nodes 0 to {}{}", node,
                                    static_cast<std::int64_t>(state.node_count()) - 1,
                                    node == -1 ? " (return None to let the pod wait)" : ""));
  }
  const NodeId chosen{static_cast<std::uint32_t>(node)};
  const Unfit unfit = state.unfit(chosen, state.pod(pod));
  if (unfit != Unfit::None) {
    python.fail(
        method,
        fmt::format("returned node {} ({}), which cannot take pod {} ({}): {}. "
                    "view.feasible(pod) says where it fits; return None where nowhere",
                    node, state.node_name(chosen), state.pod(pod).uid,
                    request_text(state.pod(pod), state.pod_template(pod)), to_string(unfit)));
  }
  return chosen;
}

}  // namespace

Placement placement_of(const PythonObject& python, const char* method, const ClusterView& view,
                       PodId pod, const py::object& answer) {
  std::optional<std::int64_t> node = whole(answer);
  const PythonPlacement* placement = nullptr;
  if (!node && py::isinstance<PythonPlacement>(answer)) {
    placement = answer.cast<const PythonPlacement*>();
    node = placement->node;
  } else if (!node && !answer.is_none()) {
    python.fail(method, fmt::format("returned {}: {}", shown(answer), kExpected));
  }
  if (!node) return Placement::wait(reason_to_wait(view, pod));
  const NodeId chosen = checked_choice(python, method, view, pod, *node);
  if (placement == nullptr || !placement->devices) {
    return policies::bind_best_fit(view.state, view.state.pod(pod), chosen);
  }
  return Placement::bind(chosen,
                         checked_devices(python, method, view, pod, chosen, *placement->devices));
}

void bind_placement(py::module_& module) {
  py::class_<PythonPlacement>(
      module, "Placement",
      "A node with the GPU devices to use there. Without devices the core takes those with the "
      "least left that is still enough. Without a node the pod waits.")
      .def(py::init([](std::optional<std::int64_t> node,
                       std::optional<std::vector<std::int64_t>> devices) {
             if (!node && devices) raise("devices are of a node: name the node as well");
             return PythonPlacement{.node = node, .devices = std::move(devices)};
           }),
           py::arg("node") = py::none(), py::arg("devices") = py::none())
      .def_readonly("node", &PythonPlacement::node, "Index of the node; None: wait.")
      .def_readonly("devices", &PythonPlacement::devices,
                    "Numbers of the devices, counted from 0; None: by best fit.")
      .def("__repr__", [](const PythonPlacement& self) {
        if (!self.node) return std::string("Placement()");
        if (!self.devices) return fmt::format("Placement(node={})", *self.node);
        return fmt::format("Placement(node={}, devices={})", *self.node,
                           py::repr(py::cast(*self.devices)).cast<std::string>());
      });
}

}  // namespace orrery::python
