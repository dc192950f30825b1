#pragma once

#include <pybind11/pybind11.h>

namespace orrery::python {

namespace py = pybind11;

/// orrery._core.Table, and the functions that fill tables from a results file.
void bind_table(py::module_& module);
void bind_results(py::module_& module);

}  // namespace orrery::python
