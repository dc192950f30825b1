#pragma once

#include <pybind11/pybind11.h>

namespace orrery::python {

namespace py = pybind11;

/// orrery._core.SteppedRun: what orrery.gym is made of.
void bind_stepped_run(py::module_& module);

}  // namespace orrery::python
