#pragma once

#include <pybind11/pybind11.h>

namespace orrery::python {

namespace py = pybind11;

/// orrery._core.write_trace(): columns become a file in Orrery's trace format.
void bind_trace(py::module_& module);

}  // namespace orrery::python
