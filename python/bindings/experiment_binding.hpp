#pragma once

#include <memory>

#include <pybind11/pybind11.h>

#include "orrery/experiments/experiment/experiment.hpp"

namespace orrery::python {

namespace py = pybind11;

/// orrery._core.Experiment: a document, read and checked, and run().
void bind_experiment(py::module_& module);

}  // namespace orrery::python
