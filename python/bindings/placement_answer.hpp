#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/python/bindings/python_policy.hpp"

namespace orrery::python {

/// What a policy in Python answers when it wants more than a node, or says why the pod waits.
struct PythonPlacement {
  std::optional<std::int64_t> node;
  std::optional<std::vector<std::int64_t>> devices;  ///< none: by best fit
};

/// Checks the answer of `method` about `pod`: a node index, a Placement, or None. Anything else, a
/// node that does not exist or on which the pod does not fit, ends the run with a message that says
/// so. With the GIL.
[[nodiscard]] policies::Placement placement_of(const PythonObject& python, const char* method,
                                               const policies::ClusterView& view, PodId pod,
                                               const py::object& answer);

void bind_placement(py::module_& module);

}  // namespace orrery::python
