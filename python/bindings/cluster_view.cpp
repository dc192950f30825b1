#include "orrery/python/bindings/cluster_view.hpp"

#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "orrery/models/column_memory.hpp"
#include "orrery/python/bindings/errors.hpp"
#include "orrery/python/bindings/feasible.hpp"
#include "orrery/python/bindings/features.hpp"

namespace orrery::python {
namespace {

/// How one column of NodeColumns becomes an array. Ids are shown as signed numbers: -1 is none.
struct NodeColumn {
  const char* name;
  const char* doc;
  const char* type;
  std::size_t width;
  const void* (*data)(const NodeColumns& nodes);
};

template <auto Member>
const void* data_of(const NodeColumns& nodes) {
  return (nodes.*Member).data();
}

constexpr std::array<NodeColumn, kNodeColumns> kColumns = {{
    {"cpu_allocatable", "CPU offered to pods, in milli-CPU.", "int64", 1,
     data_of<&NodeColumns::cpu_allocatable>},
    {"cpu_free", "CPU that no pod has reserved, in milli-CPU.", "int64", 1,
     data_of<&NodeColumns::cpu_free>},
    {"memory_allocatable", "Memory offered to pods, in bytes.", "int64", 1,
     data_of<&NodeColumns::memory_allocatable>},
    {"memory_free", "Memory that no pod has reserved, in bytes.", "int64", 1,
     data_of<&NodeColumns::memory_free>},
    {"storage_allocatable", "Ephemeral storage offered to pods, in bytes.", "int64", 1,
     data_of<&NodeColumns::storage_allocatable>},
    {"storage_free", "Ephemeral storage that no pod has reserved, in bytes.", "int64", 1,
     data_of<&NodeColumns::storage_free>},
    {"pods_allocatable", "Pods that the node may hold.", "int32", 1,
     data_of<&NodeColumns::pods_allocatable>},
    {"pods_free", "Pods that the node may still take.", "int32", 1,
     data_of<&NodeColumns::pods_free>},
    {"gpu_count", "GPU devices.", "int32", 1, data_of<&NodeColumns::gpu_count>},
    {"gpu_model", "Index into view.gpu_models; -1 without GPUs.", "int32", 1,
     data_of<&NodeColumns::gpu_model>},
    {"gpu_free", "GPU that no pod has reserved, in milli-GPU over all devices.", "int64", 1,
     data_of<&NodeColumns::gpu_free>},
    {"gpu_devices",
     "Free milli-GPU of each device: one row a node, 16 columns, 0 for devices that "
     "the node does not have.",
     "int16", kGpusPerNodeMax, data_of<&NodeColumns::gpu_devices>},
    {"blocked", "0: may take new pods; else bits: 1 not ready, 2 cordoned, 4 removed.", "uint8", 1,
     data_of<&NodeColumns::blocked>},
    {"is_tainted", "1: the node has taints.", "uint8", 1, data_of<&NodeColumns::is_tainted>},
    {"zone", "Index into view.zones; -1 when the node names none.", "int32", 1,
     data_of<&NodeColumns::zone>},
    {"rack", "Index into view.racks; -1 when the node names none.", "int32", 1,
     data_of<&NodeColumns::rack>},
}};
static_assert(sizeof(GpuModelId) == sizeof(std::int32_t) && sizeof(ZoneId) == sizeof(std::int32_t));
static_assert(sizeof(GpuDevices) == kGpusPerNodeMax * sizeof(std::int16_t));
static_assert(sizeof(MilliCpu) == sizeof(std::int64_t));

py::object extended_column(const PythonNodes& nodes, const std::string& name, bool is_free) {
  const auto& columns = nodes.view->state().nodes().extended;
  const auto found = columns.find(name);
  if (found == columns.end()) {
    std::vector<std::string> names;
    for (const auto& [known, column] : columns) names.push_back(known);
    raise({.at = {},
           .message = "no node offers this extended resource",
           .found = name,
           .hint = names.empty() ? "the cluster has none" : suggest(name, names)});
  }
  const auto& column = is_free ? found->second.free : found->second.allocatable;
  return column_array(py::dtype("int64"), column.data(), column.size());
}

std::vector<std::string> node_names(const PythonNodes& nodes) {
  const ClusterState& state = nodes.view->state();
  std::vector<std::string> names;
  names.reserve(state.node_count());
  for (std::size_t i = 0; i < state.node_count(); ++i) names.push_back(state.node_name(NodeId{i}));
  return names;
}

/// Where the pod fits now, as one byte a node that NumPy takes for booleans.
py::array feasible(const PythonView& view, const PythonPod& pod) {
  const ClusterState& state = view.state();
  py::array_t<bool> fits(static_cast<py::ssize_t>(state.node_count()));
  mark_feasible(state, pod.row,
                {reinterpret_cast<std::uint8_t*>(fits.mutable_data()), state.node_count()});
  return fits;
}

py::array_t<float> node_features(const PythonView& view) {
  const std::size_t nodes = view.state().node_count();
  py::array_t<float> rows({nodes, kNodeFeatures.size()});
  write_node_features(view.state(), {rows.mutable_data(), static_cast<std::size_t>(rows.size())});
  return rows;
}

py::array_t<float> pod_features(const PythonView& view, const PythonPod& pod) {
  py::array_t<float> row(kPodFeatures.size());
  write_pod_features(view.state(), pod.row, {row.mutable_data(), kPodFeatures.size()});
  return row;
}

template <std::size_t N>
py::tuple names_of(const std::array<const char*, N>& names) {
  py::tuple tuple(N);
  for (std::size_t i = 0; i < N; ++i) tuple[i] = names[i];
  return tuple;
}

PythonPod pod_at(const PythonView& view, std::int64_t id) {
  const ClusterState& state = view.state();
  if (id < 0 || !state.pods().contains(PodId{static_cast<std::uint32_t>(id)}) ||
      state.pod(PodId{static_cast<std::uint32_t>(id)}).uid == 0) {
    throw py::index_error("there is no pod " + std::to_string(id));
  }
  return python_pod(state, PodId{static_cast<std::uint32_t>(id)});
}

std::vector<std::int64_t> pods_on(const PythonView& view, std::int64_t node) {
  const ClusterState& state = view.state();
  const NodeId wanted = checked_node(state, node);
  std::vector<std::int64_t> pods;
  for (std::size_t i = 0; i < state.pods().size(); ++i) {
    const Pod& pod = state.pod(PodId{i});
    if (pod.uid != 0 && pod.node == wanted) pods.push_back(static_cast<std::int64_t>(i));
  }
  return pods;
}

void bind_nodes(py::module_& module) {
  py::class_<PythonNodes> nodes(module, "Nodes",
                                "The columns of a cluster's nodes: read-only NumPy arrays over the "
                                "core's own memory, one entry per node.");
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    nodes.def_property_readonly(
        kColumns[i].name, [i](const PythonNodes& self) { return self.view->column(i); },
        kColumns[i].doc);
  }
  nodes.def("__len__", [](const PythonNodes& self) { return self.view->state().node_count(); })
      .def_property_readonly("names", node_names, "The name of each node: a new list.")
      .def_property_readonly(
          "extended",
          [](const PythonNodes& self) {
            std::vector<std::string> names;
            for (const auto& [name, column] : self.view->state().nodes().extended) {
              names.push_back(name);
            }
            return names;
          },
          "Names of the extended resources that some node offers.")
      .def(
          "extended_free",
          [](const PythonNodes& self, const std::string& name) {
            return extended_column(self, name, true);
          },
          py::arg("name"), "Whole units of an extended resource that no pod has reserved.")
      .def(
          "extended_allocatable",
          [](const PythonNodes& self, const std::string& name) {
            return extended_column(self, name, false);
          },
          py::arg("name"), "Whole units of an extended resource offered to pods.")
      .def(
          "labels",
          [](const PythonNodes& self, std::int64_t node) {
            const ClusterState& state = self.view->state();
            py::dict labels;
            for (const auto& [key, value] : state.nodes().info[checked_node(state, node)]->labels) {
              labels[py::str(key)] = value;
            }
            return labels;
          },
          py::arg("node"), "The labels of a node: a new dict.");
}

}  // namespace

const ClusterState& PythonView::state() const {
  if (state_ == nullptr) {
    raise(
        "this view was valid only during the call that it was handed to: copy what you keep "
        "(array.copy())");
  }
  return *state_;
}

Time PythonView::now() const {
  static_cast<void>(state());
  return now_;
}

py::object PythonView::column(std::size_t index) {
  const NodeColumns& nodes = state().nodes();
  const NodeColumn& column = kColumns[index];
  Shown& shown = shown_[index];
  const void* const data = column.data(nodes);
  if (!shown.array || shown.data != data || shown.size != nodes.size()) {
    shown = {.data = data,
             .size = nodes.size(),
             .array = column_array(py::dtype(column.type), data, nodes.size(), column.width)};
  }
  return shown.array;
}

NodeId checked_node(const ClusterState& state, std::int64_t node) {
  if (node < 0 || node >= static_cast<std::int64_t>(state.node_count())) {
    throw py::index_error("there is no node " + std::to_string(node) + ": the cluster has " +
                          std::to_string(state.node_count()) + ", counted from 0");
  }
  return NodeId{static_cast<std::uint32_t>(node)};
}

py::object node_index(NodeId node) {
  if (node.is_none()) return py::none();
  return py::int_(node.index());
}

py::object column_array(const py::dtype& type, const void* data, std::size_t rows,
                        std::size_t width) {
  std::vector<py::ssize_t> shape = {static_cast<py::ssize_t>(rows)};
  if (width > 1) shape.push_back(static_cast<py::ssize_t>(width));
  if (data == nullptr) return py::array(type, shape);  // no nodes yet: nothing to view
  ColumnMemory::retain(data);
  const py::capsule owner(data, [](void* memory) { ColumnMemory::release(memory); });
  py::array array(type, shape, data, owner);
  array.attr("flags").attr("writeable") = false;
  return array;
}

void bind_cluster_view(py::module_& module) {
  bind_nodes(module);
  py::class_<PythonView, std::shared_ptr<PythonView>>(
      module, "ClusterView",
      "What a policy may read: the API server's state as the scheduler has heard it, its own "
      "reservations included. Valid during the call.")
      .def_property_readonly(
          "now", [](const PythonView& self) { return seconds(self.now()); },
          "Virtual or wall-clock time, in seconds since the start of the run.")
      .def_property_readonly(
          "now_ns", [](const PythonView& self) { return self.now().time_since_epoch().count(); },
          "The same, exactly, in nanoseconds.")
      .def_property_readonly(
          "nodes",
          [](std::shared_ptr<PythonView> self) {
            static_cast<void>(self->state());
            return PythonNodes{std::move(self)};
          },
          "The columns of the nodes.")
      .def_property_readonly(
          "node_count", [](const PythonView& self) { return self.state().node_count(); },
          "How many nodes there are.")
      .def_property_readonly(
          "gpu_models", [](const PythonView& self) { return self.state().gpu_models(); },
          "Names that nodes.gpu_model counts.")
      .def_property_readonly(
          "zones", [](const PythonView& self) { return self.state().zones(); },
          "Names that nodes.zone counts.")
      .def_property_readonly(
          "racks", [](const PythonView& self) { return self.state().racks(); },
          "Names that nodes.rack counts.")
      .def("feasible", feasible, py::arg("pod"),
           "Where the pod fits now: a new boolean array, one entry per node. Checks everything: "
           "room, devices, selectors, affinity, taints, nodes that take no pods.")
      .def(
          "unfit",
          [](const PythonView& self, std::int64_t node, const PythonPod& pod) -> py::object {
            const Unfit reason = self.state().unfit(checked_node(self.state(), node), pod.row);
            if (reason == Unfit::None) return py::none();
            return py::str(std::string(to_string(reason)));
          },
          py::arg("node"), py::arg("pod"),
          "The first reason why the pod cannot go to the node now, or None when it fits.")
      .def("node_features", node_features,
           "What a learner may see of the nodes: a new float32 array, one row a node, columns "
           "NODE_FEATURES. Numbers from 0 to 1: amounts are shares of the most that any node "
           "offers.")
      .def("pod_features", pod_features, py::arg("pod"),
           "The same of a pod's request: POD_FEATURES.")
      .def("pod", pod_at, py::arg("id"), "The pod with this id. Raises IndexError.")
      .def("pods_on", pods_on, py::arg("node"), "Ids of the pods on a node. O(pods).");
  module.attr("NODE_FEATURES") = names_of(kNodeFeatures);
  module.attr("POD_FEATURES") = names_of(kPodFeatures);
}

}  // namespace orrery::python
