#include <pybind11/pybind11.h>

#include "orrery/python/bindings/cluster_view.hpp"
#include "orrery/python/bindings/errors.hpp"
#include "orrery/python/bindings/experiment_binding.hpp"
#include "orrery/python/bindings/placement_answer.hpp"
#include "orrery/python/bindings/results_binding.hpp"
#include "orrery/python/bindings/state_change_binding.hpp"
#include "orrery/python/bindings/statistics_binding.hpp"
#include "orrery/python/bindings/stepped_run_binding.hpp"
#include "orrery/python/bindings/trace_binding.hpp"

PYBIND11_MODULE(_core, module) {
  module.doc() = "Orrery's C++ core. Use it through the package orrery.";
  orrery::python::bind_errors(module);
  orrery::python::bind_pod(module);
  orrery::python::bind_cluster_view(module);
  orrery::python::bind_state_change(module);
  orrery::python::bind_placement(module);
  orrery::python::bind_table(module);
  orrery::python::bind_experiment(module);
  orrery::python::bind_stepped_run(module);
  orrery::python::bind_results(module);
  orrery::python::bind_statistics(module);
  orrery::python::bind_trace(module);
}
