#include <string>

#include <pybind11/stl.h>

#include "orrery/python/bindings/cluster_view.hpp"

namespace orrery::python {
namespace {

const char* phase_of(const PythonPod& pod) {
  switch (pod.row.phase) {
    case PodPhase::Pending:
      return "Pending";
    case PodPhase::Running:
      return "Running";
    case PodPhase::Succeeded:
      return "Succeeded";
    case PodPhase::Failed:
      return "Failed";
  }
  return "Unknown";
}

py::dict dict_of(const Labels& labels) {
  py::dict dict;
  for (const auto& [key, value] : labels) dict[py::str(key)] = value;
  return dict;
}

py::object seconds_or_none(Duration span) {
  if (span == Duration::zero()) return py::none();
  return py::float_(seconds(span));
}

std::string shown(const PythonPod& pod) {
  std::string text = "Pod(uid=" + std::to_string(pod.row.uid) +
                     ", cpu=" + std::to_string(pod.row.cpu.count()) +
                     ", memory=" + std::to_string(pod.row.memory.count());
  if (pod.spec->gpu.count > 0) {
    text += ", gpus=" + std::to_string(pod.spec->gpu.count) +
            ", gpu_milli=" + std::to_string(pod.spec->gpu.milli);
  }
  return text + ")";
}

}  // namespace

PythonPod python_pod(const ClusterState& state, PodId id) {
  const Pod& row = state.pod(id);
  return {.id = id, .row = row, .spec = state.resolved(row.pod_template).spec};
}

void bind_pod(py::module_& module) {
  py::class_<PythonPod>(module, "Pod",
                        "A pod with what it asks for, as it was when it was handed out.")
      .def_property_readonly(
          "id", [](const PythonPod& pod) { return pod.id.index(); },
          "Its number in the view; used again after the pod's end.")
      .def_property_readonly(
          "uid", [](const PythonPod& pod) { return pod.row.uid; },
          "Unique in the run, counted from 1.")
      .def_property_readonly(
          "cpu", [](const PythonPod& pod) { return pod.row.cpu.count(); },
          "CPU asked for, in milli-CPU.")
      .def_property_readonly(
          "memory", [](const PythonPod& pod) { return pod.row.memory.count(); },
          "Memory asked for, in bytes.")
      .def_property_readonly(
          "ephemeral_storage",
          [](const PythonPod& pod) { return pod.spec->ephemeral_storage.count(); },
          "Ephemeral storage asked for, in bytes.")
      .def_property_readonly(
          "gpus", [](const PythonPod& pod) { return static_cast<int>(pod.spec->gpu.count); },
          "GPU devices asked for.")
      .def_property_readonly(
          "gpu_milli",
          [](const PythonPod& pod) {
            return pod.spec->gpu.count > 0 ? static_cast<int>(pod.spec->gpu.milli) : 0;
          },
          "Milli-GPU asked for of each device; 0 without GPUs.")
      .def_property_readonly(
          "gpu_models", [](const PythonPod& pod) { return pod.spec->gpu_models; },
          "Admissible GPU models; empty: any.")
      .def_property_readonly(
          "extended", [](const PythonPod& pod) { return pod.spec->extended; },
          "Extended resources asked for, in whole units.")
      .def_property_readonly(
          "priority", [](const PythonPod& pod) { return pod.spec->priority; }, "Higher goes first.")
      .def_property_readonly(
          "owner", [](const PythonPod& pod) { return pod.spec->owner; },
          "The block, job or virtual cluster that it belongs to.")
      .def_property_readonly(
          "labels", [](const PythonPod& pod) { return dict_of(pod.spec->labels); }, "Its labels.")
      .def_property_readonly(
          "node_selector", [](const PythonPod& pod) { return dict_of(pod.spec->node_selector); },
          "Labels that its node must have.")
      .def_property_readonly(
          "created", [](const PythonPod& pod) { return seconds(pod.row.created); },
          "When it was created, in seconds since the start of the run.")
      .def_property_readonly(
          "estimate",
          [](const PythonPod& pod) { return seconds_or_none(pod.row.estimated_duration); },
          "The user's estimate of how long it runs, in seconds; None when unknown.")
      .def_property_readonly(
          "gang",
          [](const PythonPod& pod) -> py::object {
            if (pod.row.gang.is_none()) return py::none();
            return py::int_(pod.row.gang.index());
          },
          "The number of its gang; None for a pod of its own.")
      .def_property_readonly(
          "gang_size", [](const PythonPod& pod) { return pod.row.gang_size; },
          "Pods in its gang; 1 for a pod of its own.")
      .def_property_readonly(
          "node", [](const PythonPod& pod) { return node_index(pod.row.node); },
          "The node that it is on; None while it waits.")
      .def_property_readonly(
          "devices", [](const PythonPod& pod) { return pod.row.devices.bits(); },
          "GPU devices that it holds there: one bit each.")
      .def_property_readonly("phase", phase_of, "Pending, Running, Succeeded or Failed.")
      .def("__repr__", shown);
}

}  // namespace orrery::python
