#pragma once

#include <pybind11/pybind11.h>

namespace orrery::python {

namespace py = pybind11;

/// student_cdf, student_quantile and mser5: what orrery.stats leaves to the core.
void bind_statistics(py::module_& module);

}  // namespace orrery::python
