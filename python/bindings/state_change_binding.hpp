#pragma once

#include <pybind11/pybind11.h>

#include "orrery/models/state_change.hpp"
#include "orrery/python/bindings/cluster_view.hpp"

/// A variant as an object of its own, not as whichever alternative it holds.
PYBIND11_MAKE_OPAQUE(orrery::StateChange)

namespace orrery::python {

void bind_state_change(py::module_& module);

}  // namespace orrery::python
